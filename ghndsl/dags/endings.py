"""A stem goes in; the ways to finish it come out: what feeds the output, and the labels of the inner vertices."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, combinations
from math import comb
from typing import TypeVar

from ghndsl.dags.dag import Masks
from ghndsl.dags.groups import Colourings, bits, colourings, cycles, image, restricted
from ghndsl.dags.stems import Stem

_T = TypeVar("_T")


class Endings:
    """The ways to finish a stem: what feeds the output, one for each orbit, and how the inner vertices are labelled."""

    def __init__(self, stem: Stem, sizes: range, colours: int) -> None:
        self.stem = stem
        inner = range(stem.inputs, stem.size)
        self.ways: list[tuple[int, Colourings]] = []
        for mask in _subsets(spare(stem), sizes):
            images = [image(g, mask) for g in stem.group]
            if min(images) == mask:
                fixing = tuple([g for g, moved in zip(stem.group, images, strict=True) if moved == mask])
                self.ways.append((mask | stem.sinks, colourings(restricted(fixing, inner), colours)))
        self.starts = [0, *accumulate([labels.count for _, labels in self.ways[:-1]])]

    def at(self, number: int) -> tuple[Masks, tuple[int, ...]]:
        """The sources of all vertices, and the labels of the inner ones."""
        place = bisect_right(self.starts, number) - 1
        ends, labels = self.ways[place]
        return self._masks(ends), labels.at(number - self.starts[place])

    def walk(self, names: Sequence[_T], start: int) -> Iterator[tuple[Masks, Iterator[tuple[_T, ...]]]]:
        """The ways from a number on: the sources of all vertices, with the labels of the inner ones, by name."""
        for (ends, labels), before in zip(self.ways, self.starts, strict=False):
            if start < before + labels.count:
                yield self._masks(ends), labels.walk(names, max(0, start - before))

    def _masks(self, ends: int) -> Masks:
        return (*[0] * self.stem.inputs, *self.stem.sources, ends)

    def number(self, ends: int, labels: Sequence[int]) -> int:
        """The number of the way in which these vertices feed the output, and the inner ones are labelled so."""
        least, mover = min([(image(g, ends), g) for g in self.stem.group])
        moved = [*labels]
        for vertex, label in enumerate(labels, self.stem.inputs):
            moved[mover[vertex] - self.stem.inputs] = label
        place = next(place for place, (mask, _) in enumerate(self.ways) if mask == least)
        return self.starts[place] + self.ways[place][1].number(moved)


def count_endings(stem: Stem, sizes: range, colours: int) -> int:
    """How many ways there are to finish a stem, by the Cauchy-Frobenius lemma."""
    points, inner = list(bits(spare(stem))), range(stem.inputs, stem.size)
    if len(stem.group) == 1:
        labellings: int = colours ** len(inner)
        return _sets(len(points), sizes) * labellings
    fixed: int = sum([_unions(cycles(g, points), sizes) * colours ** len(cycles(g, inner)) for g in stem.group])
    return fixed // len(stem.group)


def listing_steps(stem: Stem, sizes: range, colours: int) -> int:
    """How many sets are moved, at most, to list the ways to finish a stem and to number the labels of one."""
    sets = _sets(spare(stem).bit_count(), sizes)
    coloured = 1 << len(stem.sources) if len(stem.group) > 1 and colours > 1 else 0
    return len(stem.group) * (sets + coloured)


@lru_cache(maxsize=1024)
def _sets(points: int, sizes: range) -> int:
    """How many sets of points have one of these sizes."""
    return sum([comb(points, size) for size in sizes])


def spare(stem: Stem) -> int:
    """The vertices of a stem that may feed the output or not."""
    return ((1 << stem.size) - 1) & ~stem.sinks


def _subsets(mask: int, sizes: range) -> list[int]:
    """The subsets of a set that have one of these sizes, as masks, ascending."""
    points = [1 << point for point in bits(mask)]
    return sorted([sum(some) for size in sizes if size <= len(points) for some in combinations(points, size)])


def _unions(lengths: list[int], sizes: range) -> int:
    """How many unions of cycles of these lengths have one of these sizes."""
    counts = {0: 1}
    for length in lengths:
        for size, count in list(counts.items()):
            counts[size + length] = counts.get(size + length, 0) + count
    return sum([count for size, count in counts.items() if size in sizes])
