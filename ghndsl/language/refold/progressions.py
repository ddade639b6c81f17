"""The literals that stand at one place in the turns of a loop go in; the expression that gives them all comes out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from ghndsl.language.refold.expressions import About, Binary, Expression, Literal, Turn, plus, times
from ghndsl.records import record


@record
class Constant:
    """The same literal in every turn."""

    literal: Literal


@record
class Arithmetic:
    """first, first + step, first + 2 * step, ..."""

    first: int
    step: int
    about: About


@record
class Geometric:
    """first, first * ratio, first * ratio ** 2, ...; the quotients instead when it `falls`."""

    first: int
    ratio: int
    falls: bool
    about: About


@record
class Listed:
    """No rule but a list."""

    literals: tuple[Literal, ...]


Progression: TypeAlias = Constant | Arithmetic | Geometric | Listed


def progression(literals: Sequence[Literal]) -> Progression:
    """The rule of a row of literals.

    >>> rule = progression([Literal(64), Literal(128), Literal(256)])
    >>> isinstance(rule, Geometric) and (rule.first, rule.ratio)
    (64, 2)
    """
    first = literals[0]
    if all(literal.text == first.text for literal in literals):
        return Constant(first)
    numbers = [literal.value for literal in literals if type(literal.value) is int]
    if len(numbers) != len(literals):
        return Listed(tuple(literals))
    return _geometric(numbers, first.about) or _arithmetic(numbers, first.about) or Listed(tuple(literals))


def _geometric(numbers: Sequence[int], about: About) -> Geometric | None:
    if about.name == "label":
        return None
    falls = numbers[0] > numbers[-1]
    rising = numbers[::-1] if falls else numbers
    if rising[0] < 1 or rising[1] % rising[0] or (len(numbers) == 2 and rising[0] < _SMALLEST):
        return None
    ratio = rising[1] // rising[0]
    if ratio < 2 or any(b != a * ratio for a, b in pairwise(rising)):
        return None
    return Geometric(numbers[0], ratio, falls, about)


_SMALLEST = 8
"""Of two numbers alone, only those of channels are taken to grow by a factor: 1, 2 goes on with 3."""


def _arithmetic(numbers: Sequence[int], about: About) -> Arithmetic | None:
    step = numbers[1] - numbers[0]
    if len(numbers) == 2 and about.name != "label":
        # Any two numbers are some steps apart.
        return None
    if any(b - a != step for a, b in pairwise(numbers)):
        return None
    return Arithmetic(numbers[0], step, about)


def expression(rule: Constant | Arithmetic | Geometric, turn: Turn, start: int) -> Expression:
    """What a rule gives where the turns are counted from `start`."""
    if isinstance(rule, Constant):
        return rule.literal
    if isinstance(rule, Arithmetic):
        return _line(rule.first - rule.step * start, rule.step, turn, rule.about)
    exponent = plus(turn, -start, rule.about)
    first = rule.first
    if start and not rule.falls and first % rule.ratio**start == 0:
        first, exponent = first // rule.ratio**start, turn
    power = Binary("**", Literal(rule.ratio, rule.about), exponent)
    return Binary("//", Literal(first, rule.about), power) if rule.falls else times(first, power, rule.about)


def _line(offset: int, step: int, turn: Turn, about: About) -> Expression:
    if step < 0:
        return Binary("-", Literal(offset, about), times(-step, turn, about))
    return plus(times(step, turn, about), offset, about)
