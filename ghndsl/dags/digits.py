"""A number goes in; its digits in a base come out."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

_MOST_LISTED = 1024


def digits(number: int, base: int, count: int) -> tuple[int, ...]:
    """The last `count` digits of a number, the highest first.

    >>> digits(123_456, 10, 4)
    (3, 4, 5, 6)
    """
    size, groups = _groups(base)
    found: list[tuple[int, ...]] = []
    for _ in range(0, count, size):
        number, group = divmod(number, len(groups))
        found.append(groups[group])
    together = [digit for group in reversed(found) for digit in group]
    return tuple(together[len(together) - count :])


@lru_cache(maxsize=64)
def _groups(base: int) -> tuple[int, list[tuple[int, ...]]]:
    """All groups of so many digits, as many as are listed with ease."""
    size = 1
    while base ** (size + 1) <= _MOST_LISTED and size < 8:
        size += 1
    return size, list(product(range(base), repeat=size))
