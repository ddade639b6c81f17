"""Numbers and others that they may follow from go in; the rule that leads from these to those comes out, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ghndsl.language.refold.expressions import About, Binary, Expression, Literal, Variable, plus, times

Rule: TypeAlias = Callable[[Variable], Expression]

_LEAST = 4
"""Numbers below are strides and kernels, of which no width is a multiple but by chance."""


def rule(numbers: Sequence[int], bases: Sequence[object], about: About, largest: int) -> Rule | None:
    """A multiple up to a `largest` factor, a part, a half rounded down, one more or one less, if it holds throughout.

    >>> found = rule([256, 512], [64, 128], About("out_channels"), 4)
    >>> found(Variable("width")) == times(4, Variable("width"), About(""))
    True
    >>> rule([3, 5], [64, 128], About("kernel_size"), 4) is None
    True
    """
    known = [base for base in bases if type(base) is int]
    if len(known) != len(bases) or len(set(known)) == 1:
        return None
    pairs = list(zip(numbers, known, strict=True))
    factor, divisor = _factor(pairs, largest), _factor([(base, number) for number, base in pairs], largest)
    if factor:
        return lambda variable: times(factor, variable, about)
    if divisor or all(number == base // 2 for number, base in pairs):
        return lambda variable: Binary("//", variable, Literal(divisor or 2, about))
    steps = {number - base for number, base in pairs}
    step = steps.pop()
    return (lambda variable: plus(variable, step, about)) if not steps and abs(step) == 1 else None


def _factor(pairs: Sequence[tuple[int, int]], largest: int) -> int | None:
    """What all the first numbers are the same multiple of the second ones by."""
    if min(base for _, base in pairs) < _LEAST:
        return None
    factors = {number // base if number % base == 0 else 0 for number, base in pairs}
    factor = factors.pop()
    return factor if not factors and 1 < factor <= largest else None
