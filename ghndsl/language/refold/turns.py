"""What varies from turn to turn of a loop goes in; the loop's variables, what they count, and their uses come out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.language.refold.expressions import About, Expression, Literal, Turn, plus, times
from ghndsl.language.refold.program import Count, Table
from ghndsl.language.refold.progressions import (
    Arithmetic,
    Constant,
    Geometric,
    Listed,
    Progression,
    expression,
)
from ghndsl.records import record


@record
class Header:
    """The variables of a loop, what they are in each turn, and the expression for each place of the body."""

    variables: tuple[Turn, ...]
    turns: Count | Table
    places: tuple[Expression, ...]


def header(rules: Sequence[Progression], turns: int, level: int) -> Header:
    """The shortest header: numbers that count, or a table when that is not enough."""
    if any(isinstance(rule, Listed) for rule in rules):
        return _table(rules, turns, level)
    start = _start(rules)
    turn = Turn(level, 0, "i")
    places = tuple([expression(rule, turn, start) for rule in rules if not isinstance(rule, Listed)])
    return Header((turn,), Count(Literal(start, _START), Literal(turns, _TURNS)), places)


_START = About("start", 0)
_TURNS = About("depth")


def _start(rules: Sequence[Progression]) -> int:
    """Where to count from, so that most can be said by the number of the turn alone."""
    lines = [rule for rule in rules if isinstance(rule, Arithmetic) and rule.step == 1]
    votes = [rule.first for rule in lines if 0 <= rule.first <= _HIGHEST_START]
    start = max(votes, key=votes.count, default=0)
    powers = [rule for rule in rules if isinstance(rule, Geometric)]
    is_exact = all(not rule.falls and rule.first % rule.ratio**start == 0 for rule in powers)
    return start if is_exact else 0


_HIGHEST_START = 8


def _table(rules: Sequence[Progression], turns: int, level: int) -> Header:
    """A row for each turn. What counts, or is a multiple of another, has no place of its own in it."""
    columns: list[tuple[Literal, ...]] = []
    variables: list[Turn] = []
    places: dict[int, Expression] = {}
    # The numbers of labels come first: they say which turn it is.
    for place, rule in sorted(enumerate(rules), key=lambda pair: not _is_label(pair[1])):
        if isinstance(rule, Constant):
            places[place] = rule.literal
            continue
        column = _literals(rule, turns)
        known = _known(column, columns, variables)
        if known is None:
            known = Turn(level, len(columns), _stem(column[0].about.name))
            columns.append(column)
            variables.append(known)
        places[place] = known
    rows = tuple(zip(*columns, strict=True))
    return Header(tuple(variables), Table(rows), tuple([places[place] for place in range(len(rules))]))


def _is_label(rule: Progression) -> bool:
    about = rule.literals[0].about if isinstance(rule, Listed) else None if isinstance(rule, Constant) else rule.about
    return about is not None and about.name == "label"


def _stem(name: str) -> str:
    return "i" if name == "label" else name


def _literals(rule: Arithmetic | Geometric | Listed, turns: int) -> tuple[Literal, ...]:
    if isinstance(rule, Listed):
        return rule.literals
    if isinstance(rule, Arithmetic):
        return tuple([Literal(rule.first + rule.step * turn, rule.about) for turn in range(turns)])
    powers = [rule.ratio**turn for turn in range(turns)]
    return tuple([Literal(rule.first // p if rule.falls else rule.first * p, rule.about) for p in powers])


def _known(
    column: Sequence[Literal], columns: Sequence[Sequence[Literal]], variables: Sequence[Turn]
) -> Expression | None:
    for other, variable in zip(columns, variables, strict=True):
        factor = _factor(column, other)
        if factor:
            return times(factor, variable, column[0].about)
        step = _step(column, other)
        if step:
            return plus(variable, step, column[0].about)
    return None


def _factor(column: Sequence[Literal], other: Sequence[Literal]) -> int | None:
    """What a column is a multiple of another by; 1 when they are equal."""
    if all(a.text == b.text for a, b in zip(column, other, strict=True)):
        return 1
    numbers = [(a.value, b.value) for a, b in zip(column, other, strict=True)]
    factors = {a // b if type(a) is int and type(b) is int and b > 0 and a % b == 0 else 0 for a, b in numbers}
    factor = factors.pop()
    return factor if not factors and 1 < factor <= _LARGEST_FACTOR else None


_LARGEST_FACTOR = 8


def _step(column: Sequence[Literal], other: Sequence[Literal]) -> int | None:
    """How much the numbers of one label are more than those of another."""
    if column[0].about.name != "label" or other[0].about.name != "label":
        return None
    numbers = [(a.value, b.value) for a, b in zip(column, other, strict=True)]
    steps = {a - b if type(a) is int and type(b) is int else None for a, b in numbers}
    return steps.pop() if len(steps) == 1 else None
