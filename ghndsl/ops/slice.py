"""Indexing: a tensor goes in; the part that one index or range for each dimension picks comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, TypeAlias

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.types import Dim, SymbolicSize, TensorType, show_shape

Range: TypeAlias = tuple[Dim | None, ...]
_END = 2**63 - 1


@dataclass(frozen=True)
class Slice(Operator):
    """What `x[...]` picks, as torch slices: a number drops its dimension, `(start, stop, step)` keeps a range of it.

    `index` starts at the first dimension; dimensions it does not reach are kept whole. A range's parts may be none.
    A symbolic stop must lie within the dimension, which is checked when it runs.

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
            elif isinstance(size, int) and isinstance(item, int) and not -size <= item < size:
                raise ShapeError(f"index {item} is out of range for a dimension of size {size}")
        return (x.with_shape(*sizes, *x.shape[len(self.index) :]),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x,) = inputs
        if self._static is not None:
            return (x[self._static],)
        items: list[int | slice] = []
        for item, size in zip(self.index, x.shape, strict=False):
            if not isinstance(item, tuple):
                items.append(mode.size(item))
                continue
            start, stop, step = (None if part is None else mode.size(part) for part in item)
            if isinstance(item[1], SymbolicSize) and stop is not None and stop > size:
                raise ValueError(f"a slice up to {item[1]} = {stop} does not fit a dimension of size {size}")
            items.append(slice(start, stop, step))
        return (x[tuple(items)],)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        name, starts, stops, steps, axes, gone = inputs[0].name, [], [], [], [], []
        for axis, item in enumerate(self.index):
            if item in ((None, None, None), (None, None, 1)):
                continue
            start, stop, step = item if isinstance(item, tuple) else (item, _after(item), 1)
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


def _is_symbolic(part: Dim | None) -> bool:
    return isinstance(part, SymbolicSize)


def _after(index: Dim) -> Dim:
    """The stop of the range that holds one index."""
    return _END if index == -1 else index + 1


def _bound(part: Dim | None, size: Dim, default: Dim) -> Dim:
    """A start or stop counted from the front."""
    if part is None:
        return default
    place = size + part if isinstance(part, int) and part < 0 else part
    return min(max(place, 0), size) if isinstance(place, int) and isinstance(size, int) else place


def _length(item: Range, size: Dim) -> Dim:
    start, stop, step = item
    if not isinstance(size, int):
        # Sizes are at least 1, so only a range of one element is certain to lie within.
        for part, uncertain in (
            (stop, isinstance(stop, int) and stop > 1),
            (start, isinstance(start, int) and start < -1),
        ):
            if uncertain:
                raise ShapeError(f"a slice with bound {part} cannot tell its size from a dimension of size {size}")
    first, last = _bound(start, size, 0), _bound(stop, size, size)
    stride = 1 if step is None else step
    length = (last - first + (stride - 1)) // stride
    if isinstance(length, int) and length < 1:
        raise ShapeError(f"the slice {_written(item)} of a dimension of size {size} is empty")
    return length


def _written(item: Dim | Range) -> str:
    if not isinstance(item, tuple):
        return str(item)
    start, stop, step = ("" if part is None else str(part) for part in item)
    return f"{start}:{stop}" + (f":{step}" if step else "")
