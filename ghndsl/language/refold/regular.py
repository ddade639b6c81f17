"""What differs from turn to turn of a loop goes in; whether that follows a rule, and for how many turns, comes out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.language.refold.expressions import Literal
from ghndsl.language.refold.progressions import Arithmetic, Constant, Listed, Progression


def is_regular(rules: Sequence[Progression], turns: int) -> bool:
    """Whether turns differ by rule; two alone must differ by labels only, as any two numbers follow some rule."""
    if turns == 2:
        return all(isinstance(rule, Constant) or _is_label(rule) for rule in rules)
    return not any(isinstance(rule, Listed) for rule in rules)


def _is_label(rule: Progression) -> bool:
    return isinstance(rule, Arithmetic) and rule.about.name == "label"


def steady(columns: Sequence[Sequence[Literal]]) -> int:
    """For how many turns from the first on only labels differ, and these by rule."""
    return min(map(_steady_part, columns))


def _steady_part(column: Sequence[Literal]) -> int:
    step = _step(column[0], column[1])
    turns = 1
    while turns < len(column):
        before, one = column[turns - 1], column[turns]
        if _step(before, one) != step if step else one.text != before.text:
            break
        turns += 1
    return turns


def _step(before: Literal, after: Literal) -> int:
    """By how much one number of a label is more than another; of anything else, nothing."""
    if before.about.name != "label" or type(before.value) is not int or type(after.value) is not int:
        return 0
    return after.value - before.value
