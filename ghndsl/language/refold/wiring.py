"""Items of equal shape, group after group, go in; how values pass from one turn of a loop to the next comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ghndsl.language.refold.program import Item
from ghndsl.records import record


@record
class Local:
    """A result of the same turn, by its place among all results of the turn."""

    place: int


@record
class Outer:
    """A value from outside that is the same in every turn."""

    value: int


@record
class Carried:
    """A result of the turn `lag` turns ago; `first` are the values from outside that the first turns have instead."""

    place: int
    lag: int
    first: tuple[int, ...]


Source: TypeAlias = Local | Outer | Carried


@record
class Wiring:
    """Where the inputs of a turn's items come from, in order, for a number of turns."""

    sources: tuple[Source, ...]
    turns: int

    @property
    def slots(self) -> dict[tuple[int, int], int]:
        """The carried values by place and lag, each with the value it has in the first turn."""
        found: dict[tuple[int, int], int] = {}
        for source in self.sources:
            if isinstance(source, Carried):
                for lag in range(source.lag, 0, -1):
                    found.setdefault((source.place, lag), source.first[source.lag - lag])
        return found


def wiring(items: Sequence[Item], start: int, period: int, turns: int, totals: Mapping[int, int]) -> Wiring | None:
    """The wiring of as many turns, of those given, as pass their values on alike; None when not even two do.

    `totals` counts all uses of each value; values that are used after the loop must be of its last turn.
    """
    while turns > 1:
        found = _wired(items, start, period, turns)
        if found is None:
            return None
        turns = _contained(items, start, period, found, totals)
        if turns == found.turns:
            return found
    return None


def _wired(items: Sequence[Item], start: int, period: int, turns: int) -> Wiring | None:
    made: dict[int, tuple[int, int]] = {}
    sources: list[Source | tuple[int, ...]] = []
    for turn in range(turns):
        group = items[start + turn * period : start + (turn + 1) * period]
        found = _sources(group, turn, made, sources)
        if found is None:
            turns = turn
            break
        sources = found
    settled = tuple([Outer(s[0]) if isinstance(s, tuple) and len(set(s)) == 1 else s for s in sources])
    if turns < 2 or any(isinstance(source, tuple) for source in settled):
        return None
    whole = Wiring(tuple([source for source in settled if not isinstance(source, tuple)]), turns)
    return whole if _agree(whole) else None


def _sources(
    group: Sequence[Item], turn: int, made: dict[int, tuple[int, int]], before: Sequence[Source | tuple[int, ...]]
) -> list[Source | tuple[int, ...]] | None:
    """The sources as this turn confirms them; None when it does not. Values from outside wait for the next turns."""
    found: list[Source | tuple[int, ...]] = []
    results = 0
    for item in group:
        for value in item.inputs:
            known = before[len(found)] if turn else ()
            source = _source(value, made.get(value), turn, known)
            if source is None:
                return None
            found.append(source)
        made.update((value, (turn, results + i)) for i, value in enumerate(item.results))
        results += len(item.results)
    return found


def _source(
    value: int, made: tuple[int, int] | None, turn: int, known: Source | tuple[int, ...]
) -> Source | tuple[int, ...] | None:
    if isinstance(known, Local) or (turn == 0 and made is not None):
        place = made[1] if made is not None and made[0] == turn else -1
        return Local(place) if turn == 0 or known == Local(place) else None
    if isinstance(known, Carried):
        return known if made == (turn - known.lag, known.place) else None
    if isinstance(known, Outer):
        return known if value == known.value else None
    if made is None:
        return (*known, value) if turn < _LONGEST_LAG else Outer(value) if set(known) == {value} else None
    is_first = made[0] == 0 and turn == len(known)
    return Carried(made[1], turn, known) if is_first else None


_LONGEST_LAG = 2


def _agree(found: Wiring) -> bool:
    """Whether what is carried under one place and lag begins with one value."""
    slots = found.slots
    for source in found.sources:
        if isinstance(source, Carried):
            lags = range(source.lag, 0, -1)
            if any(slots[source.place, lag] != source.first[source.lag - lag] for lag in lags):
                return False
    return all(lag < found.turns for _, lag in slots)


def _contained(items: Sequence[Item], start: int, period: int, found: Wiring, totals: Mapping[int, int]) -> int:
    """The number of turns after which no value of an earlier turn is used."""
    inside = Counter(v for item in items[start : start + period * found.turns] for v in item.inputs)
    kept = {place for place, lag in found.slots if lag == _LONGEST_LAG}
    for turn in range(found.turns - 1):
        place = 0
        for item in items[start + turn * period : start + (turn + 1) * period]:
            for value in item.results:
                is_last = turn == found.turns - _LONGEST_LAG and place in kept
                if totals[value] > inside[value] and not is_last:
                    return turn + 1
                place += 1
    return found.turns
