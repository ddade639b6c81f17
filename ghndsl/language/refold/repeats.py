"""A loop goes in; `repeat` comes out where it says the same: a chain of stages, none of which knows its turn."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.language.refold.callees import BlockCall, Callee, Given, Operation, Repeated
from ghndsl.language.refold.cost import callee_cost
from ghndsl.language.refold.expressions import Turn
from ghndsl.language.refold.parts import mapped
from ghndsl.language.refold.program import Apply, Count, Item, Loop


def repeated(item: Item, loop: Loop) -> Item | None:
    """The item of a loop as a chain of stages that is applied again and again, if it is no more than that."""
    callees = _callees(loop)
    if callees is None or not isinstance(loop.turns, Count) or _has_turns(callees) or not are_short(callees):
        return None
    return Item(Apply(Repeated(loop.turns.turns, callees), None), item.inputs, item.results)


def are_short(callees: Sequence[Callee]) -> bool:
    """Whether a chain is short enough to stand in the brackets of `repeat`."""
    return sum(map(callee_cost, callees)) <= _LARGEST


_LARGEST = 10


def is_link(callee: Callee) -> bool:
    """Whether a callee can be a link of a chain without a source."""
    return isinstance(callee, Operation | Given | BlockCall)


def _callees(loop: Loop) -> tuple[Callee, ...] | None:
    """The callees of a turn when they are a chain without labels from what the turn is given to what it gives."""
    body = loop.body
    value = 0
    found: list[Callee] = []
    for item in body.items:
        action = item.action
        if not isinstance(action, Apply) or action.label or not is_link(action.callee):
            return None
        if item.inputs != (value,) or len(item.results) != 1:
            return None
        found.append(action.callee)
        (value,) = item.results
    return tuple(found) if body.inputs == loop.carried == 1 and body.results == (value,) else None


def _has_turns(callees: tuple[Callee, ...]) -> bool:
    found: list[Turn] = []

    def look(part: object) -> object:
        if isinstance(part, Turn):
            found.append(part)
        return part

    mapped(callees, look)
    return bool(found)
