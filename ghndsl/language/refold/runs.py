"""Tokens of items and what these take go in; the places where a loop may begin come out, period by period.

Most items are told from a turn of a loop at a glance, so that long bodies in which nothing repeats take little time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import eq, or_

from ghndsl.language.refold.program import Item
from ghndsl.records import record

_ROTATIONS = 8
"""Places that the first of two turns is tried to begin at, at most."""


@record
class Stretch:
    """Items from `start` to before `end`, each like the one a period before; loops may begin at `starts`."""

    start: int
    end: int
    starts: tuple[int, ...]


class Runs:
    """Finds stretches among items; items with equal tokens differ in literals and inputs alone."""

    def __init__(self, items: Sequence[Item], tokens: Sequence[int]) -> None:
        self.items = items
        self.tokens = tokens
        made = {value: at for at, item in enumerate(items) for value in item.results}
        self.inputs = [item.inputs for item in items]
        self.joining = [at for at, one in enumerate(self.inputs) if len(one) > 1]
        self.distances = [tuple([at - made.get(v, -1) for v in one]) for at, one in enumerate(self.inputs)]

    def stretches(self, period: int) -> Iterator[Stretch]:
        """The longest runs of items that may be turns of that period.

        Two turns alone are looked for only where there are no more; three pass their values on in one way.
        """
        for start, end in _runs(bytes(map(eq, self.tokens, self.tokens[period:])), period):
            if end - start < 2 * period:
                last = min(start + _ROTATIONS, end - period + 1)
                yield Stretch(start, end + period, tuple(range(start, last)))
            else:
                yield from self._steady(start, end, period)

    def _steady(self, start: int, end: int, period: int) -> Iterator[Stretch]:
        """The parts of a stretch in which items take the same values, or those made as far before, turn by turn.

        The first turn, or the first two, may take values from before the loop instead.
        """
        first, second = slice(start, end), slice(start + period, end + period)
        as_far = map(eq, self.distances[first], self.distances[second])
        alike = bytearray(map(or_, as_far, map(eq, self.inputs[first], self.inputs[second])))
        for at in self.joining[bisect_left(self.joining, start) : bisect_left(self.joining, end)]:
            alike[at - start] |= self._alike(at, at + period)
        for begin, stop in _runs(alike, period):
            earliest = max(start, start + begin - 2 * period)
            latest = min(start + begin, start + stop - period)
            yield Stretch(earliest, start + stop + period, tuple(range(earliest, latest + 1)))

    def _alike(self, one: int, other: int) -> bool:
        near, far = self.distances[one], self.distances[other]
        values = zip(near, far, self.inputs[one], self.inputs[other], strict=True)
        return all(a == b or v == w for a, b, v, w in values)


def _runs(same: bytes | bytearray, least: int) -> Iterator[tuple[int, int]]:
    """From where to before where ones stand, at least so many."""
    for found in re.finditer(b"\x01{%d,}" % least, same):
        yield found.span()
