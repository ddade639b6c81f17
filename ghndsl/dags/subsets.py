"""A number goes in; the subset of a range that has it comes out, and a number for a subset, in lexicographic order."""

from __future__ import annotations

import math
from collections.abc import Sequence


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
