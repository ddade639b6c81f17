"""Joining and parting: tensors that agree but for one dimension go in or come out, joined or parted along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import axis
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, Shape, TensorType, is_empty, is_static, show_shape

# A text that asks for more would take for ever to elaborate.
_MOST_PARTS = 10_000


@record
class Concat(Operator):
    """Tensors one after the other along `dim`, which is the channels unless told (torch's `cat` joins dimension 0)."""

    name: ClassVar[str] = "concat"
    torch_name: ClassVar[str] = "torch.cat"
    tensors: ClassVar[int | None] = None

    dim: int = 1

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        if not types:
            raise ShapeError("`concat` needs at least one tensor")
        first, *others = types
        dim = axis(self, self.dim, first.rank)
        total = first.shape[dim]
        for kind in others:
            self._check(first, kind, dim)
            total = total + kind.shape[dim]
        return (first.with_shape(*first.shape[:dim], total, *first.shape[dim + 1 :]),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        return (torch.cat(tuple(inputs), self.dim),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"torch.cat(({', '.join(inputs)},){code.argument('dim', self.dim, 0)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("Concat", *(x.name for x in inputs), axis=axis(self, self.dim, inputs[0].type.rank)),)

    def _check(self, first: TensorType, kind: TensorType, dim: int) -> None:
        if kind.dtype is not first.dtype:
            raise ShapeError(f"`concat` needs tensors of one element type, not {first.dtype} and {kind.dtype}")
        if kind.rank != first.rank or _without(kind.shape, dim) != _without(first.shape, dim):
            shapes = f"{show_shape(first.shape)} and {show_shape(kind.shape)}"
            raise ShapeError(f"`concat` cannot join shapes {shapes} along dimension {dim}")


@record
class Stack(Operator):
    """Tensors of one shape side by side along a new dimension."""

    name: ClassVar[str] = "stack"
    torch_name: ClassVar[str] = "torch.stack"
    tensors: ClassVar[int | None] = None

    dim: int = 0

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        if not types:
            raise ShapeError("`stack` needs at least one tensor")
        first = types[0]
        dim = axis(self, self.dim, first.rank + 1)
        for kind in types:
            if kind != first:
                raise ShapeError(f"`stack` needs tensors of one type, not {first} and {kind}")
        return (first.with_shape(*first.shape[:dim], len(types), *first.shape[dim:]),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        return (torch.stack(tuple(inputs), self.dim),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"torch.stack(({', '.join(inputs)},){code.argument('dim', self.dim, 0)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        dim = axis(self, self.dim, inputs[0].type.rank + 1)
        parts = [context.node("Unsqueeze", x.name, context.ints(dim)) for x in inputs]
        return (context.node("Concat", *parts, axis=dim),)


@record
class Split(Operator):
    """A tensor parted along `dim`: into parts of one size, the last one smaller if need be, or of the sizes listed."""

    name: ClassVar[str] = "split"
    torch_name: ClassVar[str] = "torch.split"
    results: ClassVar[int | None] = None

    split_size_or_sections: Dim | tuple[Dim, ...]
    dim: int = 0

    def __post_init__(self) -> None:
        given = self.split_size_or_sections
        for size in given if isinstance(given, tuple) else (given,):
            if is_empty(size):
                raise ValueError(f"a part of `split` must have a size of at least 1, not {size}")
        if given == ():
            raise ValueError("`split` needs at least one section")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        dim = axis(self, self.dim, x.rank)
        return tuple(x.with_shape(*x.shape[:dim], part, *x.shape[dim + 1 :]) for part in self._parts(x.shape[dim]))

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        (x,) = inputs
        given = self.split_size_or_sections
        sizes = [mode.size(size) for size in given] if isinstance(given, tuple) else mode.size(given)
        return tuple(torch.split(x, sizes, self.dim))

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        given = self.split_size_or_sections
        size = f"[{code.values('size', given)}]" if isinstance(given, tuple) else code.value("size", given)
        return f"torch.split({inputs[0]}, {size}{code.argument('dim', self.dim, 0)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        dim = axis(self, self.dim, x.type.rank)
        parts = self._parts(x.type.shape[dim])
        return context.nodes("Split", len(parts), x.name, context.shape(parts), axis=dim)

    def _parts(self, size: Dim) -> Shape:
        given = self.split_size_or_sections
        if isinstance(given, tuple):
            if sum(given, start=0) != size:
                raise ShapeError(
                    f"`split` into {show_shape(given)} does not add up to the size {size} of dimension {self.dim}"
                )
            return given
        count, rest = size // given, size % given
        if not isinstance(count, int) or not (rest == 0 or is_static(rest)):
            raise ShapeError(f"`split` cannot tell how many parts of {given} a size of {size} has")
        if count > _MOST_PARTS:
            raise ShapeError(
                f"`split` into parts of {given} makes {count:,} of a size of {size}; at most {_MOST_PARTS:,}"
            )
        return (given,) * count if rest == 0 else (*(given,) * count, rest)


def _without(shape: Shape, dim: int) -> Shape:
    return shape[:dim] + shape[dim + 1 :]
