"""Pooling: channels over one to three dimensions go in; the largest or mean element of each window comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from ghndsl.ops.base import (
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    ShapeError,
    Size,
    Tensors,
)
from ghndsl.ops.checks import at_least, spatial
from ghndsl.ops.lowering import ending_pads, filled, onnx_pads, padded
from ghndsl.ops.window import Window, sliding
from ghndsl.records import record
from ghndsl.types import Dim, TensorType


@record
class _Pool(Operator):
    """A window that slides; without a stride it moves by its own size."""

    kernel_size: Size
    stride: Size | None = None
    padding: Size = 0

    def __post_init__(self) -> None:
        at_least(self, 1, "kernel_size", "stride")
        at_least(self, 0, "padding")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        sizes = spatial(self, x)
        places: list[Dim] = []
        for window, size in zip(self._windows(len(sizes)), sizes, strict=True):
            if window.before > window.kernel // 2:
                raise ShapeError(
                    f"`padding` {window.before} of `{self.name}` is more than half of its kernel {window.kernel}"
                )
            places.append(window.places(self, size))
        return (x.with_shape(*x.shape[:2], *places),)

    def _windows(self, count: int) -> list[Window]:
        raise NotImplementedError

    def _sliding(self, count: int, dilation: Size, *, ceil: bool) -> list[Window]:
        stride = self.kernel_size if self.stride is None else self.stride
        return sliding(self, count, self.kernel_size, stride, dilation, self.padding, ceil=ceil)

    def _onnx_pads(self, x: TensorType) -> tuple[tuple[int, int], ...]:
        """The padding that gives the same windows without `ceil_mode`, on which runtimes disagree."""
        return ending_pads(self._windows(x.rank - 2), x.shape[2:], self.infer(x)[0].shape[2:])


@record
class MaxPool(_Pool):
    """The largest element of each window; padding never wins."""

    name: ClassVar[str] = "max_pool"
    torch_name: ClassVar[str] = "nn.MaxPool{rank}d"

    dilation: Size = 1
    # In torch `return_indices` stands before it, so its place is not given away here.
    ceil_mode: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(self, 1, "dilation")

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        pool = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)[x.dim() - 3]
        return (pool(x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        windows, pads, name = self._windows(x.type.rank - 2), self._onnx_pads(x.type), x.name
        sizes = zip(windows, x.type.shape[2:], self.infer(x.type)[0].shape[2:], strict=True)
        if any(window.misses(size, places) for window, size, places in sizes):
            raise ShapeError("`max_pool` has a window that sees nothing but padding, where runtimes differ from torch")
        # Runtimes take padding only below the kernel's size, and a dilated window may need more.
        if any(max(pad) >= window.kernel for pad, window in zip(pads, windows, strict=True)):
            name = padded(context, name, pads, filled(context, -math.inf, x.type.dtype))
            pads = ((0, 0),) * len(pads)
        result = context.node(
            "MaxPool",
            name,
            kernel_shape=[window.kernel for window in windows],
            strides=[window.stride for window in windows],
            dilations=[window.dilation for window in windows],
            pads=onnx_pads(pads),
        )
        return (result,)

    def _windows(self, count: int) -> list[Window]:
        return self._sliding(count, self.dilation, ceil=self.ceil_mode)


@record
class AvgPool(_Pool):
    """The sum of each window over `divisor_override`, or over its number of elements, padding counted or not."""

    name: ClassVar[str] = "avg_pool"
    torch_name: ClassVar[str] = "nn.AvgPool{rank}d"

    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(self, 1, "divisor_override")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        result = super().infer(*types)
        (x,) = types
        if self.divisor_override is not None and x.rank == 3:
            raise ShapeError("`avg_pool` over one dimension takes no `divisor_override`")
        for window, size in zip(self._windows(x.rank - 2), x.shape[2:], strict=True):
            if x.rank == 5 and isinstance(size, int) and size < window.kernel:
                raise ShapeError(
                    f"`avg_pool` over three dimensions with kernel {window.kernel} cannot take size {size}"
                )
        return result

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        sizes = (self.kernel_size, self.kernel_size if self.stride is None else self.stride, self.padding)
        if x.dim() == 3:
            return (functional.avg_pool1d(x, *sizes, self.ceil_mode, self.count_include_pad),)
        pool = functional.avg_pool2d if x.dim() == 4 else functional.avg_pool3d
        return (pool(x, *sizes, self.ceil_mode, self.count_include_pad, self.divisor_override),)

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        arguments = super().torch_arguments(*types)
        if types[0].rank == 3:
            del arguments["divisor_override"]
        return arguments

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        windows, pads = self._windows(x.type.rank - 2), self._onnx_pads(x.type)
        if self.divisor_override is not None:
            mean = self._average(context, x.name, windows, pads, include=True)
            factor = math.prod(window.kernel for window in windows) / self.divisor_override
            return (context.node("Mul", mean, filled(context, factor, x.type.dtype)),)
        own = tuple((window.before, window.after) for window in windows)
        if not self.count_include_pad or all(pad[1] <= limit[1] for pad, limit in zip(pads, own, strict=True)):
            return (self._average(context, x.name, windows, pads, include=self.count_include_pad),)
        # Padding counts, but not what a last window covers beyond it: pad first, and count what is there.
        name = padded(context, x.name, own, filled(context, 0.0, x.type.dtype))
        beyond = tuple((0, max(0, pad[1] - limit[1])) for pad, limit in zip(pads, own, strict=True))
        return (self._average(context, name, windows, beyond, include=False),)

    def _average(
        self,
        context: OnnxContext,
        x: str,
        windows: Sequence[Window],
        pads: Sequence[tuple[int, int]],
        *,
        include: bool,
    ) -> str:
        return context.node(
            "AveragePool",
            x,
            kernel_shape=[window.kernel for window in windows],
            strides=[window.stride for window in windows],
            pads=onnx_pads(pads),
            count_include_pad=int(include),
        )

    def _windows(self, count: int) -> list[Window]:
        return self._sliding(count, 1, ceil=self.ceil_mode)
