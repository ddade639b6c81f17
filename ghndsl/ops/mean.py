"""Reduction: a tensor goes in; the mean over some or all of its dimensions comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import axis, floats
from ghndsl.ops.lowering import reduce_mean
from ghndsl.records import record
from ghndsl.types import TensorType


@record
class Mean(Operator):
    """The mean over `dim`, or over everything; `keepdim` leaves a size of 1 where it went."""

    name: ClassVar[str] = "mean"
    torch_name: ClassVar[str] = "torch.mean"

    dim: int | tuple[int, ...] | None = None
    keepdim: bool = False

    def __post_init__(self) -> None:
        if self.dim == ():
            raise ValueError("`dim` of `mean` names no dimension; leave it out to take them all")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        gone = self._axes(x.rank)
        if len(set(gone)) < len(gone):
            raise ShapeError(f"`dim` {self.dim} of `mean` names a dimension twice")
        if self.keepdim:
            return (x.with_shape(*(1 if i in gone else size for i, size in enumerate(x.shape))),)
        return (x.with_shape(*(size for i, size in enumerate(x.shape) if i not in gone)),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].mean(self.dim, keepdim=self.keepdim),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if not x.type.shape:
            return (x.name,)
        return (reduce_mean(context, x.name, self._axes(x.type.rank), keepdims=self.keepdim),)

    def _axes(self, rank: int) -> tuple[int, ...]:
        if self.dim is None:
            return tuple(range(rank))
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        return tuple(axis(self, dim, rank) for dim in dims)
