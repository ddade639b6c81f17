"""The options of a `choose` go in; the number of ways to choose, and the picks and the text of each, come out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, reduce
from itertools import combinations
from random import Random
from typing import Protocol

from ghndsl.dags.subsets import subset, subset_number
from ghndsl.language.nearness import best_fit, near_subsets
from ghndsl.language.values import Composite, Named, Pending, Result, Shared, Stage, is_stage, text
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

    def texts(self, start: int) -> Iterator[str]:
        """What a line shows of each way from `start` on, in order, made one after another."""
        ...

    def find(self, shown: str) -> tuple[int, ...] | None:
        """The pick that a line shows, or None when this choice cannot be that."""
        ...

    def hint(self, shown: str | None) -> str | None:
        """What helps whoever wrote what this choice cannot be, or nothing."""
        ...

    def near(self, way: int, rng: Random | None = None) -> Iterator[int]:
        """The ways that are one step from a way, each once and never itself, in a stable order or in one of chance.

        Where one way is near another, the other is near it.
        """
        ...

    @property
    def marks(self) -> tuple[str, ...]:
        """What can be true of a way, told apart for a vector: that an option is chosen, an edge is there."""
        ...

    def marked(self, way: int) -> tuple[str, ...]:
        """The marks of a way."""
        ...

    def fitting(self, marks: Mapping[str, float]) -> int:
        """A way that has the marks that are wanted, 1 for a mark that should be there, 0 for one that should not."""
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

    def texts(self, start: int) -> Iterator[str]:
        return (self.show(self.picks(number)) for number in range(start, self.size))

    def near(self, way: int, rng: Random | None = None) -> Iterator[int]:
        """All other options; of several, one is exchanged, left out or put in."""
        if self.low is None or self.high is None:
            ways = [other for other in range(self.size) if other != way]
        else:
            ways = sorted(map(self.number, near_subsets(self.picks(way), len(self.options), self.low, self.high)))
        if rng is not None:
            rng.shuffle(ways)
        return iter(ways)

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple([f"={option}" for option in self.options])

    def marked(self, way: int) -> tuple[str, ...]:
        return tuple([f"={self.options[pick]}" for pick in self.picks(way)])

    def fitting(self, marks: Mapping[str, float]) -> int:
        return best_fit(self.marked, range(self.size), marks)

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


def union(domains: Iterable[Domain]) -> Domain:
    """What any of some choices may be, of which there is one at least; for the eye.

    >>> union([Options(("a", "b")), Options(("b", "c")), Options(("a",))]).options
    ('a', 'b', 'c')
    """
    return reduce(_joined, dict.fromkeys(domains))


def _joined(one: Domain, other: Domain) -> Domain:
    options = tuple(dict.fromkeys((*one.options, *other.options)))
    if options in (one.options, other.options):
        return one if options == one.options else other
    return Options(options, one.low, one.high) if isinstance(one, Options) else Options(options)


_MOST_LISTED = 12
# Options whose own text holds commas are found by spelling every subset out, which is done for small sets only.
_MOST_SPELLED = 10_000


def option_text(value: Result) -> str:
    """An option as a candidate's line shows it: without spaces, words bare, a stage that has a label by that.

    >>> option_text((3, 1)), option_text("same"), option_text("two words")
    ('(3,1)', 'same', '"two_words"')
    """
    if isinstance(value, str) and re.fullmatch(r"[^\W\d]\w*", value):
        return value
    if isinstance(value, tuple):
        return f"({','.join(map(option_text, value))})"
    return _stage_text(value) if is_stage(value) else _dense(text(value))


def _stage_text(stage: Stage) -> str:
    if isinstance(stage, Named | Shared):
        return (stage.label if isinstance(stage, Shared) else "") or _stage_text(stage.stage)
    if isinstance(stage, Composite):
        return "->".join(map(_stage_text, stage.stages))
    if isinstance(stage, Pending):
        given = [_argument(item) for item in stage.positional]
        given += [f"{name}={_argument(item)}" for name, item in stage.named]
        return f"{stage.callee.name}({','.join(given)})" if given else stage.callee.name
    return stage.name


def _argument(value: Result) -> str:
    return _stage_text(value) if is_stage(value) else _dense(text(value))


def _dense(shown: str) -> str:
    """A text without blanks; those of a string are underscores."""
    return re.sub(r'"(?:[^"\\]|\\.)*"|\s+', lambda part: "_".join(part[0].split()), shown)
