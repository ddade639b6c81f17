"""The choices of a motif's first use and those of a later use go in; what the first leave open of the later comes out.

Both are first made flat, so that every choice is seen by its path whatever block it is made in. Then each way of the
first is followed through the later one, as a cofactor is taken of a decision diagram (Bryant, "Graph-based algorithms
for Boolean function manipulation", 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ghndsl.language.values import join
from ghndsl.records import record
from ghndsl.space.ways.diagram import Ask, Call, Diagram, Diagrams, End, Fault, Pick

MOST_FLAT = 200_000
"""Questions of a flat diagram before it is called too large."""

_Base: TypeAlias = tuple[str, bool]
Rest: TypeAlias = Diagram | None
"""What is left of a later use when the choices of the first are made; None when a `where` in it fails."""


class OtherDomainError(Exception):
    """A choice has other options at a later use."""

    def __init__(self, first: Pick, later: Pick) -> None:
        super().__init__(first.path)
        self.first = first
        self.later = later


class TooLargeError(Exception):
    """The choices are too many to be followed one by one."""


@record
class Joint:
    """The ways of a first use, told apart by their group there and by what they leave of the later use."""

    diagram: Diagram
    pairs: tuple[tuple[int, Rest], ...]


@dataclass
class Reuse:
    """Follows uses of motifs through each other."""

    make: Diagrams
    _flat: dict[tuple[Diagram, tuple[Rest, ...], _Base, bool], Rest] = field(
        default_factory=dict["tuple[Diagram, tuple[Rest, ...], _Base, bool]", "Rest"]
    )

    def flat(self, diagram: Diagram, ends: Sequence[Rest], *, faults: bool) -> Rest:
        """The diagram with the choices of called blocks in place of the calls, and `ends` in place of its ends."""
        return self._flatten(diagram, tuple(ends), ("", False), faults)

    def _flatten(self, diagram: Diagram, ends: tuple[Rest, ...], base: _Base, faults: bool) -> Rest:
        if isinstance(diagram, End):
            return ends[diagram.group]
        key = (diagram, ends, base, faults)
        if key not in self._flat:
            if len(self._flat) > MOST_FLAT:
                raise TooLargeError
            after = [one and self._flatten(one, ends, base, faults) for one in diagram.next]
            self._flat[key] = self._placed(diagram.question, after, base, faults)
        return self._flat[key]

    def _placed(self, question: Pick | Call | Fault, after: list[Rest], base: _Base, faults: bool) -> Rest:
        if isinstance(question, Fault):
            return self.make.ask(question, after) if faults else after[0]
        if isinstance(question, Pick):
            path, is_absolute = _below(base, question.path, question.is_absolute)
            return self.make.ask(replace(question, path=path, is_absolute=is_absolute), after)
        return self._flatten(question.inner, tuple(after), _below(base, question.prefix, question.is_absolute), faults)

    def by_faults(self, diagram: Rest) -> Rest:
        """A flat diagram without faults, whose groups are told apart by the faults that were met on the way."""
        groups: dict[object, int] = {}
        known: dict[tuple[Diagram, frozenset[Fault]], Rest] = {}

        def follow(one: Rest, met: frozenset[Fault]) -> Rest:
            if one is None:
                return None
            if (one, met) not in known:
                known[one, met] = step(one, met)
            return known[one, met]

        def step(one: Diagram, met: frozenset[Fault]) -> Rest:
            if isinstance(one, End):
                return self.make.end(groups.setdefault((one.group, met), len(groups)))
            if isinstance(one.question, Fault):
                return follow(one.next[0], met | {one.question})
            if len(known) > MOST_FLAT:
                raise TooLargeError
            return self.make.ask(one.question, [follow(way, met) for way in one.next])

        return follow(diagram, frozenset())

    def joint(self, first: Diagram, later: Rest) -> Joint:
        """Follows the ways of one flat diagram through another; raises `OtherDomainError`."""
        found: dict[tuple[int, Rest], int] = {}
        known: dict[tuple[Diagram, Rest], Diagram] = {}

        def follow(one: Diagram, other: Rest) -> Diagram:
            key = (one, other)
            if key not in known:
                known[key] = step(one, other)
            return known[key]

        def step(one: Diagram, other: Rest) -> Diagram:
            if isinstance(other, Ask) and isinstance(other.question, Fault):
                return self._ask(other.question, [follow(one, other.next[0])])
            if isinstance(one, End):
                return self.make.end(found.setdefault((one.group, other), len(found)))
            if isinstance(one.question, Pick):
                pick = one.question
                rests = self._answered(other, pick, len(one.next))
                after = [way and follow(way, rest) for way, rest in zip(one.next, rests, strict=True)]
                return self._ask(pick, after)
            return self._ask(one.question, [way and follow(way, other) for way in one.next])

        return Joint(follow(first, later), tuple(found))

    def _ask(self, question: Pick | Call | Fault, after: Sequence[Rest]) -> Diagram:
        made = self.make.ask(question, after)
        assert made is not None
        return made

    def _answered(self, diagram: Rest, pick: Pick, ways: int) -> Sequence[Rest]:
        """What is left of a flat diagram for each answer to one of its questions, wherever it is asked."""
        if isinstance(diagram, Ask) and _is_same(diagram.question, pick):
            return diagram.next
        known: dict[tuple[Diagram, int], Rest] = {}
        return [self._with_answer(diagram, pick, way, known) for way in range(ways)]

    def _with_answer(self, diagram: Rest, pick: Pick, way: int, known: dict[tuple[Diagram, int], Rest]) -> Rest:
        if diagram is None or isinstance(diagram, End):
            return diagram
        if _is_same(diagram.question, pick):
            return diagram.next[way]
        if (diagram, way) not in known:
            after = [self._with_answer(one, pick, way, known) for one in diagram.next]
            known[diagram, way] = self.make.ask(diagram.question, after)
        return known[diagram, way]


def _is_same(question: Pick | Call | Fault, pick: Pick) -> bool:
    if not isinstance(question, Pick) or (question.path, question.is_absolute) != (pick.path, pick.is_absolute):
        return False
    if question.domain != pick.domain:
        raise OtherDomainError(pick, question)
    return True


def _below(base: _Base, path: str, is_absolute: bool) -> _Base:
    return (path, True) if is_absolute else (join(base[0], path), base[1])
