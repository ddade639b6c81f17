"""The options of a `choose` go in; the number of ways to choose, and the picks and the text of each, come out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cached_property
from itertools import combinations
from typing import Protocol

from ghndsl.dags.subsets import subset, subset_number
from ghndsl.language.values import OperatorName, Result, static, text
from ghndsl.records import record


class Domain(Protocol):
    """What one choice may be. A pick is a tuple of numbers, as the kind of choice has it; ways are numbered from 0."""

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen, in words; where that is too much to list, a description of it."""
        ...

    @property
    def size(self) -> int:
        """The number of ways to choose."""
        ...

    def picks(self, number: int) -> tuple[int, ...]:
        """The pick of way `number`."""
        ...

    def number(self, picks: tuple[int, ...]) -> int:
        """The way of a pick."""
        ...

    def show(self, picks: tuple[int, ...]) -> str:
        """A pick as a candidate's line shows it."""
        ...

    def find(self, shown: str) -> tuple[int, ...] | None:
        """The pick that a line shows, or None when this choice cannot be that."""
        ...

    def hint(self, shown: str | None) -> str | None:
        """What helps whoever wrote what this choice cannot be, or nothing."""
        ...


@record
class Options:
    """What one choice may be: one of `options`, or `low` to `high` distinct ones of them, unordered.

    A pick is the positions of the options, which are as a candidate's line shows them.

    >>> Options(("3", "5", "7")).size, Options(("0", "1", "2"), 2, 2).size
    (3, 3)
    >>> Options(("0", "1", "2"), 2, 2).picks(1), Options(("a", "b")).find("b")
    ((0, 2), (1,))
    """

    options: tuple[str, ...]
    low: int | None = None
    high: int | None = None

    @property
    def is_subset(self) -> bool:
        """Whether several options are chosen."""
        return self.low is not None

    @property
    def size(self) -> int:
        """The number of ways to choose."""
        count = len(self.options)
        if self.low is None or self.high is None:
            return count
        return sum(math.comb(count, k) for k in range(self.low, self.high + 1))

    def picks(self, number: int) -> tuple[int, ...]:
        """The positions of the options that way `number` chooses; fewer options first, then by position."""
        if self.low is None or self.high is None:
            return (number,)
        for k in range(self.low, self.high + 1):
            ways = math.comb(len(self.options), k)
            if number < ways:
                return subset(len(self.options), k, number)
            number -= ways
        raise IndexError(number)

    def number(self, picks: tuple[int, ...]) -> int:
        """The way that chooses these positions."""
        if self.low is None:
            return picks[0]
        count, k = len(self.options), len(picks)
        before = sum(math.comb(count, fewer) for fewer in range(self.low, k))
        return before + subset_number(count, picks)

    def show(self, picks: tuple[int, ...]) -> str:
        """The picks as a candidate's line shows them."""
        chosen = [self.options[i] for i in picks]
        return f"[{','.join(chosen)}]" if self.is_subset else chosen[0]

    @cached_property
    def _by_text(self) -> Mapping[str, tuple[int, ...]]:
        sizes = [1] if self.low is None or self.high is None else range(self.low, self.high + 1)
        return {self.show(picks): picks for k in sizes for picks in combinations(range(len(self.options)), k)}

    def find(self, shown: str) -> tuple[int, ...] | None:
        """The picks that a line shows, or None when this choice cannot be that."""
        if not self.is_subset:
            return (self.options.index(shown),) if shown in self.options else None
        items = shown[1:-1].split(",") if len(shown) > 2 else []
        if not shown.startswith("[") or any(item not in self.options for item in items):
            return self._by_text.get(shown) if self.size <= _MOST_SPELLED else None
        picks = tuple(sorted(self.options.index(item) for item in items))
        fits = self.low is not None and self.high is not None and self.low <= len(picks) <= self.high
        return picks if fits and len(set(picks)) == len(picks) else None

    def hint(self, shown: str | None) -> str | None:
        if self.is_subset:
            return f"it takes {self.low} to {self.high} distinct options in brackets, as [a,b]"
        return f"it can be {', '.join(self.options)}" if len(self.options) <= _MOST_LISTED else None


def joined(one: Domain, other: Domain) -> Domain:
    """What one of two choices may be, for the eye.

    >>> joined(Options(("a", "b")), Options(("b", "c"))).options
    ('a', 'b', 'c')
    """
    options = tuple(dict.fromkeys((*one.options, *other.options)))
    if options in (one.options, other.options):
        return one if options == one.options else other
    return Options(options, one.low, one.high) if isinstance(one, Options) else Options(options)


_MOST_LISTED = 12
# Options whose own text holds commas are found by spelling every subset out, which is done for small sets only.
_MOST_SPELLED = 10_000


def option_text(value: Result) -> str:
    """An option as a candidate's line shows it: without spaces, words bare.

    >>> option_text((3, 1)), option_text("same"), option_text("two words")
    ('(3,1)', 'same', '"two_words"')
    """
    if isinstance(value, OperatorName):
        return value.name
    if isinstance(value, str) and re.fullmatch(r"[^\W\d]\w*", value):
        return value
    if isinstance(value, tuple):
        return f"({','.join(map(option_text, value))})"
    shown = text(value)
    return shown if static(value) and not isinstance(value, str) else re.sub(r"\s+", "_", shown)
