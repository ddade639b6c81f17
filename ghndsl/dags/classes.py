"""A family of DAGs goes in; its members, counted and numbered up to isomorphism, come out, and the number of any DAG.

Numbers follow the stems first, then what feeds the output, then the labels. So each member stands for all that are
isomorphic to it, and its vertices always have the same order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TypeVar

from ghndsl.dags.dag import Masks
from ghndsl.dags.endings import Endings, count_endings, listing_steps
from ghndsl.dags.family import Family
from ghndsl.dags.groups import bits, image
from ghndsl.dags.stems import Layer, Stem, TooManyError, moved_layer, stems

_T = TypeVar("_T")
_MOST_KEPT = 1 << 18
"""Steps of the listing of endings whose results are kept."""
_MOST_STEPS = 1 << 15
"""Steps of the listing of the endings of one stem beyond which its family has too many."""


class Classes:
    """The DAGs of a family with their inner vertices labelled, each once for all that are isomorphic to it.

    Raises `TooManyError` when they have more than `most` stems, or one with endings that take too long to list.

    >>> [Classes(Family((2, most), (1, 9)), 3).size for most in (5, 6, 7)]
    [2532, 64542, 423624]
    """

    is_up_to_isomorphism = True

    def __init__(self, family: Family, colours: int, most: int | None = None) -> None:
        self.family = family
        self.colours = colours
        inner = [family.inner(vertices) for vertices in family.sizes]
        edges = min(family.edges[1], family.possible_edges[1])
        self._stems = stems(family.inputs, max(inner), min(inner), edges, most) if inner else []
        self._wanted = [stem for count in inner for stem in self._stems[count]]
        self._rigid: dict[tuple[int, int, int], int] = {}
        counts = [self._count(stem) for stem in self._wanted]
        self._starts = [0, *accumulate(counts)]
        self._kept: dict[int, Endings] = {}
        self._kept_steps = 0
        self._listing = max([self._listing_steps(stem) for stem in self._wanted], default=0)
        if most is not None and self._listing > _MOST_STEPS:
            raise TooManyError

    @property
    def size(self) -> int:
        """How many there are."""
        return self._starts[-1]

    @property
    def work(self) -> int:
        """See `Dags.work`."""
        return 3 * sum(map(len, self._stems)) + self._listing

    @cached_property
    def by_vertices(self) -> list[int]:
        """How many there are of each number of vertices."""
        ends = accumulate([len(self._stems[self.family.inner(vertices)]) for vertices in self.family.sizes])
        bounds = [0, *[self._starts[end] for end in ends]]
        return [after - before for before, after in pairwise(bounds)]

    def at(self, number: int) -> tuple[Masks, tuple[int, ...]]:
        """The sources and labels of the member of a number."""
        place = bisect_right(self._starts, number) - 1
        return self._endings(place).at(number - self._starts[place])

    def walk(self, names: Sequence[_T], start: int) -> Iterator[tuple[Masks, Iterator[tuple[_T, ...]]]]:
        """The members from a number on, in their order: what their vertices are fed by, with the labels, by name."""
        first = bisect_right(self._starts, start) - 1
        for place in range(first, len(self._wanted)):
            stem, before = self._wanted[place], start - self._starts[place]
            yield from Endings(stem, self._spare_sizes(stem), self.colours).walk(names, max(0, before))

    def number(self, masks: Masks, labels: Sequence[int]) -> int:
        """The number of a DAG of the family, its vertices in any order in which sources come first."""
        stem, position = self._placed(masks)
        inputs = self.family.inputs
        moved = [*labels]
        for vertex, label in enumerate(labels, inputs):
            moved[position[vertex] - inputs] = label
        place = self._first[len(stem.sources)] + self._index[stem.sources]
        return self._starts[place] + self._endings(place).number(_moved(position, masks[-1]), moved)

    def _endings(self, place: int) -> Endings:
        if place not in self._kept:
            stem = self._wanted[place]
            self._kept_steps += self._listing_steps(stem)
            if self._kept_steps > _MOST_KEPT:
                self._kept.clear()
                self._kept_steps = self._listing_steps(stem)
            self._kept[place] = Endings(stem, self._spare_sizes(stem), self.colours)
        return self._kept[place]

    # Counts

    def _listing_steps(self, stem: Stem) -> int:
        return listing_steps(stem, self._spare_sizes(stem), self.colours)

    def _spare_sizes(self, stem: Stem) -> range:
        """How many vertices may feed the output beside those that feed no other."""
        edges = stem.edges + stem.sinks.bit_count()
        least, most = (bound - edges for bound in self.family.edges)
        return range(max(least, 0), (min(most, 0) if self.family.leaves else most) + 1)

    def _count(self, stem: Stem) -> int:
        """How many ways there are to finish a stem; of those that nothing moves onto themselves, many have as many."""
        if len(stem.group) > 1:
            return count_endings(stem, self._spare_sizes(stem), self.colours)
        key = (len(stem.sources), stem.edges, stem.sinks.bit_count())
        if key not in self._rigid:
            self._rigid[key] = count_endings(stem, self._spare_sizes(stem), self.colours)
        return self._rigid[key]

    # The order of the vertices

    def _placed(self, masks: Masks) -> tuple[Stem, list[int]]:
        """The stem that a DAG is isomorphic to but for the output, and where each vertex is in it."""
        inputs = self.family.inputs
        stem, position = self._stems[0][0], [*range(inputs), *[0] * (len(masks) - inputs - 1)]
        for layer in _layers_of(masks, inputs):
            moved = tuple([_moved(position, masks[vertex]) for vertex in layer])
            least, mover = min([(moved_layer(g, moved), g) for g in stem.group])
            in_order = sorted([(image(mover, mask), vertex) for mask, vertex in zip(moved, layer, strict=True)])
            position = [mover[place] if place < stem.size else place for place in position]
            for place, (_, vertex) in enumerate(in_order, stem.size):
                position[vertex] = place
            stem = self._found(stem, least)
        return stem, position

    def _found(self, stem: Stem, layer: Layer) -> Stem:
        sources = stem.sources + layer
        return self._stems[len(sources)][self._index[sources]]

    @cached_property
    def _index(self) -> dict[tuple[int, ...], int]:
        """The place of each stem among those of its size, by its sources."""
        return {stem.sources: place for found in self._stems for place, stem in enumerate(found)}

    @cached_property
    def _first(self) -> dict[int, int]:
        """The place of the first stem of each number of inner vertices."""
        first: dict[int, int] = {}
        for place, stem in enumerate(self._wanted):
            first.setdefault(len(stem.sources), place)
        return first


def _moved(position: Sequence[int], mask: int) -> int:
    return sum([1 << position[vertex] for vertex in bits(mask)])


def _layers_of(masks: Masks, inputs: int) -> list[list[int]]:
    """The inner vertices by the length of their longest way from an input."""
    depth = [0] * (len(masks) - 1)
    layers: list[list[int]] = []
    for vertex in range(inputs, len(masks) - 1):
        depth[vertex] = 1 + max([depth[source] for source in bits(masks[vertex])])
        if depth[vertex] > len(layers):
            layers.append([])
        layers[depth[vertex] - 1].append(vertex)
    return layers
