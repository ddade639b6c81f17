"""The vertices of a DAG up to one go in; the ways to go on to a DAG of a family come out, counted and numbered.

All that matters for the vertices to come is how many feed nothing yet, and how many edges there are: so the ways are
counted without a graph being made.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from itertools import accumulate
from math import comb

from ghndsl.dags.dag import Masks
from ghndsl.dags.family import Family
from ghndsl.dags.polynomials import Counts
from ghndsl.dags.subsets import Subsets, subset_number, subsets_of

_MOST_KEPT = 1 << 18
"""Ways to feed a vertex that are kept, in all places."""


class Front:
    """The vertices so far, each as a mask: those that feed nothing yet, and those that do."""

    def __init__(self, inputs: int) -> None:
        self.idle = [1 << vertex for vertex in range(inputs)]
        self.busy: list[int] = []
        self._next = 1 << inputs

    def feed(self, step: Step, rank: int) -> int:
        """Adds a vertex, fed by the set of a rank among those of a step; returns the set."""
        first, second = divmod(rank, len(step.busy))
        busy, mask = self.busy, 0
        for place in step.busy[second]:
            mask |= busy[place]
        for place in step.idle[first]:
            source = self.idle.pop(place)
            insort(busy, source)
            mask |= source
        self.idle.append(self._next)
        self._next <<= 1
        return mask

    def rank(self, mask: int) -> tuple[int, int, int]:
        """How many idle and how many busy vertices are in a set, and its rank among the sets with as many."""
        idle, busy = ([i for i, vertex in enumerate(some) if mask & vertex] for some in (self.idle, self.busy))
        ranks = subset_number(len(self.idle), idle), subset_number(len(self.busy), busy)
        return len(idle), len(busy), ranks[0] * comb(len(self.busy), len(busy)) + ranks[1]


class Step:
    """A vertex is fed by some idle vertices, the last of a set first, and some busy ones; `ways` go on from there."""

    __slots__ = ("after", "busy", "idle", "ways")

    def __init__(self, idle: Subsets, busy: Subsets, ways: int, after: Place) -> None:
        self.idle, self.busy, self.ways, self.after = idle, busy, ways, after


class Place:
    """How many vertices there are, how many of them feed nothing yet, and how many edges; and the steps from there."""

    def __init__(self, vertex: int, idle: int, edges: int, kinds: Iterator[tuple[int, int, int]]) -> None:
        self.vertex, self.idle, self.edges = vertex, idle, edges
        self.kinds = list(kinds)
        blocks = [comb(idle, taken) * comb(vertex - idle, some) * ways for taken, some, ways in self.kinds]
        self.starts = [0, *accumulate(blocks[:-1])]
        self.steps: dict[int, Step] = {}


class Fronts:
    """The DAGs of a family that have so many vertices, sources before what they feed, and their numbers."""

    def __init__(self, family: Family, vertices: int) -> None:
        self.family = family
        self.vertices = vertices
        # Where all numbers of edges are asked for, those so far do not matter.
        self._edges = None if family.has_any_edges else family.edges
        self._counts = Counts(family.leaves, vertices, self._edges)
        self._places: dict[tuple[int, int, int], Place] = {}
        self._kept = 0

    @property
    def size(self) -> int:
        """How many there are."""
        return self._counts.ways(self.family.inputs, self.family.inputs, 0)

    def at(self, number: int) -> Masks:
        """What feeds each vertex, in the DAG of a number."""
        place, front = self._start(), Front(self.family.inputs)
        masks = [0] * self.family.inputs
        while place.vertex < self.vertices:
            index = bisect_right(place.starts, number) - 1
            step = place.steps.get(index) or self._step(place, index)
            rank, number = divmod(number - place.starts[index], step.ways)
            masks.append(front.feed(step, rank))
            place = step.after
        return tuple(masks)

    def number(self, masks: Masks) -> int:
        """The number of a DAG."""
        place, front = self._start(), Front(self.family.inputs)
        number = 0
        for mask in masks[self.family.inputs :]:
            taken, some, rank = front.rank(mask)
            index = next(i for i, kind in enumerate(place.kinds) if kind[:2] == (taken, some))
            step = place.steps.get(index) or self._step(place, index)
            number += place.starts[index] + rank * step.ways
            front.feed(step, rank)
            place = step.after
        return number

    def _start(self) -> Place:
        return self._place(self.family.inputs, self.family.inputs, 0)

    def _place(self, vertex: int, idle: int, edges: int) -> Place:
        key = vertex, idle, edges
        if key not in self._places:
            if self._kept > _MOST_KEPT:
                self._places.clear()
                self._kept = 0
            self._places[key] = Place(*key, self._kinds(*key))
            self._kept += len(self._places[key].kinds)
        return self._places[key]

    def _step(self, place: Place, index: int) -> Step:
        taken, some, ways = place.kinds[index]
        idle, busy = subsets_of(place.idle, taken, descending=True), subsets_of(place.vertex - place.idle, some)
        edges = 0 if self._edges is None else place.edges + taken + some
        place.steps[index] = Step(idle, busy, ways, self._place(place.vertex + 1, place.idle - taken + 1, edges))
        return place.steps[index]

    def _kinds(self, vertex: int, idle: int, edges: int) -> Iterator[tuple[int, int, int]]:
        """How many idle and how many busy vertices can feed the next one, and the ways to go on after each such set."""
        busy = vertex - idle
        if vertex >= self.vertices - 1:
            last = range((1 if self.family.leaves else busy + 1) * (vertex < self.vertices))
            yield from [(idle, some, self._counts.fits(edges + idle + some)) for some in last]
            return
        for taken in range(idle + 1):
            for some in range(taken == 0, busy + 1):
                yield taken, some, self._counts.ways(vertex + 1, idle - taken + 1, edges + taken + some)
