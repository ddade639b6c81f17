"""Names that were asked for go in; names that are given once come out."""

from __future__ import annotations

from collections.abc import Iterable


class Names:
    """Names that are given once: one that is taken gets a number, so that it is none of those that others will ask for.

    >>> names = Names(["x", "y", "x", "x_1"])
    >>> [names.fresh(name) for name in ("x", "y", "x", "x_1", "y")]
    ['x', 'y', 'x_2', 'x_1', 'y_1']
    """

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self._asked = frozenset(asked)
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def fresh(self, wanted: str) -> str:
        """The name that is wanted, or the first free one after it."""
        name, count = wanted, self._counts.get(wanted, 0)
        while name in self._taken or (count and name in self._asked):
            count += 1
            name = f"{wanted}_{count}"
        self._counts[wanted] = count
        self._taken.add(name)
        return name
