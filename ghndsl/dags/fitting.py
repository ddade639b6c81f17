"""How much each edge of a DAG is wanted goes in; a DAG of a family that comes near to that, found greedily, comes out.

An edge is wanted by a number, from 1 (there) to 0 (not there). Those above a half are taken; then what a family asks is
made good, with the most wanted edges put in and the least wanted taken out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ghndsl.dags.dag import Masks
from ghndsl.dags.family import Family
from ghndsl.dags.groups import bits

Wanted: TypeAlias = Callable[[int, int], float]
"""How much an edge, given by its source and where it leads, is wanted."""
_Edge: TypeAlias = tuple[int, int]


def fitted(family: Family, vertices: int, wanted: Wanted) -> Masks | None:
    """The DAG of so many vertices, sources perhaps after what they feed; None where the family has none.

    >>> fitted(Family((4, 4), (1, 4)), 4, lambda source, vertex: (source + vertex) / 6)
    (0, 1, 2, 6)
    """
    fitting = _Fitting(family, vertices, wanted)
    return fitting.masks if fitting.finish() else None


class _Fitting:
    """A DAG that is being made; where leaves alone feed the output, its edges to the output follow from the others."""

    def __init__(self, family: Family, vertices: int, wanted: Wanted) -> None:
        self.family = family
        self.last = vertices - 1
        self.wanted = wanted
        self.ends_follow = family.leaves
        self.sources = [0] * vertices
        self.targets = [0] * vertices

    @property
    def masks(self) -> Masks:
        ends = sum([1 << v for v in range(self.last) if not self.targets[v]]) if self.ends_follow else 0
        return (*self.sources[:-1], self.sources[-1] | ends)

    def finish(self) -> bool:
        """Makes a DAG that the family has; says whether it could."""
        for source, vertex in self._pairs():
            if self.wanted(source, vertex) > 0.5:
                self._put(source, vertex)
        self._join()
        least, most = self.family.edges
        return self._thin(most) and self._fill(least)

    def _pairs(self) -> Iterator[_Edge]:
        """The edges that may be, the later ones first, so that of edges wanted alike those make long ways."""
        for vertex in range(self.last - self.ends_follow, self.family.inputs - 1, -1):
            for source in range(min(vertex, self.last) - 1, -1, -1):
                yield source, vertex

    def _put(self, source: int, vertex: int) -> None:
        self.sources[vertex] |= 1 << source
        self.targets[source] |= 1 << vertex

    def _take(self, source: int, vertex: int) -> None:
        self.sources[vertex] &= ~(1 << source)
        self.targets[source] &= ~(1 << vertex)

    def _join(self) -> None:
        """Gives every vertex a way from an input and one to the output."""
        for vertex in range(self.family.inputs, self.last + (not self.ends_follow)):
            if not self.sources[vertex]:
                self._put(max(range(vertex), key=lambda source: (self.wanted(source, vertex), source)), vertex)
        for source in range(0 if self.ends_follow else self.last):
            if not self.targets[source]:
                after = range(max(source + 1, self.family.inputs), self.last + 1)
                self._put(source, max(after, key=lambda vertex: (self.wanted(source, vertex), -vertex)))

    # Too many edges

    def _thin(self, most: int) -> bool:
        """Takes edges out until there are at most so many."""
        while sum([mask.bit_count() for mask in self.masks]) > most:
            spare = [edge for edge in self._there() if self._is_spare(*edge)]
            if spare:
                self._take(*min(spare, key=lambda edge: self.wanted(*edge)))
            elif not self._in_a_row():
                return False
        return True

    def _there(self) -> list[_Edge]:
        return [(source, vertex) for vertex, mask in enumerate(self.sources) for source in bits(mask)]

    def _is_spare(self, source: int, vertex: int) -> bool:
        return self.targets[source].bit_count() > 1 and self.sources[vertex].bit_count() > 1

    def _in_a_row(self) -> bool:
        """Puts one of two parallel vertices behind the other, which takes two edges out for one.

        When no edge is spare and there are more than a tree has, some vertex feeds several that it alone feeds. The way
        on from one of these to where ways meet is a single one; so the vertex that ends it is there to be followed.
        """
        heads = [v for v in range(self.family.inputs, self.last) if self._follows_alone(v)]
        tails = [v for v in range(self.last) if self._leads_to_a_meeting(v)]
        pairs = [(tail, head) for tail in tails for head in heads if tail != head and not self._leads(head, tail)]
        if not pairs:
            return False
        tail, head = max(pairs, key=lambda edge: self.wanted(*edge))
        self._take(self.sources[head].bit_length() - 1, head)
        for target in bits(self.targets[tail]):
            self._take(tail, target)
        self._put(tail, head)
        return True

    def _follows_alone(self, vertex: int) -> bool:
        """Whether one vertex feeds this one, and others too."""
        source = self.sources[vertex].bit_length() - 1
        return self.sources[vertex].bit_count() == 1 and self.targets[source].bit_count() > 1

    def _leads_to_a_meeting(self, vertex: int) -> bool:
        """Whether this vertex feeds one vertex, which others feed too."""
        if self.targets[vertex].bit_count() > 1:
            return False
        target = self.targets[vertex].bit_length() - 1 if self.targets[vertex] else self.last
        return self.masks[target].bit_count() > 1

    def _leads(self, start: int, end: int) -> bool:
        """Whether a way leads from one vertex to another."""
        seen, reached = 0, 1 << start
        while reached & ~seen:
            vertex = (reached & ~seen).bit_length() - 1
            seen |= 1 << vertex
            reached |= self.targets[vertex]
        return bool(reached >> end & 1)

    # Too few edges

    def _fill(self, least: int) -> bool:
        """Puts edges in until there are at least so many."""
        while sum([mask.bit_count() for mask in self.masks]) < least:
            free = [pair for pair in self._pairs() if self._is_free(*pair)]
            if not free:
                return False
            # The first edge of a leaf only takes the place of its edge to the output.
            self._put(*max(free, key=lambda edge: (bool(self.targets[edge[0]]), self.wanted(*edge))))
        return True

    def _is_free(self, source: int, vertex: int) -> bool:
        return not self.sources[vertex] >> source & 1 and not self._leads(vertex, source)
