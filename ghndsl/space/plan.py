"""The choices of a space as an acyclic graph of ways through them: counted exactly, numbered, and read back.

A vertex is a state of the elaboration that all ways to it have in common; an edge makes choices and leads on. A block's
choices are a plan of their own, used by reference wherever the block is called alike, so that a plan stays small while
the number of ways through it is without bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.language.choices import Domain
from ghndsl.language.values import Result, join


@dataclass(frozen=True)
class Pick:
    """The choice at a path is made in way `number`."""

    path: str
    domain: Domain
    number: int


@dataclass(frozen=True, eq=False)
class Sub:
    """The choices of a called block, in one of the ways that end in `group`; below `prefix`, or at it for a motif."""

    prefix: str
    plan: Plan
    group: int
    is_absolute: bool


Step: TypeAlias = Pick | Sub
Made: TypeAlias = tuple[str, Domain, int]
"""A choice made: its path, its domain, and the way."""


@dataclass(eq=False)
class Vertex:
    """A state on the way; `edges` are in the order of the numbers."""

    edges: list[tuple[tuple[Step, ...], Vertex]] = field(default_factory=list["tuple[tuple[Step, ...], Vertex]"])


@dataclass(frozen=True)
class Group:
    """The ways through a block that are alike to whoever called it: one result, one state of the motifs."""

    result: Result
    motifs: Mapping[str, MotifUse]
    end: Vertex


@dataclass(frozen=True)
class MotifUse:
    """A motif whose choices are made: the structure of its plan, the group they ended in, the motifs made before it."""

    signature: int
    shape: int
    group: int
    before: tuple[tuple[str, MotifUse], ...]


@dataclass(eq=False)
class Plan:
    """All ways through the choices of one call."""

    start: Vertex
    groups: list[Group]
    _counts: dict[int, dict[Vertex, int]] = field(default_factory=dict[int, "dict[Vertex, int]"])

    @property
    def has_choices(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.start.edges)

    def count(self, group: int) -> int:
        """The number of ways that end in a group."""
        return self._to(group)[self.start]

    def _to(self, group: int) -> dict[Vertex, int]:
        """The number of ways from each vertex to the end of a group."""
        if group not in self._counts:
            counts = {self.groups[group].end: 1}
            for vertex in reversed(self.order()):
                if vertex not in counts:
                    counts[vertex] = sum(_weight(steps) * counts[target] for steps, target in vertex.edges)
            self._counts[group] = counts
        return self._counts[group]

    def order(self) -> list[Vertex]:
        """The vertices, each before those it leads to."""
        done: set[Vertex] = set()
        order: list[Vertex] = []
        stack: list[tuple[Vertex, bool]] = [(self.start, False)]
        while stack:
            vertex, left = stack.pop()
            if left:
                order.append(vertex)
            elif vertex not in done:
                done.add(vertex)
                stack.append((vertex, True))
                stack += [(target, False) for _, target in vertex.edges if target not in done]
        return order[::-1]

    def choices(self, base: str = "") -> Iterator[tuple[str, Domain]]:
        """Every choice that some way makes, in order; the same one may come up again."""
        seen: set[tuple[Plan, str]] = set()
        for vertex in self.order():
            for steps, _ in vertex.edges:
                for step in steps:
                    if isinstance(step, Pick):
                        if step.number == 0:
                            yield join(base, step.path), step.domain
                    elif (step.plan, _base(step, base)) not in seen:
                        seen.add((step.plan, _base(step, base)))
                        yield from step.plan.choices(_base(step, base))

    def made(self, group: int, number: int, base: str = "") -> Iterator[Made]:
        """The choices of way `number` to a group, in the order in which they are made."""
        counts, vertex = self._to(group), self.start
        end = self.groups[group].end
        while vertex is not end:
            for steps, target in vertex.edges:
                ways = _weight(steps) * counts[target]
                if number < ways:
                    break
                number -= ways
            else:
                raise IndexError(number)
            inner, number = divmod(number, counts[target])
            yield from _made_by(steps, inner, base)
            vertex = target

    def number(self, made: Mapping[str, str], base: str = "") -> tuple[int, int] | None:
        """The group and the way that these choices (path to text) are, or None when they are no way through."""
        for group in range(len(self.groups)):
            number = self._number(group, made, base)
            if number is not None:
                return group, number
        return None

    def _number(self, group: int, made: Mapping[str, str], base: str) -> int | None:
        counts, vertex, number = self._to(group), self.start, 0
        end = self.groups[group].end
        known: dict[tuple[Plan, str], tuple[int, int] | None] = {}
        while vertex is not end:
            for steps, target in vertex.edges:
                inner = _number_of(steps, made, base, known) if counts[target] else None
                if inner is not None:
                    number += inner * counts[target]
                    vertex = target
                    break
                number += _weight(steps) * counts[target]
            else:
                return None
        return number


def _weight(steps: tuple[Step, ...]) -> int:
    weight = 1
    for step in steps:
        if isinstance(step, Sub):
            weight *= step.plan.count(step.group)
    return weight


def _base(step: Sub, base: str) -> str:
    return step.prefix if step.is_absolute else join(base, step.prefix)


def _made_by(steps: tuple[Step, ...], number: int, base: str) -> Iterator[Made]:
    """The choices of one edge; the first step's are the most significant of the number."""
    weight = _weight(steps)
    for step in steps:
        if isinstance(step, Pick):
            yield join(base, step.path), step.domain, step.number
            continue
        weight //= step.plan.count(step.group)
        inner, number = divmod(number, weight)
        yield from step.plan.made(step.group, inner, _base(step, base))


def _number_of(
    steps: tuple[Step, ...],
    made: Mapping[str, str],
    base: str,
    known: dict[tuple[Plan, str], tuple[int, int] | None],
) -> int | None:
    """The number of these choices among the ways of one edge, or None when the edge is not theirs."""
    number = 0
    for step in steps:
        if isinstance(step, Pick):
            if made.get(join(base, step.path)) != step.domain.show(step.domain.picks(step.number)):
                return None
            continue
        key = (step.plan, _base(step, base))
        if key not in known:
            known[key] = step.plan.number(made, key[1])
        found = known[key]
        if found is None or found[0] != step.group:
            return None
        number = number * step.plan.count(step.group) + found[1]
    return number
