"""A number goes in; the subset of a range that has it comes out, and a number for a subset, in lexicographic order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Protocol

_MOST_LISTED = 1024
"""Subsets of one size that are listed once, so that a number need not be counted down."""


class Subsets(Protocol):
    """The subsets of a range that have one size, by their numbers."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> tuple[int, ...]: ...


class _Counted:
    """Subsets that are found when they are asked for."""

    def __init__(self, count: int, size: int, step: int) -> None:
        self.count, self.size, self.step = count, size, step
        self.length = math.comb(count, size)

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, number: int) -> tuple[int, ...]:
        return subset(self.count, self.size, number)[:: self.step]


@lru_cache(maxsize=4096)
def subsets_of(count: int, size: int, *, descending: bool = False) -> Subsets:
    """The subsets of `range(count)` that have a size, the items of each ascending or descending.

    >>> list(subsets_of(3, 2, descending=True))
    [(1, 0), (2, 0), (2, 1)]
    """
    step = -1 if descending else 1
    if math.comb(count, size) > _MOST_LISTED:
        return _Counted(count, size, step)
    return [picks[::step] for picks in combinations(range(count), size)]


def subset(count: int, size: int, number: int) -> tuple[int, ...]:
    """The subset of `range(count)` with that size and number.

    >>> [subset(3, 2, number) for number in range(3)]
    [(0, 1), (0, 2), (1, 2)]
    """
    picks: list[int] = []
    start = 0
    while size:
        with_start = math.comb(count - start - 1, size - 1)
        if number < with_start:
            picks.append(start)
            size -= 1
        else:
            number -= with_start
        start += 1
    return tuple(picks)


def subset_number(count: int, picks: Sequence[int]) -> int:
    """The number of a subset, its items in ascending order, among those of its size.

    >>> subset_number(3, (1, 2))
    2
    """
    number, start = 0, 0
    for index, pick in enumerate(picks):
        rest = len(picks) - index - 1
        number += sum(math.comb(count - skipped - 1, rest) for skipped in range(start, pick))
        start = pick + 1
    return number
