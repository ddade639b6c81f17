"""A number of vertices goes in; the ways to finish a DAG of so many come out, counted for every state it can be in."""

from __future__ import annotations

from itertools import accumulate
from math import comb


class Counts:
    """How many ways there are to go on, by the vertices there are, those that feed nothing yet, and the edges.

    A vertex has a source at least; the last one, the output, takes all that feed nothing, and with `leaves` no other.
    With `edges` so many there are in the end, least and most.

    >>> Counts(leaves=False, vertices=4, edges=None).ways(1, 1, 0)
    10
    """

    def __init__(self, leaves: bool, vertices: int, edges: tuple[int, int] | None) -> None:
        self.leaves = leaves
        self.vertices = vertices
        self._least, self._most = edges or (0, vertices * vertices)
        # A polynomial in the number of edges is one long integer: its coefficients are digits of so many bits.
        self._width = vertices * (vertices - 1) // 2 + 1
        self._all_digits = (1 << self._width * (min(self._most, vertices * vertices) + 1)) - 1
        self._polynomials: dict[tuple[int, int], int] = {}
        self._sums: dict[tuple[int, int], list[int]] = {}

    def fits(self, edges: int) -> int:
        """How many ways there are when all is done: one, or none."""
        return int(self._least <= edges <= self._most)

    def ways(self, count: int, idle: int, edges: int) -> int:
        """Ways to go on to a member from `count` vertices of which `idle` feed nothing."""
        sums = self._sums.get((count, idle))
        if sums is None:
            sums = self._sums[count, idle] = [0, *accumulate(self._coefficients(self._polynomial(count, idle)))]
        last = len(sums) - 1
        return sums[max(0, min(self._most - edges + 1, last))] - sums[max(0, min(self._least - edges, last))]

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
                found = x**idle * (1 if self.leaves else anyhow)
            else:
                # A vertex takes edges from idle vertices and from busy ones, from one at least.
                after = [self._polynomial(count + 1, idle - taken + 1) for taken in range(idle + 1)]
                found = anyhow * sum([comb(idle, taken) * x**taken * one for taken, one in enumerate(after)]) - after[0]
            self._polynomials[count, idle] = found & self._all_digits
        return self._polynomials[count, idle]
