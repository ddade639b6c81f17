"""Operators that move no number: a tensor goes in; the same elements in another shape or order come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import axis
from ghndsl.ops.lowering import reshaped
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, TensorType, is_empty, product, show_shape


@record
class Flatten(Operator):
    """The dimensions from `start_dim` to `end_dim` joined into one."""

    name: ClassVar[str] = "flatten"
    torch_name: ClassVar[str] = "nn.Flatten"

    start_dim: int = 1
    end_dim: int = -1

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        start, end = axis(self, self.start_dim, x.rank, "start_dim"), axis(self, self.end_dim, x.rank, "end_dim")
        if start > end:
            raise ShapeError(f"`flatten` from {self.start_dim} to {self.end_dim} is empty in rank {x.rank}")
        return (x.with_shape(*x.shape[:start], product(x.shape[start : end + 1]), *x.shape[end + 1 :]),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].flatten(self.start_dim, self.end_dim),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        start, end = (
            code.value("start_dim", self.start_dim),
            code.argument("end_dim", self.end_dim, -1, positional=True),
        )
        return f"{inputs[0]}.flatten({start}{end})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        (result,) = self.infer(x.type)
        if result.rank == 2 and axis(self, self.start_dim, x.type.rank) == 1:
            return (context.node("Flatten", x.name, axis=1),)
        return (reshaped(context, x, result.shape),)


@record
class Reshape(Operator):
    """The same elements in the order of their last dimensions, in another shape; one size may be -1: what remains."""

    name: ClassVar[str] = "reshape"
    torch_name: ClassVar[str] = "torch.reshape"
    rest: ClassVar[str | None] = "shape"

    shape: tuple[Dim, ...]

    def __post_init__(self) -> None:
        for size in self.shape:
            if is_empty(size) and size != -1:
                raise ValueError(f"a size in `reshape` must be at least 1, or -1 once, not {size}")
        if self.shape.count(-1) > 1:
            raise ValueError("only one size in `reshape` may be -1")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        stated = product(size for size in self.shape if size != -1)
        remaining = x.numel // stated if -1 in self.shape else 1
        if remaining * stated != x.numel:
            raise ShapeError(
                f"`reshape` cannot give {show_shape(self.shape)} to the {x.numel} elements of {show_shape(x.shape)}"
            )
        return (x.with_shape(*(remaining if size == -1 else size for size in self.shape)),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].reshape([mode.size(size) for size in self.shape]),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]}.reshape({code.values('shape', self.shape) or '()'})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        return (reshaped(context, x, self.infer(x.type)[0].shape),)


@record
class Permute(Operator):
    """The dimensions in another order: result dimension i is dimension `dims[i]` of the input."""

    name: ClassVar[str] = "permute"
    torch_name: ClassVar[str] = "torch.permute"
    rest: ClassVar[str | None] = "dims"

    dims: tuple[int, ...]

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        order = [axis(self, dim, x.rank, "dims") for dim in self.dims]
        if sorted(order) != list(range(x.rank)):
            raise ShapeError(f"`permute` must name each dimension of {show_shape(x.shape)} once, not {self.dims}")
        return (x.with_shape(*(x.shape[dim] for dim in order)),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].permute(self.dims),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]}.permute({code.values('dims', self.dims) or '()'})"

    def source_module(self, code: SourceContext, *types: TensorType) -> str | None:
        return f"{code.helper('Permute')}({code.values('dims', self.dims)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if not self.dims:
            return (x.name,)
        return (context.node("Transpose", x.name, perm=[axis(self, dim, x.type.rank) for dim in self.dims]),)


@record
class Transpose(Operator):
    """Two dimensions exchanged."""

    name: ClassVar[str] = "transpose"
    torch_name: ClassVar[str] = "torch.transpose"

    dim0: int
    dim1: int

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        return (x.with_shape(*(x.shape[dim] for dim in self._order(x.rank))),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].transpose(self.dim0, self.dim1),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]}.transpose({code.values('dim', (self.dim0, self.dim1))})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        return (context.node("Transpose", x.name, perm=self._order(x.type.rank)),)

    def _order(self, rank: int) -> list[int]:
        first, second = axis(self, self.dim0, rank, "dim0"), axis(self, self.dim1, rank, "dim1")
        order = list(range(rank))
        order[first], order[second] = second, first
        return order


@record
class Expand(Operator):
    """Dimensions of size 1 repeated to the sizes given; -1 keeps one as it is, and new ones may stand before."""

    name: ClassVar[str] = "expand"
    torch_name: ClassVar[str] = "torch.Tensor.expand"
    rest: ClassVar[str | None] = "size"

    size: tuple[Dim, ...]

    def __post_init__(self) -> None:
        for size in self.size:
            if is_empty(size) and size != -1:
                raise ValueError(f"a size in `expand` must be at least 1, or -1, not {size}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        new = len(self.size) - x.rank
        if new < 0 or -1 in self.size[:new]:
            raise ShapeError(f"`expand` to {show_shape(self.size)} must keep the dimensions of {show_shape(x.shape)}")
        old = (*(1,) * new, *x.shape)
        sizes = tuple(before if size == -1 else size for before, size in zip(old, self.size, strict=True))
        if any(before not in (1, size) for before, size in zip(old, sizes, strict=True)):
            raise ShapeError(f"`expand` cannot give {show_shape(self.size)} to the shape {show_shape(x.shape)}")
        return (x.with_shape(*sizes),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].expand([mode.size(size) for size in self.size]),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]}.expand({code.values('size', self.size) or '()'})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        return (context.node("Expand", x.name, context.shape(self.infer(x.type)[0].shape)),)
