"""A choice met on a way through a space goes in; the answers that lead on come out, and how many candidates go each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from random import Random

from ghndsl.language.choices import Domain
from ghndsl.space.ways.diagram import Ask, Diagram
from ghndsl.space.ways.numbering import Numbering
from ghndsl.space.ways.picking import Bundle, Text

_MOST_KEPT = 4096
"""Ways of a choice that are remembered by their text."""


class Fork:
    """One choice, where it is met: its path, what it may be, and which of that leads on to a candidate.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.ways.diagram import Diagrams, Pick
    >>> make = Diagrams()
    >>> start = make.ask(Pick("act", Options(("relu", "gelu", "silu"))), [make.end(0), None, make.end(0)])
    >>> fork = Fork(Numbering(start), start)
    >>> fork.path, fork.ways, fork.found("gelu"), fork.text(2)
    ('act', [0, 2], None, ('act', 'silu'))
    """

    def __init__(self, numbering: Numbering, ask: Ask) -> None:
        picking = numbering.picking(ask)
        self.path = picking.path
        self.domain: Domain = picking.domain
        self._next = ask.next
        self._counts = None if isinstance(picking, Bundle) else picking.counts
        self._ways: dict[str, int | None] = {}
        self._texts: dict[int, Text] = {}

    @cached_property
    def ways(self) -> Sequence[int]:
        """The ways of the domain that lead on."""
        if self._counts is None or all(self._counts):
            return range(self.domain.size)
        return [way for way, count in enumerate(self._counts) if count]

    def leads_on(self, way: int) -> bool:
        """Whether some candidate goes a way of the domain from here."""
        return self._counts is None or self._counts[way] > 0

    def after(self, way: int) -> Diagram:
        """Where a way leads."""
        after = self._next[0 if self._counts is None else way]
        assert after is not None
        return after

    def found(self, text: str) -> int | None:
        """The way that a line shows so; None when there is none or it does not lead on."""
        if text not in self._ways:
            picks = self.domain.find(text)
            way = None if picks is None else self.domain.number(picks)
            if len(self._ways) > _MOST_KEPT:
                self._ways.clear()
            self._ways[text] = None if way is None or not self.leads_on(way) else way
        return self._ways[text]

    def text(self, way: int) -> Text:
        """A way as it stands in a candidate."""
        if way not in self._texts:
            if len(self._texts) > _MOST_KEPT:
                self._texts.clear()
            self._texts[way] = self.path, self.domain.show(self.domain.picks(way))
        return self._texts[way]

    def drawn(self, rng: Random) -> int:
        """A way, each drawn as often as candidates go it."""
        if self._counts is None:
            return rng.randrange(self.domain.size)
        return bisect_right(self._sums, rng.randrange(self._sums[-1]))

    @cached_property
    def _sums(self) -> list[int]:
        return list(accumulate(self._counts or ()))

    def nearest(self, text: str) -> int:
        """The way that leads on and is nearest to a text: that itself, or what shares most with it."""
        found = self.found(text)
        if found is not None:
            return found
        picks = self.domain.find(text)
        if picks is not None:
            return self._nearest_way(self.domain.number(picks))
        number = _number(text)
        others = [(way, _number(self.text(way)[1])) for way in self.ways[:_MOST_KEPT]] if number is not None else []
        near = [(abs(other - number), way) for way, other in others if number is not None and other is not None]
        return min(near)[1] if near else self.ways[0]

    def _nearest_way(self, ruled_out: int) -> int:
        marks = set(self.domain.marked(ruled_out))

        def distance(way: int) -> tuple[int, int]:
            return len(marks.symmetric_difference(self.domain.marked(way))), abs(way - ruled_out)

        return min(self.ways, key=distance)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
