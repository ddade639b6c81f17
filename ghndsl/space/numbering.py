"""A diagram goes in; its ways, counted exactly, numbered in the order of their answers and read back, come out.

Ways are in lexicographic order: by the first choice made, then the second, each in the order of its options. So a
number depends on the choices alone, not on which of them come to the same shape.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import gcd
from typing import TypeAlias

from ghndsl.language.choices import Domain
from ghndsl.space.diagram import Ask, Call, Diagram, End, Pick, below, in_order

Text: TypeAlias = tuple[str, str]
"""A choice made: its path, and what was chosen as a candidate's line shows it."""

_MOST_KEPT = 4096
"""Ways of a part of a diagram that are kept once read, and ways of a domain that are spelled in advance."""


class NoWayError(Exception):
    """These choices are no way through: `path` is not among them (`text` is None), or cannot be what it is."""

    def __init__(self, path: str, domain: Domain, text: str | None) -> None:
        super().__init__(path)
        self.path = path
        self.domain = domain
        self.text = text


class Numbering:
    """The ways through a diagram, each counted as often as the weight of its group says.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.diagram import Diagrams
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
        self._picks: dict[Diagram, _Picking | _Bundle] = {}
        self._calls: dict[Diagram, tuple[int, Numbering]] = {}
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
                factor, inner = self._calls.get(diagram) or self._call(diagram)
                quotient, over = divmod(number, factor)
                made, answer, rest = inner.way(quotient)
                texts += made
                number = rest * factor + over
            else:
                picking = self._picks.get(diagram) or self._pick(diagram)
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
                factor, inner = self._calls.get(diagram) or self._call(diagram)
                count, answer = inner.number(made)
                total += count * factor
            else:
                picking = self._picks.get(diagram) or self._pick(diagram)
                answer, before = picking.answer(made, diagram.next)
                total += before
            after = diagram.next[answer]
            assert after is not None
            diagram = after
        return total, diagram.group

    def _pick(self, diagram: Ask) -> _Picking | _Bundle:
        counts = [self._totals[after] if after else 0 for after in diagram.next]
        question = diagram.question
        assert isinstance(question, Pick)
        path = below(question, self.base)
        if question.tried is None:
            self._picks[diagram] = _Picking(path, question.domain, [0, *accumulate(counts[:-1])])
        else:
            self._picks[diagram] = _Bundle(path, question.domain, counts[0])
        return self._picks[diagram]

    def _call(self, diagram: Ask) -> tuple[int, Numbering]:
        question = diagram.question
        assert isinstance(question, Call)
        factor, shares = _shares([self._totals[after] if after else 0 for after in diagram.next])
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


class _Picking:
    """One choice: its path, its domain, and for each way how many come before it."""

    def __init__(self, path: str, domain: Domain, starts: list[int]) -> None:
        self.path = path
        self.domain = domain
        self.starts = starts
        few = domain.size <= _MOST_KEPT
        self._texts: list[Text] = [(path, domain.show(domain.picks(i))) for i in range(domain.size)] if few else []

    def taken(self, number: int) -> tuple[Text, int, int]:
        """What is chosen on the way of a number, which answer that is, and the number of the way from there on."""
        answer = bisect_right(self.starts, number) - 1
        return self._text(answer), answer, number - self.starts[answer]

    def _text(self, answer: int) -> Text:
        return self._texts[answer] if self._texts else (self.path, self.domain.show(self.domain.picks(answer)))

    def answer(self, made: Mapping[str, str], after: Sequence[Diagram | None]) -> tuple[int, int]:
        """Which answer was made, and how many ways come before it."""
        way = _way(self.path, self.domain, made)
        if after[way] is None:
            raise NoWayError(self.path, self.domain, made[self.path])
        return way, self.starts[way]


class _Bundle:
    """One choice whose ways all lead on alike: its path, its domain, and how many ways there are after each."""

    def __init__(self, path: str, domain: Domain, count: int) -> None:
        self.path = path
        self.domain = domain
        self.count = count

    def taken(self, number: int) -> tuple[Text, int, int]:
        """What is chosen on the way of a number, an answer that leads on as that does, and the number from there on."""
        way, rest = divmod(number, self.count)
        return (self.path, self.domain.show(self.domain.picks(way))), 0, rest

    def answer(self, made: Mapping[str, str], _after: Sequence[Diagram | None]) -> tuple[int, int]:
        """An answer that leads on as the one that was made, and how many ways come before that."""
        return 0, _way(self.path, self.domain, made) * self.count


def _way(path: str, domain: Domain, made: Mapping[str, str]) -> int:
    """The number of what was chosen at a path."""
    text = made.get(path)
    found = None if text is None else domain.find(text)
    if found is None:
        raise NoWayError(path, domain, text)
    return domain.number(found)
