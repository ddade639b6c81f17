"""Convolution: channels over one to three dimensions go in; weighted sums over sliding windows come out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from ghndsl.ops.base import (
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    Role,
    ShapeError,
    Size,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least, divided, known, per_dimension, spatial
from ghndsl.ops.lowering import onnx_pads, wrapped
from ghndsl.ops.python import SourceContext
from ghndsl.ops.window import Window, same_padding, sliding
from ghndsl.records import record
from ghndsl.types import Dim, Shape, TensorType, product

if TYPE_CHECKING:
    import torch
    from torch import nn

Pads = tuple[tuple[int, int], ...]


@record
class Conv(Operator):
    """Cross-correlation of `[N, C, ...]` with `out_channels` kernels, 1d, 2d or 3d by the rank of its input.

    As `nn.Conv1d` to `nn.Conv3d`, and beyond them `padding="same"` with a stride: the output is ceil(size / stride)
    and the odd padding comes at the end.
    """

    name: ClassVar[str] = "conv"
    from_input: ClassVar[str | None] = "in_channels"
    torch_name: ClassVar[str] = "nn.Conv{rank}d"

    out_channels: int
    kernel_size: Size
    stride: Size = 1
    padding: Size | Literal["same", "valid"] = 0
    dilation: Size = 1
    groups: int = 1
    bias: bool = True
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros"

    def __post_init__(self) -> None:
        at_least(self, 1, "out_channels", "kernel_size", "stride", "dilation", "groups")
        at_least(self, 0, "padding")
        if self.out_channels % self.groups:
            raise ValueError(f"`groups` {self.groups} does not divide `out_channels` {self.out_channels}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        sizes = spatial(self, x)
        divided(self, x.shape[1], "groups")
        windows = self._windows(sizes)
        self._check_padding_mode(sizes, windows)
        places = (window.places(self, size) for window, size in zip(windows, sizes, strict=True))
        return (x.with_shape(x.shape[0], self.out_channels, *places),)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x,) = types
        kernel = per_dimension(self, "kernel_size", self.kernel_size, x.rank - 2)
        inputs, fan_in = known(self, x.shape[1], "channels") // self.groups, self._fan_in(x)
        weight = Weight("weight", (self.out_channels, inputs, *kernel), Role.KERNEL, fan_in, x.dtype)
        return (weight, Weight("bias", (self.out_channels,), Role.BIAS, fan_in, x.dtype)) if self.bias else (weight,)

    def macs(self, *types: TensorType) -> Dim:
        return product((*self.infer(*types)[0].shape, self._fan_in(types[0])))

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[x.dim() - 3]
        padding = self.padding
        if padding == "same" or self.padding_mode != "zeros":
            windows = self._windows(x.shape[2:])
            padding = tuple(window.before for window in windows)
            if self.padding_mode != "zeros" or _is_uneven(windows):
                pads = [pad for window in reversed(windows) for pad in (window.before, window.after)]
                x = functional.pad(x, pads, "constant" if self.padding_mode == "zeros" else self.padding_mode)
                padding = 0
        x, kernel = self._laid_out(x), weights["weight"]
        if self._writes_beyond(x) and kernel.stride() != (kernel.shape[1], 1, 1, 1):
            import torch

            kernel = kernel.clone(memory_format=torch.contiguous_format)
        return (convolve(x, kernel, weights.get("bias"), self.stride, padding, self.dilation, self.groups),)

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        return (module(self._laid_out(inputs[0])),)

    def torch_class(self, *types: TensorType) -> str | None:
        # torch has no class that pads one side more than the other under a stride.
        uneven = self._is_strided_same and _is_uneven(self._windows(types[0].shape[2:]))
        return None if uneven else super().torch_class(*types)

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        arguments = {"in_channels": types[0].shape[1], **self.attributes}
        if self._is_strided_same:
            arguments["padding"] = tuple(window.before for window in self._windows(types[0].shape[2:]))
        return arguments

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        (x,) = types
        windows = self._windows(x.shape[2:])
        pads = code.values("padding", [pad for window in reversed(windows) for pad in (window.before, window.after)])
        mode = code.argument("mode", "constant" if self.padding_mode == "zeros" else self.padding_mode, "constant")
        bias = f", {code.weight('bias')}" if self.bias else ""
        options = code.arguments(self, {name: self.attributes[name] for name in ("stride", "dilation", "groups")})
        padded = f"F.pad({inputs[0]}, ({pads}){mode})"
        return f"F.conv{x.rank - 2}d({padded}, {code.weight('weight')}{bias}{options})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        windows = self._windows(x.type.shape[2:])
        pads: Pads = tuple((window.before, window.after) for window in windows)
        name = x.name
        if self.padding_mode != "zeros":
            name = self._onnx_padded(context, name, pads)
            pads = ((0, 0),) * len(pads)
        result = context.node(
            "Conv",
            name,
            *weights.values(),
            kernel_shape=[window.kernel for window in windows],
            strides=[window.stride for window in windows],
            dilations=[window.dilation for window in windows],
            pads=onnx_pads(pads),
            group=self.groups,
        )
        return (result,)

    def _laid_out(self, x: torch.Tensor) -> torch.Tensor:
        """The input in a layout that torch can take."""
        if self._writes_beyond(x) and x.stride(1) == 1:
            import torch

            return x.clone(memory_format=torch.contiguous_format)
        return x

    def _writes_beyond(self, x: torch.Tensor) -> bool:
        """Whether the layout matters: on the CPU the gradient of a 1x1 convolution that skips places writes beyond its
        memory when its few channels are last in memory, in the input or in the kernel (torch 2.14)."""
        return x.dim() == 4 and x.shape[1] < 8 and _ones(self.kernel_size) and not _ones(self.stride)

    @property
    def _is_strided_same(self) -> bool:
        strides = self.stride if isinstance(self.stride, tuple) else (self.stride,)
        return self.padding == "same" and any(stride > 1 for stride in strides)

    def _fan_in(self, x: TensorType) -> int:
        kernel = per_dimension(self, "kernel_size", self.kernel_size, x.rank - 2)
        return known(self, x.shape[1], "channels") // self.groups * math.prod(kernel)

    def _windows(self, sizes: Shape) -> list[Window]:
        """The window along each spatial dimension, its padding settled."""
        if self.padding == "same":
            return [
                window._replace(before=before, after=after)
                for window, size in zip(self._sliding(len(sizes), 0), sizes, strict=True)
                for before, after in [same_padding(self, window, size)]
            ]
        return self._sliding(len(sizes), 0 if isinstance(self.padding, str) else self.padding)

    def _sliding(self, count: int, padding: Size) -> list[Window]:
        return sliding(self, count, self.kernel_size, self.stride, self.dilation, padding)

    def _check_padding_mode(self, sizes: Shape, windows: Sequence[Window]) -> None:
        """Reflection needs an input larger than the padding, wrapping around one as large."""
        least = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        if least is None:
            return
        for size, window in zip(sizes, windows, strict=True):
            pad = max(window.before, window.after)
            if isinstance(size, int) and size < pad + least:
                raise ShapeError(
                    f"`{self.name}` cannot pad an input of size {size} by {pad} in mode {self.padding_mode}"
                )

    def _onnx_padded(self, context: OnnxContext, x: str, pads: Pads) -> str:
        if self.padding_mode == "circular":
            return wrapped(context, x, pads)
        mode = {"reflect": "reflect", "replicate": "edge"}[self.padding_mode]
        return context.node("Pad", x, context.ints(*onnx_pads([(0, 0), (0, 0), *pads])), mode=mode)


def _ones(size: Size) -> bool:
    return set(size if isinstance(size, tuple) else (size,)) == {1}


def _is_uneven(windows: Sequence[Window]) -> bool:
    return any(window.before != window.after for window in windows)
