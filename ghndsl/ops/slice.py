"""Indexing: a tensor goes in; the part that one index or range for each dimension picks comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, SymbolicSize, TensorType, is_empty, is_positive, least, show_shape

if TYPE_CHECKING:
    import torch

Range: TypeAlias = tuple[Dim | None, ...]
_END = 2**63 - 1


@record
class Slice(Operator):
    """What `x[...]` picks, as torch slices: a number drops its dimension, `(start, stop, step)` keeps a range of it.

    `index` starts at the first dimension; dimensions it does not reach are kept whole. A range's parts may be none.
    Where sizes are symbolic a range lies within its dimension whatever they are, but for a symbolic stop counted from
    the front, which is checked when it runs; so is that something is left.

    >>> op = Slice(((None, None, None), 0, (1, None, None)))
    >>> print(op.subscript)
    [:, 0, 1:]
    >>> op.infer(TensorType((8, 3, 4)))[0].shape
    (8, 3)
    """

    name: ClassVar[str] = "slice"
    torch_name: ClassVar[str] = "operator.getitem"
    rest: ClassVar[str | None] = "index"

    index: tuple[Dim | Range, ...]

    def __post_init__(self) -> None:
        if not self.index:
            raise ValueError("`slice` needs at least one index")
        for item in self.index:
            if not isinstance(item, tuple):
                continue
            if len(item) != 3:
                raise ValueError(f"a range of `slice` is (start, stop, step), not {item}")
            if item[2] is not None and (not isinstance(item[2], int) or item[2] < 1):
                raise ValueError(f"a step must be a number of at least 1, not {item[2]}")

    @property
    def subscript(self) -> str:
        """The index as the language writes it."""
        return f"[{', '.join(map(_written, self.index))}]"

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        if len(self.index) > x.rank:
            raise ShapeError(f"{len(self.index)} indices are too many for the shape {show_shape(x.shape)}")
        sizes: list[Dim] = []
        for item, size in zip(self.index, x.shape, strict=False):
            if isinstance(item, tuple):
                sizes.append(_length(item, size))
            elif _is_outside(item, size):
                raise ShapeError(f"index {item} is out of range for a dimension of size {size}")
        return (x.with_shape(*sizes, *x.shape[len(self.index) :]),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x,) = inputs
        y = x[self._settled(x, mode) if self._static is None else self._static]
        if 0 in y.shape and 0 not in x.shape:
            raise ValueError(f"the slice {self.subscript} of a tensor of shape {show_shape(tuple(x.shape))} is empty")
        return (y,)

    def _settled(self, x: torch.Tensor, mode: Mode) -> tuple[int | slice, ...]:
        """The index with the values that sizes have in this run."""
        items: list[int | slice] = []
        for item, size in zip(self.index, x.shape, strict=False):
            if not isinstance(item, tuple):
                items.append(mode.number(item))
                continue
            start, stop, step = (None if part is None else mode.number(part) for part in item)
            if isinstance(item[1], SymbolicSize) and stop is not None and stop > size:
                raise ValueError(f"a slice up to {item[1]} = {stop} does not fit a dimension of size {size}")
            items.append(slice(start, stop, step))
        return tuple(items)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]}[{', '.join([_python(code, item) for item in self.index])}]"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        name, starts, stops, steps, axes, gone = inputs[0].name, [], [], [], [], []
        for axis, (item, size) in enumerate(zip(self.index, inputs[0].type.shape, strict=False)):
            if item in ((None, None, None), (None, None, 1)):
                continue
            start, stop, step = item if isinstance(item, tuple) else _one(item, size)
            starts.append(0 if start is None else start)
            stops.append(_END if stop is None else stop)
            steps.append(1 if step is None else step)
            axes.append(axis)
            if not isinstance(item, tuple):
                gone.append(axis)
        if axes:
            parts = (context.shape(tuple(starts)), context.shape(tuple(stops)), context.ints(*axes))
            name = context.node("Slice", name, *parts, context.shape(tuple(steps)))
        return (context.node("Squeeze", name, context.ints(*gone)) if gone else name,)

    @cached_property
    def _static(self) -> tuple[int | slice, ...] | None:
        """The index as Python has it, or None when a symbolic size is in it."""
        items: list[int | slice] = []
        for item in self.index:
            if isinstance(item, SymbolicSize) or (isinstance(item, tuple) and any(map(_is_symbolic, item))):
                return None
            items.append(slice(*item) if isinstance(item, tuple) else item)
        return tuple(items)


def _python(code: SourceContext, item: Dim | Range) -> str:
    """One index or range as Python writes it."""
    if not isinstance(item, tuple):
        return code.value("index", item)
    start, stop, step = ("" if part is None else code.value("index", part) for part in item)
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _is_symbolic(part: Dim | None) -> bool:
    return isinstance(part, SymbolicSize)


def _one(index: Dim, size: Dim) -> tuple[Dim, Dim, int]:
    """The range that holds one index."""
    if isinstance(index, int):
        return index, _END if index == -1 else index + 1, 1
    place = _place(index, size)
    return place, place + 1, 1


def _is_outside(index: Dim, size: Dim) -> bool:
    """Whether an index is certain to lie outside of a dimension."""
    place = _place(index, size)
    return is_empty(place + 1) or is_empty(size - place)


def _place(part: Dim, size: Dim) -> Dim:
    """A bound or an index counted from the front, not clipped; raises `ShapeError` where its sign cannot be told."""
    if _is_at_least(part, 0):
        return part
    if is_positive(-part):
        return size + part
    raise ShapeError(f"whether {part} counts from the front or the end is not known: it may be negative or not")


def _length(item: Range, size: Dim) -> Dim:
    start, stop, step = item
    first = 0 if start is None else _place(start, size)
    last = size if stop is None else _place(stop, size)
    if isinstance(size, int) and isinstance(first, int) and isinstance(last, int):
        first, last = min(max(first, 0), size), min(last, size)
    else:
        _check_within(item, first, last, size)
    stride = 1 if step is None else step
    length = (last - first + (stride - 1)) // stride
    if is_empty(length):
        raise ShapeError(f"the slice {_written(item)} of a dimension of size {size} is empty")
    return length


def _check_within(item: Range, first: Dim, last: Dim, size: Dim) -> None:
    """Raises `ShapeError` unless 0 <= first <= last <= size for all sizes; a stop may be left to the run."""
    start, stop, _ = item
    if is_empty(last - first):
        raise ShapeError(f"the slice {_written(item)} of a dimension of size {size} is empty")
    is_checked_later = isinstance(stop, SymbolicSize) and last == stop and not is_positive(last - size)
    for part, room in ((start, first), (stop, 0 if is_checked_later else size - last), (None, last - first)):
        # What is sliced exists, so its own size too is at least 1.
        if not _is_at_least(room, 0) and not _is_at_least(room - size, -1):
            told = f"bound {part}" if part is not None else f"bounds {_written(item)}"
            raise ShapeError(f"a slice with {told} cannot tell its size from a dimension of size {size}", _SURE)


_SURE = "sizes with names are 1 or more, and a slice must lie within whatever they are: `2:` does in size `H + 1`"


def _is_at_least(size: Dim, number: int) -> bool:
    bound = least(size)
    return bound is not None and bound >= number


def _written(item: Dim | Range) -> str:
    if not isinstance(item, tuple):
        return str(item)
    start, stop, step = ("" if part is None else str(part) for part in item)
    return f"{start}:{stop}" + (f":{step}" if step else "")
