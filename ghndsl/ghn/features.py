"""A node goes in; a row of numbers that says what it computes, each an index into one embedding table, comes out."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate

from ghndsl.ghn.operators import CAPACITY, INPUT, operator_code
from ghndsl.ops import Operator
from ghndsl.types import TensorType, product

FIELDS = {
    "operator": CAPACITY,
    "kernel_height": 17,
    "kernel_width": 17,
    "stride": 9,
    "dilation": 9,
    "grouping": 4,
    "in_channels": 65,
    "out_channels": 65,
    "positions": 65,
}
"""How many values each feature takes; 0 says that it does not apply, sizes count in quarters of an octave."""

OFFSETS = dict(zip(FIELDS, accumulate(FIELDS.values(), initial=0), strict=False))
"""Where each feature's rows begin in the table."""

ROWS = sum(FIELDS.values())
"""The rows of the table."""

Row = tuple[int, ...]


def node_row(op: Operator, inputs: tuple[TensorType, ...], result: TensorType, *, shapes: bool = True) -> Row:
    """The features of a node; without `shapes` the sizes of its tensors are left out.

    >>> from ghndsl.ops import Relu
    >>> from ghndsl.types import symbol
    >>> x = TensorType((symbol("N"), 16, 8, 8))
    >>> row = node_row(Relu(), (x,), x)
    >>> [index - offset for index, offset in zip(row, OFFSETS.values())]
    [5, 0, 0, 0, 0, 0, 17, 17, 25]
    """
    return _row(op, inputs[0] if inputs else None, result, shapes)


def input_row(kind: TensorType, *, shapes: bool = True) -> Row:
    """The features of what stands for a segment's input."""
    sizes = (_octaves(_channels(kind)), _octaves(_channels(kind)), _octaves(_positions(kind)))
    return _place((INPUT, 0, 0, 0, 0, 0, *(sizes if shapes else (0, 0, 0))))


@lru_cache(maxsize=8192)
def _row(op: Operator, source: TensorType | None, result: TensorType, shapes: bool) -> Row:
    height, width = _pair(op, "kernel_size")
    values = (operator_code(op), height, width, _pair(op, "stride")[0], _pair(op, "dilation")[0], _grouping(op, source))
    if not shapes:
        return _place((*values, 0, 0, 0))
    channels = 0 if source is None else _channels(source)
    return _place((*values, _octaves(channels), _octaves(_channels(result)), _octaves(_positions(result))))


def _place(values: Row) -> Row:
    bounded = (min(value, count - 1) for value, count in zip(values, FIELDS.values(), strict=True))
    return tuple(value + offset for value, offset in zip(bounded, OFFSETS.values(), strict=True))


def _pair(op: Operator, attribute: str) -> tuple[int, int]:
    """The first and last of an attribute's sizes, zeros when the operator has none."""
    size = getattr(op, attribute, None)
    if isinstance(size, tuple) and size:
        return int(size[0]), int(size[-1])
    return (size, size) if isinstance(size, int) else (0, 0)


def _grouping(op: Operator, source: TensorType | None) -> int:
    """0 for what has no groups, 1 for dense, 2 for grouped, 3 for depthwise."""
    groups = getattr(op, "groups", None)
    if not isinstance(groups, int) or source is None:
        return 0
    return 1 if groups == 1 else 3 if groups == _channels(source) else 2


def _channels(kind: TensorType) -> int:
    """Dimension 1 of images and volumes, else the last one; 0 when it is symbolic."""
    if not kind.shape:
        return 0
    size = kind.shape[1] if kind.rank > 3 else kind.shape[-1]
    return size if isinstance(size, int) else 0


def _positions(kind: TensorType) -> int:
    """How many places there are in a sample, each with all channels; 0 when that is symbolic."""
    places = product(kind.shape[2:]) if kind.rank > 3 else product(kind.shape[1:-1])
    return places if isinstance(places, int) else 0


def _octaves(size: int) -> int:
    return 1 + round(4 * math.log2(size)) if size else 0
