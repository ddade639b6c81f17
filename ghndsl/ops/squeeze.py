"""Dimensions of size 1: a tensor goes in; the same elements with fewer or more such dimensions come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import axes, axis
from ghndsl.records import record
from ghndsl.types import TensorType


@record
class Squeeze(Operator):
    """x without the dimensions `dim`, which must have the size 1."""

    name: ClassVar[str] = "squeeze"
    torch_name: ClassVar[str] = "torch.squeeze"

    dim: int | tuple[int, ...]

    def __post_init__(self) -> None:
        if self.dim == ():
            raise ValueError("`dim` of `squeeze` names no dimension")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        gone = axes(self, self.dim, x.rank)
        for dim in gone:
            # torch leaves a larger dimension where it is, and so has one rank or another for a size that is a name.
            if x.shape[dim] != 1:
                raise ShapeError(f"`squeeze` takes out dimensions of size 1, and that of {dim} is {x.shape[dim]}")
        return (x.with_shape(*(size for i, size in enumerate(x.shape) if i not in gone)),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].squeeze(self.dim),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        return (context.node("Squeeze", x.name, context.ints(*axes(self, self.dim, x.type.rank))),)


@record
class Unsqueeze(Operator):
    """x with a dimension of size 1 more, which stands at `dim` in the result."""

    name: ClassVar[str] = "unsqueeze"
    torch_name: ClassVar[str] = "torch.unsqueeze"

    dim: int

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        dim = axis(self, self.dim, x.rank + 1)
        return (x.with_shape(*x.shape[:dim], 1, *x.shape[dim:]),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].unsqueeze(self.dim),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        return (context.node("Unsqueeze", x.name, context.ints(axis(self, self.dim, x.type.rank + 1))),)
