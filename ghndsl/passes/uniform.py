"""An operator goes in; the one number that all of its result holds, if it is such an operator, comes out."""

from __future__ import annotations

from typing import cast

from ghndsl import ops
from ghndsl.ops import Operator


def number_of(op: Operator) -> bool | int | float | None:
    """The number that a tensor made of nothing holds everywhere; None when it holds several, or is made of others.

    >>> number_of(ops.Ones((2, 3))), number_of(ops.Constant((0.5, 0.5))), number_of(ops.Constant((1.0, 2.0)))
    (1, 0.5, None)
    """
    if isinstance(op, ops.Zeros | ops.Ones):
        return op.value
    if isinstance(op, ops.Full):
        return op.fill_value
    if not isinstance(op, ops.Constant):
        return None
    values: object = op.values
    first = values
    while isinstance(first, tuple):
        first = cast("tuple[object, ...]", first)[0]
    number = cast("bool | int | float", first)
    return number if _all_are(values, repr(number)) else None


def _all_are(values: object, number: str) -> bool:
    # Written out, for 0.0 and -0.0 are equal but not the same number.
    if isinstance(values, tuple):
        return all(_all_are(item, number) for item in cast("tuple[object, ...]", values))
    return repr(values) == number
