"""A unit of nodes goes in; numbers that say what it computes, each the row of one embedding table, come out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import TypeAlias

from ghndsl.ghn.operators import CAPACITY, INPUT, operator_code
from ghndsl.ghn.units import Unit, has_kernel
from ghndsl.ops import Operator
from ghndsl.types import TensorType, product

FIELDS = {
    "operator": CAPACITY,
    "later_operator": CAPACITY,
    "kernel_height": 17,
    "kernel_width": 17,
    "stride": 9,
    "dilation": 9,
    "grouping": 4,
    "in_channels": 65,
    "out_channels": 65,
    "positions": 65,
    "scale": 8,
    "exit": 3,
}
"""How many values each feature takes; sizes count in quarters of an octave.

`operator` says what stands at and before the kernel of a unit, `later_operator` what stands after it. The last two are
told only to hypernetworks for networks with exits (see `Standing`): the others have no rows for them.
"""

OFFSETS = dict(zip(FIELDS, accumulate(FIELDS.values(), initial=0), strict=False))
"""Where each feature's rows begin in the table."""

ROWS = {False: OFFSETS["scale"], True: sum(FIELDS.values())}
"""The rows of the table, without and with what is told of networks with exits."""

Rows: TypeAlias = tuple[int, ...]
"""The rows whose sum a unit begins as; features that do not apply have none."""


def unit_rows(unit: Unit, *, shapes: bool = True) -> Rows:
    """The features of a unit; without `shapes` the sizes of its tensors are left out."""
    kernel = next((index for index, node in enumerate(unit) if has_kernel(node)), len(unit))
    rows: list[int] = []
    for index, node in enumerate(unit):
        source = node.input_types[0] if node.inputs else None
        rows += _operator_rows(node.op, _channels(source), index > kernel)
    first = unit[0].input_types
    sizes = _size_rows(first[0] if first else None, unit[-1].results[0].type) if shapes else ()
    return (*rows, *sizes)


def input_rows(kind: TensorType, *, shapes: bool = True) -> Rows:
    """The features of what stands for a segment's input."""
    return (row("operator", INPUT), *(_size_rows(kind, kind) if shapes else ()))


def row(field: str, value: int) -> int:
    """The row of a value, the last of the field for all that are larger.

    >>> row("kernel_height", 3) - row("kernel_height", 0), row("stride", 100) - row("stride", 0)
    (3, 8)
    """
    return OFFSETS[field] + min(value, FIELDS[field] - 1)


@lru_cache(maxsize=4096)
def _operator_rows(op: Operator, channels: int, later: bool) -> Rows:
    return (row("later_operator" if later else "operator", operator_code(op)), *_attribute_rows(op, channels))


def _attribute_rows(op: Operator, channels: int) -> Iterator[int]:
    height, width = _pair(op, "kernel_size")
    values = {
        "kernel_height": height,
        "kernel_width": width,
        "stride": _pair(op, "stride")[0],
        "dilation": _pair(op, "dilation")[0],
        "grouping": _grouping(op, channels),
    }
    return (row(field, value) for field, value in values.items() if value)


@lru_cache(maxsize=4096)
def _size_rows(source: TensorType | None, result: TensorType) -> Rows:
    sizes = {"in_channels": _channels(source), "out_channels": _channels(result), "positions": _positions(result)}
    return tuple(row(field, 1 + round(4 * math.log2(size))) for field, size in sizes.items() if size)


def _pair(op: Operator, attribute: str) -> tuple[int, int]:
    """The first and last of an attribute's sizes, zeros when the operator has none."""
    size = getattr(op, attribute, None)
    if isinstance(size, tuple) and size:
        return int(size[0]), int(size[-1])
    return (size, size) if isinstance(size, int) else (0, 0)


def _grouping(op: Operator, channels: int) -> int:
    """0 for what has no groups, 1 for dense, 2 for grouped, 3 for depthwise."""
    groups = getattr(op, "groups", None)
    if not isinstance(groups, int):
        return 0
    return 1 if groups == 1 else 3 if groups == channels else 2


def _channels(kind: TensorType | None) -> int:
    """Dimension 1 of images and volumes, else the last one; 0 when it is symbolic."""
    if kind is None or not kind.shape:
        return 0
    size = kind.shape[1] if kind.rank > 3 else kind.shape[-1]
    return size if isinstance(size, int) else 0


def _positions(kind: TensorType) -> int:
    """How many places there are in a sample, each with all channels; 0 when that is symbolic."""
    places = product(kind.shape[2:]) if kind.rank > 3 else product(kind.shape[1:-1])
    return places if isinstance(places, int) else 0
