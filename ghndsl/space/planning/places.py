"""The choices and calls of a body go in, one by one; those that may have a path in common with another come out.

A body may call thousands of blocks, and each is compared with those before it: these are kept by how paths begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType
from weakref import ReferenceType, ref

from ghndsl.language.weight_paths import parts
from ghndsl.space.planning.clashes import Place

_NONE: Mapping[str, frozenset[Place]] = MappingProxyType({})


class Places:
    """A set of places, which does not change.

    >>> places = Places().with_one(("a.b", None)).with_one(("a.c", None)).with_one(("d", None))
    >>> len(places), [places.near(path) for path in ("a.b", "a.b.c", "d.e", "e")]
    (3, [[('a.b', None)], [('a.b', None)], [('d', None)], []])
    >>> len(places.near("a")), len(places.near("")), len(places | Places().with_one(("a", None)))
    (2, 3, 4)
    """

    __slots__ = ("__weakref__", "_count", "_kept", "_last")

    def __init__(self, kept: Mapping[str, frozenset[Place]] = _NONE, count: int = 0) -> None:
        self._kept = kept
        self._count = count
        self._last: tuple[Place, ReferenceType[Places]] | None = None

    def __len__(self) -> int:
        return self._count

    def with_one(self, place: Place) -> Places:
        """These, and one more; the same for each way through one choice, so that these are joined at once."""
        last = self._last[1]() if self._last is not None and self._last[0] == place else None
        if last is None:
            last = self._with(place)
            self._last = place, ref(last)
        return last

    def _with(self, place: Place) -> Places:
        first = _first(place[0])
        known = self._kept.get(first, frozenset())
        return self if place in known else Places({**self._kept, first: known | {place}}, self._count + 1)

    def __or__(self, other: Places) -> Places:
        if self is other:
            return self
        kept = {**self._kept, **other._kept}
        for first, places in self._kept.items():
            if kept[first] is not places:
                kept[first] |= places
        return Places(kept, sum(map(len, kept.values())))

    def near(self, path: str) -> list[Place]:
        """Those at a path, above it, and below it."""
        none: frozenset[Place] = frozenset()
        if not path:
            return [*chain.from_iterable(self._kept.values())]
        above, below = {"", *parts(path)}, f"{path}."
        alike = chain(self._kept.get("", none), self._kept.get(_first(path), none))
        return [place for place in alike if place[0] in above or place[0].startswith(below)]


def _first(path: str) -> str:
    return path.partition(".")[0]
