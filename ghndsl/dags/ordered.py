"""A family of DAGs too large to be listed goes in; its members, counted and numbered by their order, come out.

Two members that differ in the order of their vertices alone are two here, although they are isomorphic.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from ghndsl.dags.dag import Masks
from ghndsl.dags.family import Family
from ghndsl.dags.fronts import Counts, Front


class Ordered:
    """The DAGs of a family with their inner vertices labelled, each as often as its vertices can be put in order.

    >>> [Ordered(Family((most, most), (0, 99)), 1).size for most in (2, 3, 4, 5)]
    [1, 2, 10, 122]
    """

    is_up_to_isomorphism = False

    def __init__(self, family: Family, colours: int) -> None:
        self.family = family
        self.colours = colours
        self._counts = [Counts(family, vertices) for vertices in family.sizes]

    @cached_property
    def by_vertices(self) -> list[int]:
        """How many there are of each number of vertices."""
        return [self._wirings(one) * self.colours ** self.family.inner(one.vertices) for one in self._counts]

    def _wirings(self, counts: Counts) -> int:
        return counts.ways(self.family.inputs, self.family.inputs, 0)

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
        counts = self._counts[place]
        inner = self.family.inner(counts.vertices)
        wiring, digits = divmod(number - self._starts[place], self.colours**inner)
        labels: list[int] = []
        for _ in range(inner):
            digits, label = divmod(digits, self.colours)
            labels.append(label)
        return self._wiring(counts, wiring), tuple(labels[::-1])

    def number(self, masks: Masks, labels: Sequence[int]) -> int:
        """The number of a DAG of the family; the sources of each vertex come before it."""
        place = len(masks) - self.family.sizes.start
        digits = 0
        for label in labels:
            digits = digits * self.colours + label
        wiring = self._wiring_number(self._counts[place], masks)
        before: int = wiring * self.colours ** len(labels)
        return self._starts[place] + before + digits

    def _wiring(self, counts: Counts, number: int) -> Masks:
        front = Front(self.family.inputs)
        masks = [0] * self.family.inputs
        for vertex in range(self.family.inputs, counts.vertices):
            mask, number = counts.step_at(front, vertex, number)
            masks.append(mask)
            front.add(vertex, mask)
        return tuple(masks)

    def _wiring_number(self, counts: Counts, masks: Masks) -> int:
        front = Front(self.family.inputs)
        number = 0
        for vertex in range(self.family.inputs, counts.vertices):
            number += counts.before(front, vertex, masks[vertex])
            front.add(vertex, masks[vertex])
        return number
