"""Transposed convolution: channels over one to three dimensions go in; the kernels laid at their places come out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ghndsl.ops.base import (
    Draw,
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
from ghndsl.records import record
from ghndsl.types import Dim, TensorType, product, show_shape

if TYPE_CHECKING:
    import torch
    from torch import nn


class _Axis(NamedTuple):
    """The attributes along one dimension."""

    kernel: int
    stride: int
    padding: int
    more: int
    dilation: int

    @property
    def end_padding(self) -> int:
        """What is taken off the far end, where runtimes take no `output_padding` that is not below the stride."""
        return self.padding if self.more < self.stride else self.padding - self.more

    def result(self, size: Dim) -> Dim:
        return (size - 1) * self.stride + (self.dilation * (self.kernel - 1) + self.more + 1 - 2 * self.padding)


@record
class ConvTranspose(Operator):
    """The gradient of a convolution with respect to its input, 1d, 2d or 3d by the rank: it widens by its stride.

    `padding` is taken off both ends of the result, and `output_padding` is added to its far end.
    """

    name: ClassVar[str] = "conv_transpose"
    from_input: ClassVar[str | None] = "in_channels"
    torch_name: ClassVar[str] = "nn.ConvTranspose{rank}d"

    out_channels: int
    kernel_size: Size
    stride: Size = 1
    padding: Size = 0
    output_padding: Size = 0
    groups: int = 1
    bias: bool = True
    dilation: Size = 1

    def __post_init__(self) -> None:
        at_least(self, 1, "out_channels", "kernel_size", "stride", "groups", "dilation")
        at_least(self, 0, "padding", "output_padding")
        if self.out_channels % self.groups:
            raise ValueError(f"`groups` {self.groups} does not divide `out_channels` {self.out_channels}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        sizes = spatial(self, x)
        divided(self, x.shape[1], "groups")
        places: list[Dim] = []
        for axis, size in zip(self._axes(len(sizes)), sizes, strict=True):
            if axis.more >= max(axis.stride, axis.dilation):
                raise ShapeError(f"`output_padding` {axis.more} is not below the stride or the dilation")
            places.append(axis.result(size))
            if isinstance(places[-1], int) and places[-1] < 1:
                raise ShapeError(
                    f"`conv_transpose` with padding {axis.padding} leaves nothing of an input of size {size}"
                )
        return (x.with_shape(x.shape[0], self.out_channels, *places),)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x,) = types
        axes = self._axes(x.rank - 2)
        kernel = tuple(axis.kernel for axis in axes)
        inputs, outputs = known(self, x.shape[1], "channels"), self.out_channels // self.groups
        # torch counts the other side of the kernel as its inputs, and draws by that.
        draw = Draw("uniform", (outputs * math.prod(kernel)) ** -0.5)
        fan_in = max(1, inputs // self.groups * math.prod(kernel) // math.prod(axis.stride for axis in axes))
        weight = Weight("weight", (inputs, outputs, *kernel), Role.KERNEL, fan_in, x.dtype, draw)
        bias = Weight("bias", (self.out_channels,), Role.BIAS, fan_in, x.dtype, draw)
        return (weight, bias) if self.bias else (weight,)

    def macs(self, *types: TensorType) -> Dim:
        (x,) = types
        return product((*x.shape, self.out_channels // self.groups, *(axis.kernel for axis in self._axes(x.rank - 2))))

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        convolve = (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d)[x.dim() - 3]
        places = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return self._left(x, convolve(x, weights["weight"], weights.get("bias"), *places))

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        return self._left(inputs[0], module(*inputs))

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        return {"in_channels": types[0].shape[1], **self.attributes}

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        axes = self._axes(x.type.rank - 2)
        if any(axis.end_padding < 0 for axis in axes):
            message = "`conv_transpose` with an `output_padding` above its padding, and not below its stride"
            raise ShapeError(f"{message}, has no exact form in ONNX")
        result = context.node(
            "ConvTranspose",
            x.name,
            *weights.values(),
            kernel_shape=[axis.kernel for axis in axes],
            strides=[axis.stride for axis in axes],
            pads=[*(axis.padding for axis in axes), *(axis.end_padding for axis in axes)],
            output_padding=[axis.more if axis.more < axis.stride else 0 for axis in axes],
            dilations=[axis.dilation for axis in axes],
            group=self.groups,
        )
        return (result,)

    def _left(self, x: torch.Tensor, y: torch.Tensor) -> Results:
        """The result; raises ValueError when nothing is left, which torch tells for some inputs only."""
        if 0 in y.shape and 0 not in x.shape:
            shape = show_shape(tuple(x.shape))
            raise ValueError(f"`{self.name}` with padding {self.padding} leaves nothing of an input of shape {shape}")
        return (y,)

    def _axes(self, count: int) -> list[_Axis]:
        names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
        numbers = (per_dimension(self, name, getattr(self, name), count) for name in names)
        return [_Axis(*row) for row in zip(*numbers, strict=True)]
