"""The vertices of a DAG up to one go in; the ways to go on to a DAG of a family come out, counted and numbered.

All that matters for the vertices to come is how many feed nothing yet, and how many edges there are: so the ways are
counted without a graph being made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from math import comb

from ghndsl.dags.family import Family
from ghndsl.dags.subsets import subset, subset_number


class Front:
    """The vertices so far: those that feed nothing yet, those that do, and the number of edges."""

    def __init__(self, inputs: int) -> None:
        self.idle = list(range(inputs))
        self.busy: list[int] = []
        self.edges = 0

    def choices(self, idle: int, busy: int) -> int:
        """How many sets there are of so many idle and so many busy vertices."""
        return comb(len(self.idle), idle) * comb(len(self.busy), busy)

    def chosen(self, idle: int, busy: int, rank: int) -> int:
        """The set of that rank among them, as a mask."""
        first, second = divmod(rank, comb(len(self.busy), busy))
        picks = [self.idle[i] for i in subset(len(self.idle), idle, first)]
        return sum([1 << v for v in (*picks, *[self.busy[i] for i in subset(len(self.busy), busy, second)])])

    def rank(self, mask: int) -> int:
        """The rank of a set."""
        idle, busy = ([i for i, v in enumerate(some) if mask >> v & 1] for some in (self.idle, self.busy))
        ranks = subset_number(len(self.idle), idle), subset_number(len(self.busy), busy)
        return ranks[0] * comb(len(self.busy), len(busy)) + ranks[1]

    def split(self, mask: int) -> tuple[int, int]:
        """How many idle and how many busy vertices are in a set."""
        idle = sum([mask >> v & 1 for v in self.idle])
        return idle, mask.bit_count() - idle

    def add(self, vertex: int, mask: int) -> None:
        """Adds a vertex that a set of the others feeds."""
        self.busy = sorted([*self.busy, *[v for v in self.idle if mask >> v & 1]])
        self.idle = [*[v for v in self.idle if not mask >> v & 1], vertex]
        self.edges += mask.bit_count()


class Counts:
    """How many ways there are to go on, by the vertices there are, those that feed nothing yet, and the edges."""

    def __init__(self, family: Family, vertices: int) -> None:
        self.family = family
        self.vertices = vertices
        # A polynomial in the number of edges is one long integer: its coefficients are digits of so many bits.
        self._width = vertices * (vertices - 1) // 2 + 1
        self._all_digits = (1 << self._width * (min(family.edges[1], vertices * vertices) + 1)) - 1
        self._polynomials: dict[tuple[int, int], int] = {}
        self._sums: dict[tuple[int, int], list[int]] = {}

    def ways(self, count: int, idle: int, edges: int) -> int:
        """Ways to go on to a member from `count` vertices of which `idle` feed nothing."""
        sums = self._sums.get((count, idle))
        if sums is None:
            sums = self._sums[count, idle] = [0, *accumulate(self._coefficients(self._polynomial(count, idle)))]
        least, most = (bound - edges for bound in self.family.edges)
        last = len(sums) - 1
        return sums[max(0, min(most + 1, last))] - sums[max(0, min(least, last))]

    def _steps(self, front: Front, vertex: int) -> Iterator[tuple[int, int, int]]:
        """How many idle and how many busy vertices can feed the next one, and the ways to go on after each such set."""
        idle, busy = len(front.idle), len(front.busy)
        if vertex == self.vertices - 1:
            for some in range(1 if self.family.leaves else busy + 1):
                fits = self.family.edges[0] <= front.edges + idle + some <= self.family.edges[1]
                yield idle, some, int(fits)
            return
        for taken in range(idle + 1):
            for some in range(taken == 0, busy + 1):
                yield taken, some, self.ways(vertex + 1, idle - taken + 1, front.edges + taken + some)

    def _coefficients(self, polynomial: int) -> list[int]:
        found: list[int] = []
        digit = (1 << self._width) - 1
        while polynomial:
            found.append(polynomial & digit)
            polynomial >>= self._width
        return found

    def _polynomial(self, count: int, idle: int) -> int:
        if (count, idle) not in self._polynomials:
            x = 1 << self._width
            anyhow = (1 + x) ** (count - idle)
            if count == self.vertices - 1:
                found = x**idle * (1 if self.family.leaves else anyhow)
            else:
                # A vertex takes edges from idle vertices and from busy ones, from one at least.
                after = [self._polynomial(count + 1, idle - taken + 1) for taken in range(idle + 1)]
                found = anyhow * sum([comb(idle, taken) * x**taken * one for taken, one in enumerate(after)]) - after[0]
            self._polynomials[count, idle] = found & self._all_digits
        return self._polynomials[count, idle]

    def step_at(self, front: Front, vertex: int, number: int) -> tuple[int, int]:
        """What feeds a vertex on the way of a number from a front on, as a mask, and the number of the way after it."""
        for idle, busy, ways in self._steps(front, vertex):
            block = front.choices(idle, busy) * ways
            if number < block:
                rank, rest = divmod(number, ways)
                return front.chosen(idle, busy, rank), rest
            number -= block
        raise IndexError(number)

    def before(self, front: Front, vertex: int, mask: int) -> int:
        """How many ways from a front on come before those on which a set feeds a vertex."""
        split = front.split(mask)
        number = 0
        for idle, busy, ways in self._steps(front, vertex):
            if (idle, busy) == split:
                return number + front.rank(mask) * ways
            number += front.choices(idle, busy) * ways
        raise ValueError(mask)
