"""The parts of a block go in; the same parts come out in runs: a repeated sequence stands there as its copies."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import TypeAlias

from ghndsl.emit.outline.grouping import Group, Part, Users, entering, nodes_of
from ghndsl.ir import Node
from ghndsl.ops import Operator

_LONGEST = 32
"""How many parts a repeated sequence may have: a text repeats blocks, or a few layers that stand in a loop."""
_WORTH = 3
"""How many parts a repetition must save, unless it is one of blocks: two equal layers are drawn as two."""

Run: TypeAlias = tuple[tuple[Part, ...], ...]
"""The copies of a sequence; of one that is not repeated, one copy of one part."""


class Sameness(Enum):
    """When two parts count as copies.

    `EQUAL` in all; `RATED` in all but real numbers, as a chance to drop; `ALIKE` in all but numbers and types; `NAMED`
    when they are blocks of one name.
    """

    EQUAL = "equal"
    RATED = "rated"
    ALIKE = "alike"
    NAMED = "named"


@dataclass(frozen=True)
class Repeats:
    """Finds copies in a row, each of which hands all it makes to the next one, and to nobody else."""

    users: Users
    sameness: Sameness

    def runs(self, parts: Sequence[Part]) -> list[Run]:
        """The parts in order; where several sequences are repeated from one place on, the one that saves most."""
        marks = [self.marked(part) for part in parts]
        found: list[Run] = []
        start = 0
        while start < len(parts):
            period, times = self._best(parts, marks, start)
            found.append(tuple(tuple(parts[start + i * period :][:period]) for i in range(times)))
            start += period * times
        return found

    def marked(self, part: Part) -> Hashable:
        """What copies of a part have in common."""
        return mark(part, self.sameness)

    def _best(self, parts: Sequence[Part], marks: Sequence[Hashable], start: int) -> tuple[int, int]:
        """The period and the number of copies of the run that begins at a place."""
        best = (1, 1)
        for period in range(1, min(_LONGEST, (len(parts) - start) // 2) + 1):
            times = self._times(parts, marks, start, period)
            saved = period * (times - 1)
            least = 1 if period == 1 and isinstance(parts[start], Group) else _WORTH
            if saved >= least and saved > best[0] * (best[1] - 1):
                best = (period, times)
        return best

    def _times(self, parts: Sequence[Part], marks: Sequence[Hashable], start: int, period: int) -> int:
        times, first = 1, marks[start : start + period]
        while marks[(after := start + times * period) : after + period] == first:
            if not self._continues(parts[after - period : after], parts[after : after + period]):
                break
            times += 1
        return times

    def _continues(self, first: Sequence[Part], second: Sequence[Part]) -> bool:
        """Whether a sequence is the next copy of another: equal inside, and between them nothing goes astray.

        What enters the second is made by the first, or enters the first at the same place: a mask that all take.
        Where a sequence is not one block, a single value goes from each copy to the next, so that one can see which.
        """
        before, after = nodes_of(first), nodes_of(second)
        made = {value.id for node in before for value in node.results}
        leaving = {user for value in made for user in self.users.get(value, ())}
        if not leaving <= {*before, *after}:
            return False
        if len(first) > 1 and sum(value.id in made for value in entering(after)) > 1:
            return False
        if self.sameness is Sameness.NAMED:
            return {value.id for value in entering(after)} <= made
        if _wired(before, self.sameness) != _wired(after, self.sameness):
            return False
        pairs = list(zip(entering(before), entering(after), strict=True))
        return any(new.id in made for _, new in pairs) and all(new.id in made or new is old for old, new in pairs)


def mark(part: Part, sameness: Sameness) -> Hashable:
    """What copies of a part have in common, as far as that can be told without their surroundings."""
    if isinstance(part, Node):
        return _did(part, sameness)
    return part.name if sameness is Sameness.NAMED else (part.name, _wired(part.nodes, sameness))


def _did(node: Node, sameness: Sameness) -> Hashable:
    if sameness not in (Sameness.EQUAL, Sameness.RATED):
        return node.op.name
    op = node.op if sameness is Sameness.EQUAL else _without_rates(node.op)
    return op, node.input_types, tuple(value.type for value in node.results)


def _without_rates(op: Operator) -> Hashable:
    found = [(one.name, getattr(op, one.name)) for one in fields(op)]
    return op.name, tuple((name, value) for name, value in found if not isinstance(value, float))


def _wired(nodes: Sequence[Node], sameness: Sameness) -> Hashable:
    """What nodes do, whatever the names: their operators and the wiring between them."""
    place: dict[int, int] = {}
    rows: list[Hashable] = []
    for node in nodes:
        inputs = tuple(place.setdefault(value.id, len(place)) for value in node.inputs)
        for value in node.results:
            place[value.id] = len(place)
        rows.append((_did(node, sameness), inputs))
    return tuple(rows)


def is_equal(run: Run) -> bool:
    """Whether the copies of a run differ in nothing but names."""
    first, *rest = (_wired(nodes_of(copy), Sameness.EQUAL) for copy in run)
    return all(other == first for other in rest)


def place(part: Part) -> str:
    """The path of a part; of a block that is all another holds, its own."""
    if isinstance(part, Node):
        return part.path
    core = part.core().scope
    return core.path if core else ""


def structure(nodes: Sequence[Node]) -> Hashable:
    """What nodes do but for numbers and types: equal for two blocks that one picture of the inside serves."""
    return _wired(nodes, Sameness.ALIKE)
