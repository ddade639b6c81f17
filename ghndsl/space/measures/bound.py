"""Conditions on measures go in; the bound on one measure that whatever meets them keeps comes out."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ghndsl.records import record
from ghndsl.space.measures.conditions import Compared, Condition, Joined, Measure

_FLIPPED = {"<=": ">=", "<": ">", ">=": "<=", ">": "<", "==": "=="}


@record
class Bound:
    """A measure lies from `least` to `most`; None where there is no such end.

    Where sums are too many to be told apart, each is rounded to a multiple of `width`: down where there is a `most`,
    else up, so that rounding loses nothing that keeps the bound.
    """

    measure: str
    least: int | None
    most: int | None
    width: int = 1

    def coarser(self, width: int) -> Bound:
        """The bound for sums that are rounded; an end that rounding could lose something at is left out.

        >>> Bound("params", 5, 27).coarser(10)
        Bound(measure='params', least=None, most=27, width=10)
        """
        return Bound(self.measure, None if self.most is not None else self.least, self.most, width)

    def kept(self, total: int) -> int | None:
        """The sum that parts are counted under, no more than is asked for at least; None beyond the bound."""
        if self.most is not None:
            return total if total <= self.most else None
        return total if self.least is None else min(total, self.least)

    def rounded(self, total: int) -> int:
        """A sum, rounded.

        >>> Bound("params", None, 27, 10).rounded(19), Bound("params", 25, None, 10).rounded(19)
        (10, 20)
        """
        if self.most is not None:
            return total - total % self.width
        whole = -(-total // self.width) * self.width
        return whole if self.least is None else min(whole, self.least)

    def window(self, total: int, width: int) -> tuple[int, int | None]:
        """Where sums lie that come to `total` once they are rounded to a width: from what, and below what if not all.

        >>> Bound("params", None, 27).window(20, 10), Bound("params", 25, None).window(25, 10)
        ((20, 28), (21, None))
        """
        if self.most is not None:
            return total, min(total + width, self.most + 1)
        if total == self.least:
            return (total - 1) // width * width + 1, None
        return total - width + 1, total + 1

    def holds(self, total: int) -> bool:
        """Whether a sum of all parts keeps the bound."""
        return (self.least is None or total >= self.least) and (self.most is None or total <= self.most)


def bound_of(conditions: Iterable[Condition]) -> tuple[Bound, bool] | None:
    """The bound that whatever meets all conditions keeps, and whether whatever keeps it meets them; None without one.

    >>> bound_of([Joined("and", Compared("<", Measure("params"), 10.5), Compared(">=", Measure("params"), 2))])
    (Bound(measure='params', least=2, most=10, width=1), True)
    >>> bound_of([Compared(">", 3, Measure("nodes")), None])
    (Bound(measure='nodes', least=None, most=2, width=1), False)
    """
    parts = [part for condition in conditions for part in _parts(condition) if part is not True]
    bounds = [bound for bound in map(_bound, parts) if bound]
    if not bounds:
        return None
    alike = [bound for bound in bounds if bound.measure == bounds[0].measure]
    least = max((bound.least for bound in alike if bound.least is not None), default=None)
    most = min((bound.most for bound in alike if bound.most is not None), default=None)
    return Bound(bounds[0].measure, least, most), len(alike) == len(parts)


def _parts(condition: Condition) -> list[Condition]:
    """The conditions that are all to be met for one to be."""
    if isinstance(condition, Joined) and condition.sign == "and":
        return [*_parts(condition.left), *_parts(condition.right)]
    return [condition]


def _bound(condition: Condition) -> Bound | None:
    if not isinstance(condition, Compared) or condition.sign not in _FLIPPED:
        return None
    if isinstance(condition.left, Measure) and isinstance(condition.right, int | float):
        return _compared(condition.left.name, condition.sign, condition.right)
    if isinstance(condition.right, Measure) and isinstance(condition.left, int | float):
        return _compared(condition.right.name, _FLIPPED[condition.sign], condition.left)
    return None


def _compared(measure: str, sign: str, number: float) -> Bound | None:
    if not math.isfinite(number):
        return None
    match sign:
        case "<=":
            return Bound(measure, None, math.floor(number))
        case "<":
            return Bound(measure, None, math.ceil(number) - 1)
        case ">=":
            return Bound(measure, math.ceil(number), None)
        case ">":
            return Bound(measure, math.floor(number) + 1, None)
        case _:
            return Bound(measure, math.ceil(number), math.floor(number))
