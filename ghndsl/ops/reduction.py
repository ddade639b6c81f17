"""Reductions: a tensor goes in; one number for all that lies along some or all of its dimensions comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, Tensors
from ghndsl.ops.checks import axes, floats
from ghndsl.ops.lowering import reduced
from ghndsl.records import record
from ghndsl.types import TensorType

if TYPE_CHECKING:
    from ghndsl.ops.python import SourceContext


@record
class _Reduction(Operator):
    """A reduction over `dim`, or over everything; `onnx_type` is its ONNX operator."""

    onnx_type: ClassVar[str] = ""

    dim: int | tuple[int, ...] | None = None
    keepdim: bool = False

    def __post_init__(self) -> None:
        if self.dim == ():
            raise ValueError(f"`dim` of `{self.name}` names no dimension; leave it out to take them all")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        gone = axes(self, self.dim, x.rank)
        if self.keepdim:
            return (x.with_shape(*(1 if i in gone else size for i, size in enumerate(x.shape))),)
        return (x.with_shape(*(size for i, size in enumerate(x.shape) if i not in gone)),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        # torch keeps no dimensions where it is told none.
        dim = axes(self, None, types[0].rank) if self.keepdim and self.dim is None else self.dim
        return f"{self.torch_name}({inputs[0]}{code.arguments(self, {'dim': dim, 'keepdim': self.keepdim})})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if not x.type.shape:
            return (x.name,)
        gone = axes(self, self.dim, x.type.rank)
        return (reduced(context, self.onnx_type, x.name, gone, keepdims=self.keepdim),)


@record
class Mean(_Reduction):
    """The mean over `dim`, or over everything; `keepdim` leaves a size of 1 where it went."""

    name: ClassVar[str] = "mean"
    torch_name: ClassVar[str] = "torch.mean"
    onnx_type: ClassVar[str] = "ReduceMean"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].mean(self.dim, keepdim=self.keepdim),)


@record
class Sum(_Reduction):
    """The sum over `dim`, or over everything; `keepdim` leaves a size of 1 where it went.

    Several tensors are summed by `add`.
    """

    name: ClassVar[str] = "sum"
    torch_name: ClassVar[str] = "torch.sum"
    onnx_type: ClassVar[str] = "ReduceSum"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].sum(self.dim, keepdim=self.keepdim),)


@record
class Max(_Reduction):
    """The largest number over `dim`, or over everything; `keepdim` leaves a size of 1 where it went.

    It gives the values alone, as `torch.amax`, not where they are.
    """

    name: ClassVar[str] = "max"
    torch_name: ClassVar[str] = "torch.amax"
    onnx_type: ClassVar[str] = "ReduceMax"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].amax(axes(self, self.dim, inputs[0].dim()), keepdim=self.keepdim),)


@record
class Min(_Reduction):
    """The least number over `dim`, or over everything; `keepdim` leaves a size of 1 where it went.

    It gives the values alone, as `torch.amin`, not where they are.
    """

    name: ClassVar[str] = "min"
    torch_name: ClassVar[str] = "torch.amin"
    onnx_type: ClassVar[str] = "ReduceMin"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].amin(axes(self, self.dim, inputs[0].dim()), keepdim=self.keepdim),)
