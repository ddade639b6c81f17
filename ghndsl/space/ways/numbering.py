"""A diagram goes in; its ways, counted exactly, numbered in the order of their answers and read back, come out.

Ways are in lexicographic order: by the first choice made, then the second, each in the order of its options. So a
number depends on the choices alone, not on which of them come to the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd

from ghndsl.space.ways.diagram import Ask, Call, Diagram, End, Pick, below, in_order
from ghndsl.space.ways.picking import Bundle, NoWayError, Picking, Text

_MOST_KEPT = 4096
"""Ways of a part of a diagram that are kept once read."""


class Numbering:
    """The ways through a diagram, each counted as often as the weight of its group says.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.ways.diagram import Diagrams
    >>> make = Diagrams()
    >>> rest = make.ask(Pick("act", Options(("relu", "gelu", "silu"))), [make.end(0)] * 3)
    >>> start = make.ask(Pick("depth", Options(("1", "2"))), [make.end(0), rest])
    >>> ways = Numbering(start)
    >>> ways.total, ways.way(2)[0], ways.number({"depth": "2", "act": "gelu"})[0]
    (4, (('depth', '2'), ('act', 'gelu')), 2)
    """

    def __init__(self, start: Diagram, weights: tuple[int, ...] = (1,), base: str = "", kin: Numbering | None = None):
        self.start = start
        self.base = base
        self._tables: dict[tuple[Diagram, tuple[int, ...], str], Numbering] = kin._tables if kin else {}
        self._counts: dict[tuple[Diagram, tuple[int, ...]], dict[Diagram, int]] = kin._counts if kin else {}
        self._totals = self._count(start, weights)
        self._picks: dict[Ask, Picking | Bundle] = {}
        self._calls: dict[Ask, tuple[int, Numbering]] = {}
        self._kept: dict[int, tuple[tuple[Text, ...], int, int]] = {}
        self.total = self._totals[start]

    def way(self, number: int) -> tuple[tuple[Text, ...], int, int]:
        """The choices of a way in the order in which they are made, its group, and how far into its weight it is."""
        found = self._kept.get(number)
        if found is None:
            found = self._walk(number)
            if self.total <= _MOST_KEPT:
                self._kept[number] = found
        return found

    def _walk(self, number: int) -> tuple[tuple[Text, ...], int, int]:
        texts: list[Text] = []
        diagram = self.start
        while isinstance(diagram, Ask):
            if isinstance(diagram.question, Call):
                factor, inner = self._calls.get(diagram) or self.calling(diagram)
                quotient, over = divmod(number, factor)
                made, answer, rest = inner.way(quotient)
                texts += made
                number = rest * factor + over
            else:
                picking = self._picks.get(diagram) or self.picking(diagram)
                text, answer, number = picking.taken(number)
                texts.append(text)
            after = diagram.next[answer]
            assert after is not None
            diagram = after
        return tuple(texts), diagram.group, number

    def number(self, made: Mapping[str, str]) -> tuple[int, int]:
        """The number and the group of the way with these choices (path to text); raises `NoWayError`."""
        total = 0
        diagram = self.start
        while isinstance(diagram, Ask):
            if isinstance(diagram.question, Call):
                factor, inner = self._calls.get(diagram) or self.calling(diagram)
                count, answer = inner.number(made)
                total += count * factor
            else:
                picking = self._picks.get(diagram) or self.picking(diagram)
                answer, before = picking.answer(made)
                total += before
            after = diagram.next[answer]
            assert after is not None
            diagram = after
        return total, diagram.group

    def counts(self, diagram: Ask) -> list[int]:
        """In proportion to how many ways lead on from each answer; of answers that all lead on alike, from one."""
        return [self._totals[after] if after else 0 for after in diagram.next]

    def called(self, diagram: Ask) -> Numbering:
        """The ways of the block that a diagram calls."""
        return (self._calls.get(diagram) or self.calling(diagram))[1]

    def left(self, diagram: Diagram) -> int:
        """How many ways there are from a place in the diagram on."""
        return self._totals[diagram]

    def picking(self, diagram: Ask) -> Picking | Bundle:
        """What can be picked where a diagram asks for it."""
        question = diagram.question
        assert isinstance(question, Pick)
        if diagram not in self._picks:
            path, counts = below(question, self.base), self.counts(diagram)
            bundle = Bundle(path, question.domain, counts[0]) if question.tried is not None else None
            self._picks[diagram] = bundle or Picking(path, question.domain, counts)
        return self._picks[diagram]

    def calling(self, diagram: Ask) -> tuple[int, Numbering]:
        """The ways through a called block, each as often as it is followed by ways, but for a common factor."""
        question = diagram.question
        assert isinstance(question, Call)
        if diagram not in self._calls:
            factor, shares = _shares(self.counts(diagram))
            key = (question.inner, shares, below(question, self.base))
            if key not in self._tables:
                self._tables[key] = Numbering(*key, kin=self)
            self._calls[diagram] = factor, self._tables[key]
        return self._calls[diagram]

    def _count(self, start: Diagram, weights: tuple[int, ...]) -> dict[Diagram, int]:
        """The number of ways from each place on to any end, each as often as the weight of its group says."""
        key = (start, weights)
        if key not in self._counts:
            totals: dict[Diagram, int] = {}
            for diagram in reversed(in_order(start)):
                totals[diagram] = self._ways(diagram, totals, weights)
            self._counts[key] = totals
        return self._counts[key]

    def _ways(self, diagram: Diagram, totals: Mapping[Diagram, int], weights: tuple[int, ...]) -> int:
        if isinstance(diagram, End):
            return weights[diagram.group]
        counts = [totals[after] if after else 0 for after in diagram.next]
        if isinstance(diagram.question, Pick) and diagram.question.tried is not None:
            # All ways lead on alike (`bundles.py`), those that were not tried too.
            return counts[0] * diagram.question.domain.size
        if not isinstance(diagram.question, Call):
            return sum(counts)
        factor, shares = _shares(counts)
        return factor * self._count(diagram.question.inner, shares)[diagram.question.inner]


def _shares(counts: Sequence[int]) -> tuple[int, tuple[int, ...]]:
    """What all counts have in common, and what is left of each: calls followed by like counts share one table."""
    factor = gcd(*counts)
    return factor, tuple([count // factor for count in counts])


__all__ = ["NoWayError", "Numbering", "Text"]
