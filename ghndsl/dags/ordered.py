"""A family of DAGs too large to be listed goes in; its members, counted and numbered by their order, come out.

Two members that differ in the order of their vertices alone are two here, although they are isomorphic.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, count, takewhile
from typing import TypeVar

from ghndsl.dags.dag import Masks
from ghndsl.dags.digits import digits
from ghndsl.dags.family import Family
from ghndsl.dags.fronts import Fronts
from ghndsl.dags.groups import colourings, trivial

_T = TypeVar("_T")


class Ordered:
    """The DAGs of a family with their inner vertices labelled, each as often as its vertices can be put in order.

    >>> [Ordered(Family((most, most), (0, 99)), 1).size for most in (2, 3, 4, 5)]
    [1, 2, 10, 122]
    """

    is_up_to_isomorphism = False

    def __init__(self, family: Family, colours: int) -> None:
        self.family = family
        self.colours = colours
        self._fronts = [Fronts(family, vertices) for vertices in family.sizes]

    @cached_property
    def by_vertices(self) -> list[int]:
        """How many there are of each number of vertices."""
        return [one.size * self.colours ** self.family.inner(one.vertices) for one in self._fronts]

    @cached_property
    def size(self) -> int:
        """How many there are."""
        return sum(self.by_vertices)

    @property
    def work(self) -> int:
        """See `Dags.work`."""
        return sum([vertices**8 >> 23 for vertices in self.family.sizes])

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(self.by_vertices[:-1])]

    def at(self, number: int) -> tuple[Masks, tuple[int, ...]]:
        """The sources and labels of the member of a number."""
        place = bisect_right(self._starts, number) - 1
        fronts = self._fronts[place]
        inner = self.family.inner(fronts.vertices)
        wiring, labels = divmod(number - self._starts[place], self.colours**inner)
        return fronts.at(wiring), digits(labels, self.colours, inner)

    def walk(self, names: Sequence[_T], start: int) -> Iterator[tuple[Masks, Iterator[tuple[_T, ...]]]]:
        """The members from a number on, in their order: what their vertices are fed by, with the labels, by name."""
        for place in range(bisect_right(self._starts, start) - 1, len(self._starts)):
            fronts = self._fronts[place]
            labels = colourings(trivial(self.family.inner(fronts.vertices)), self.colours)
            first, skipped = divmod(max(0, start - self._starts[place]), labels.count)
            for wiring in takewhile(fronts.size.__gt__, count(first)):
                yield fronts.at(wiring), labels.walk(names, skipped if wiring == first else 0)

    def number(self, masks: Masks, labels: Sequence[int]) -> int:
        """The number of a DAG of the family; the sources of each vertex come before it."""
        place = len(masks) - self.family.sizes.start
        labelling = 0
        for label in labels:
            labelling = labelling * self.colours + label
        wiring = self._fronts[place].number(masks)
        before: int = wiring * self.colours ** len(labels)
        return self._starts[place] + before + labelling
