"""A weight goes in; the three axes along which a decoder that makes any shape sees it come out."""

from __future__ import annotations

import math
from typing import NamedTuple

from ghndsl.ghn.kinds import is_convolution
from ghndsl.ops import Weight


class Axes(NamedTuple):
    """Rows (output channels), columns (input channels) and the sizes of the rest (those of a kernel)."""

    rows: int
    columns: int
    rest: tuple[int, ...]


def axes(name: str, weight: Weight) -> Axes:
    """The axes of a weight of a kind; the rest are those of a convolution's kernel that are longer than 1.

    In other weights axes of size 1 are passed over, and all but the first are columns.

    >>> from ghndsl.ops import Role
    >>> axes("grouped2d", Weight("", (8, 1, 3, 3), Role.KERNEL))
    Axes(rows=8, columns=1, rest=(3, 3))
    >>> axes("parameter4", Weight("", (1, 5, 4, 3), Role.PARAMETER))
    Axes(rows=5, columns=12, rest=())
    """
    if is_convolution(name):
        return Axes(weight.shape[0], weight.shape[1], tuple(size for size in weight.shape[2:] if size != 1))
    rows, *others = [size for size in weight.shape if size != 1] or [1]
    return Axes(rows, math.prod(others), ())
