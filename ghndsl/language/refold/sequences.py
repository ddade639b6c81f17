"""The entries of a body go in; chains that were labelled as a whole come out as one entry each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ghndsl.language.refold.callees import BlockCall, Callee, Repeated, Sequential
from ghndsl.language.refold.entries import Entry
from ghndsl.language.refold.expressions import About, Literal
from ghndsl.language.refold.labels import label, relative
from ghndsl.language.refold.repeats import are_short, is_link

_MOST = 8
"""Longer chains are left in parts, in which loops may be found."""


def sequences(entries: Sequence[Entry], base: str, uses: Mapping[int, int]) -> Iterator[Entry]:
    """The entries, labelled chains joined; `uses` counts how often each value is needed.

    The parts of a labelled chain are numbered by their place in it, so their paths tell where one was.
    """
    start = 0
    while start < len(entries):
        above = _first_of(entries[start], base)
        end = start + 1
        while above is not None and end < len(entries) and _goes_on(entries, start, end, f"{above}.", uses):
            end += 1
        joined = _joined(entries[start:end], above) if above is not None else None
        yield joined or entries[start]
        start = end if joined else start + 1


def _first_of(entry: Entry, base: str) -> str | None:
    """The path of the labelled chain that an entry may be the first link of."""
    above, _, last = entry.path.rpartition(".")
    return above if last == "0" and _is_link(entry) and relative(above, base) not in (None, "self") else None


def _is_link(entry: Entry) -> bool:
    return entry.is_numbered and is_link(entry.callee) and len(entry.inputs) == len(entry.results) == 1


def _goes_on(entries: Sequence[Entry], start: int, at: int, above: str, uses: Mapping[int, int]) -> bool:
    """Whether the entry at a place is the next link of the chain that started there and has that path."""
    before, entry = entries[at - 1], entries[at]
    follows = _is_link(entry) and entry.inputs == before.results and uses[before.results[0]] == 1
    if not follows or not entry.path.startswith(above):
        return False
    place = entry.path.removeprefix(above)
    return place == str(at - start) or (entry.owns and place.isidentifier())


def _joined(entries: Sequence[Entry], above: str) -> Entry | None:
    """The entry of a labelled chain; None when it is better left in parts."""
    places = [relative(entry.path, above) or "" for entry in entries]
    callees = [entry.callee for entry in entries]
    period = _period(callees) if places == [str(number) for number in range(len(places))] else None
    if period is not None and are_short(callees[:period]):
        times = Literal(len(entries) // period, About("depth"))
        callee: Callee = Repeated(times, tuple(callees[:period]))
    elif 1 < len(entries) <= _MOST and not _repeats(callees):
        labels = [None if place == str(number) else label(place) for number, place in enumerate(places)]
        callee = Sequential(tuple(zip(callees, labels, strict=True)))
    else:
        return None
    return Entry(callee, entries[0].inputs, entries[-1].results, above, any(entry.owns for entry in entries))


def _period(callees: Sequence[Callee]) -> int | None:
    """After how many callees the same ones begin again and again, to the end; None when they do not."""
    texts = [(callee.skeleton, [one.text for one in callee.literals]) for callee in callees]
    for period in range(1, min(_MOST, len(texts) // 2) + 1):
        if len(texts) % period == 0 and texts[period:] == texts[:-period]:
            return period
    return None


def _repeats(callees: Sequence[Callee]) -> bool:
    """Whether two neighbours differ by settled values alone, so that a loop may be found."""
    return any(isinstance(a, BlockCall) and a.skeleton == b.skeleton for a, b in pairwise(callees))
