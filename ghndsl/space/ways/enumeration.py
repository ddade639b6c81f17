"""A numbering goes in; its ways come out one after another from any number on, in order, none walked from the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ghndsl.space.candidate import Candidate
from ghndsl.space.ways.diagram import Ask, Call, Diagram, End
from ghndsl.space.ways.numbering import Numbering, Text

Way: TypeAlias = tuple[tuple[Text, ...], int]
"""The choices made, and the group that they end in."""

_Step: TypeAlias = tuple[tuple[Text, ...], Diagram, int]
"""The choices made so far, what comes next, and the number of the way from there on."""

_MOST_LISTED = 1024
"""Ways from a place on up to which they are listed once, for all who come by there."""
_MOST_KEPT = 1_000_000
"""Choices in the lists that are kept; when there are more, all are forgotten."""


class Walk:
    """Goes through ways in the order of their numbers; the parts near their ends are listed once and shared.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.ways.diagram import Diagrams, Pick
    >>> make = Diagrams()
    >>> rest = make.ask(Pick("act", Options(("relu", "gelu", "silu"))), [make.end(0)] * 3)
    >>> start = make.ask(Pick("depth", Options(("1", "2"))), [make.end(0), rest])
    >>> list(Walk(Numbering(start)).ways(2))
    [((('depth', '2'), ('act', 'gelu')), 0), ((('depth', '2'), ('act', 'silu')), 0)]
    """

    def __init__(self, numbers: Numbering) -> None:
        self._numbers = numbers
        self._lists: dict[tuple[Numbering, Diagram], list[Way]] = {}
        self._kept = 0

    def ways(self, number: int = 0) -> Iterator[Way]:
        """The ways from a number on, each once."""
        if number < self._numbers.total:
            yield from self._ways(self._numbers, self._numbers.start, number, _MOST_LISTED)

    def _ways(self, numbers: Numbering, start: Diagram, number: int, listed: int) -> Iterator[Way]:
        """The ways from a place on; where `listed` or fewer are left, they come from a list."""
        # A stack of its own, since a way may be longer than Python calls are deep.
        stack: list[Iterator[_Step]] = [iter([((), start, number)])]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                continue
            before, diagram, number = step
            if isinstance(diagram, End):
                yield before, diagram.group
            elif number == 0 and numbers.left(diagram) <= listed:
                for texts, group in self._listed(numbers, diagram):
                    yield before + texts, group
            else:
                stack.append(self._steps(numbers, before, diagram, number))

    def _steps(self, numbers: Numbering, before: tuple[Text, ...], diagram: Ask, number: int) -> Iterator[_Step]:
        if isinstance(diagram.question, Call):
            factor, inner = numbers.calling(diagram)
            quotient, over = divmod(number, factor)
            rest = inner.way(quotient)[2] * factor + over
            for texts, answer in self._ways(inner, inner.start, quotient, _MOST_LISTED):
                yield before + texts, _after(diagram, answer), rest
                rest = 0
            return
        for text, answer, rest in numbers.picking(diagram).after(number):
            yield (*before, text), _after(diagram, answer), rest

    def _listed(self, numbers: Numbering, diagram: Diagram) -> list[Way]:
        found = self._lists.get((numbers, diagram))
        if found is None:
            found = list(self._ways(numbers, diagram, 0, listed=0))
            self._kept += sum([len(texts) for texts, _ in found])
            if self._kept > _MOST_KEPT:
                self._lists.clear()
                self._kept = 0
            self._lists[numbers, diagram] = found
        return found


def _after(diagram: Ask, answer: int) -> Diagram:
    after = diagram.next[answer]
    assert after is not None, "no way leads there"
    return after


def shard_of(total: int, shard: tuple[int, int]) -> range:
    """The part of 0 to `total` - 1 that a shard is, from (1, n) to (n, n); raises ValueError for another.

    >>> [shard_of(7, (part, 3)) for part in (1, 2, 3)]
    [range(0, 2), range(2, 4), range(4, 7)]
    """
    part, parts = shard
    if not 1 <= part <= parts:
        raise ValueError(f"there is no shard {part} of {parts}; they are numbered 1 to n of n")
    return range(total * (part - 1) // parts, total * part // parts)


def candidates(
    kept: Numbering, all_: Numbering, places: range, meets: Callable[[Candidate], bool] | None
) -> Iterator[tuple[int, Candidate]]:
    """The candidates at some places among the `kept` ones that meet what is asked, each with its number among all."""
    found = ((place, Candidate(way[0])) for place, way in zip(places, Walk(kept).ways(places.start), strict=False))
    numbered = found if kept is all_ else ((all_.number(dict(one.texts))[0], one) for _, one in found)
    return numbered if meets is None else (pair for pair in numbered if meets(pair[1]))
