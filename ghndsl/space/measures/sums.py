"""What candidates cost and a bound on one measure go in; how many keep the bound comes out, and draws of them.

The ways of each part are counted by what they cost together, from the ends backwards. Where that comes to too many
sums, costs are rounded so that no candidate which keeps the bound is lost: what is drawn is then to be tested, and is
uniform among those that pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.records import record
from ghndsl.space.measures.bound import Bound
from ghndsl.space.measures.costs import Fork, Used, Way, measures
from ghndsl.space.measures.repeats import Repeats, UnsuitedError, settled

MOST_WORK = 5_000_000
"""Pairs of sums that are added up; of long numbers fewer."""
MOST_SUMS = 4_100
"""Sums of one part that are told apart."""
FEW_SUMS = 64
"""Sums of one part that are not rounded."""
_LONG = 18
"""Two numbers of half this many bits, as a power of 2, are multiplied in about the time that a pair of sums takes."""

Place: TypeAlias = tuple[tuple[Fork | int, int], ...]
"""Where uses of one part have come to that make their choices together, and how often there is each."""
Ends: TypeAlias = tuple[int, ...]
"""The group that each of them ends in."""
Sums: TypeAlias = dict[int, int]
"""How many ways there are to a sum."""
_Ways: TypeAlias = "Sequence[tuple[Way, int]]"


@record
class Move:
    """One way on from a place: an answer, or the ways into some groups of a call; where it leads, and what is spent.

    `inside` is where the choices of the call begin, `ends` the groups that they end in; `amount` is without them.
    """

    answer: int
    inside: Place | None
    ends: Ends
    amount: int
    after: Place


@dataclass
class Counting:
    """The ways of a space by what they cost, as a bound asks for it."""

    bound: Bound
    repeats: Repeats
    work: int = 0
    _rounded: set[Place] = field(default_factory=set["Place"])
    _tables: dict[Place, dict[Ends, Sums]] = field(default_factory=dict["Place", "dict[Ends, Sums]"])

    def table(self, place: Place) -> dict[Ends, Sums]:
        """From a place on, how many ways there are into groups by their sums."""
        if place not in self._tables:
            groups = tuple([after for after, _ in place if isinstance(after, int)])
            found: dict[Ends, Sums] = {groups: {0: 1}} if len(groups) == len(place) else {}
            for move in () if found else self.moves(place):
                spent: Sums = {}
                self.add(spent, self.inner(move), {move.amount: 1})
                for ends, sums in self.table(move.after).items():
                    self.add(found.setdefault(ends, {}), spent, sums)
            self._tables[place] = self._few(place, found)
        return self._tables[place]

    def _few(self, place: Place, found: dict[Ends, Sums]) -> dict[Ends, Sums]:
        """The sums of a place, rounded where they are many."""
        if self.bound.width == 1 or all(len(sums) <= FEW_SUMS for sums in found.values()):
            return found
        self._rounded.add(place)
        merged: dict[Ends, Sums] = {}
        for ends, sums in found.items():
            into = merged.setdefault(ends, {})
            for total, ways in sums.items():
                whole = self.bound.rounded(total)
                into[whole] = into.get(whole, 0) + ways
        return merged

    def window(self, place: Place, total: int) -> tuple[int, int | None]:
        """Where the sums lie that are counted as `total` at a place."""
        return self.bound.window(total, self.bound.width if place in self._rounded else 1)

    def inner(self, move: Move) -> Sums:
        """The sums of the choices in a call."""
        return {0: 1} if move.inside is None else self.table(move.inside)[move.ends]

    def moves(self, place: Place) -> Iterator[Move]:
        """The ways on from a place that is no end."""
        forks = [(after, times) for after, times in place if isinstance(after, Fork)]
        first = forks[0][0]
        if len(forks) < len(place) or any(len(fork.ways) != len(first.ways) for fork, _ in forks):
            raise UnsuitedError
        if not isinstance(first.question, Used):
            if any(fork.question != first.question for fork, _ in forks):
                raise UnsuitedError
            for answer in range(len(first.ways)):
                if first.ways[answer] is not None:
                    amount, after = self.along(_taken(forks, [answer] * len(forks)))
                    yield Move(answer, None, (), amount, after)
            return
        before, inside = self.along([*self._calls(forks), *self.repeats.of(first)])
        for ends in self.table(inside):
            if first.ways[ends[0]] is not None:
                amount, after = self.along(_taken(forks, ends))
                yield Move(-1, inside, ends, before + amount, after)

    def _calls(self, forks: Sequence[tuple[Fork, int]]) -> list[tuple[Way, int]]:
        found: list[tuple[Way, int]] = []
        for fork, times in forks:
            question = fork.question
            if not isinstance(question, Used) or (question.key is not None and self.weighs):
                raise UnsuitedError
            found.append((question.way, times))
        return found

    @property
    def weighs(self) -> bool:
        """Whether weights count."""
        return self.bound.measure in ("params", "memory")

    def along(self, ways: _Ways) -> tuple[int, Place]:
        """What ways cost together up to the places that they lead to."""
        amount = 0
        for way, times in ways:
            for part in (way, *settled(way, self.repeats.items, weighs=self.weighs)):
                amount += times * measures(part.cost)[self.bound.measure]
        return amount, tuple([(way.after, times) for way, times in ways])

    def add(self, found: Sums, some: Sums, others: Sums) -> None:
        """Adds the sums of one of each."""
        self.work += pairs(some, others)
        if self.work > MOST_WORK:
            raise UnsuitedError
        kept = self.bound.kept
        for one, ways in some.items():
            for other, more in others.items():
                total = kept(one + other)
                if total is not None:
                    found[total] = found.get(total, 0) + ways * more
        if self.bound.width == 1 and len(found) > MOST_SUMS:
            raise UnsuitedError


def pairs(some: Sums, others: Sums) -> int:
    """How many pairs there are of one of each; more where the numbers of ways are long, which takes as much longer.

    >>> pairs({1: 5, 2: 2**600}, {1: 7}), pairs({1: 2**5000}, {1: 2**5000})
    (2, 96)
    """
    one, other = (sum([ways.bit_length() for ways in sums.values()]) for sums in (some, others))
    return len(some) * len(others) + (one * other >> _LONG)


def _taken(forks: Sequence[tuple[Fork, int]], answers: Sequence[int]) -> list[tuple[Way, int]]:
    """The ways that go on from forks by these answers."""
    found: list[tuple[Way, int]] = []
    for (fork, times), answer in zip(forks, answers, strict=False):
        way = fork.ways[answer]
        if way is None:
            raise UnsuitedError
        found.append((way, times))
    return found
