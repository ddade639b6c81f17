"""One choice of a diagram and the ways after each answer go in; texts, answers and the ways before each come out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from ghndsl.language.choices import Domain

Text: TypeAlias = tuple[str, str]
"""A choice made: its path, and what was chosen as a candidate's line shows it."""

_MOST_SPELLED = 4096
"""Ways of a domain that are spelled in advance."""


class NoWayError(Exception):
    """These choices are no way through: `path` is not among them (`text` is None), or cannot be what it is."""

    def __init__(self, path: str, domain: Domain, text: str | None) -> None:
        super().__init__(path)
        self.path = path
        self.domain = domain
        self.text = text


class Picking:
    """One choice: its path, its domain, and for each way how many come before it.

    >>> from ghndsl.language.choices import Options
    >>> act = Picking("act", Options(("relu", "gelu", "silu")), [2, 0, 3])
    >>> act.taken(3), list(act.after(3))
    ((('act', 'silu'), 2, 1), [(('act', 'silu'), 2, 1)])
    """

    def __init__(self, path: str, domain: Domain, counts: Sequence[int]) -> None:
        self.path = path
        self.domain = domain
        self.counts = counts
        self._starts = [0]
        for count in counts[:-1]:
            self._starts.append(self._starts[-1] + count)
        few = domain.size <= _MOST_SPELLED
        self._texts: list[Text] = [(path, text) for text in domain.texts(0)] if few else []

    def taken(self, number: int) -> tuple[Text, int, int]:
        """What is chosen on the way of a number, which answer that is, and the number of the way from there on."""
        answer = bisect_right(self._starts, number) - 1
        return self._text(answer), answer, number - self._starts[answer]

    def after(self, number: int) -> Iterator[tuple[Text, int, int]]:
        """What `taken` gives for a number, then for the first way of each later answer that has one."""
        yield self.taken(number)
        for answer in range(bisect_right(self._starts, number), len(self.counts)):
            if self.counts[answer]:
                yield self._text(answer), answer, 0

    def answer(self, made: Mapping[str, str]) -> tuple[int, int]:
        """Which answer was made, and how many ways come before it; raises `NoWayError`."""
        way = _way(self.path, self.domain, made)
        if not self.counts[way]:
            raise NoWayError(self.path, self.domain, made[self.path])
        return way, self._starts[way]

    def _text(self, answer: int) -> Text:
        return self._texts[answer] if self._texts else (self.path, self.domain.show(self.domain.picks(answer)))


class Bundle:
    """One choice whose ways all lead on alike: its path, its domain, and how many ways there are after each."""

    def __init__(self, path: str, domain: Domain, count: int) -> None:
        self.path = path
        self.domain = domain
        self.count = count

    def taken(self, number: int) -> tuple[Text, int, int]:
        """What is chosen on the way of a number, an answer that leads on as that does, and the number from there on."""
        way, rest = divmod(number, self.count)
        return (self.path, self.domain.show(self.domain.picks(way))), 0, rest

    def after(self, number: int) -> Iterator[tuple[Text, int, int]]:
        """What `taken` gives for a number, then for the first way of each later answer."""
        way, rest = divmod(number, self.count)
        for text in self.domain.texts(way):
            yield (self.path, text), 0, rest
            rest = 0

    def answer(self, made: Mapping[str, str]) -> tuple[int, int]:
        """An answer that leads on as the one that was made, and how many ways come before that; raises `NoWayError`."""
        return 0, _way(self.path, self.domain, made) * self.count


def _way(path: str, domain: Domain, made: Mapping[str, str]) -> int:
    """The number of what was chosen at a path."""
    text = made.get(path)
    found = None if text is None else domain.find(text)
    if found is None:
        raise NoWayError(path, domain, text)
    return domain.number(found)
