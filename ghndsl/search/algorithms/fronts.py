"""Points of a value for each objective, the higher the better, go in; fronts, and how crowded they are, come out.

One point dominates another when it is nowhere worse and somewhere better. Fronts are found by one sweep over points in
order (Zhang, Tian, Cheng and Jin, "An Efficient Approach to Nondominated Sorting for Evolutionary Multiobjective
Optimization", 2015), crowding as in Deb, Pratap, Agarwal and Meyarivan, "A Fast and Elitist Multiobjective Genetic
Algorithm: NSGA-II", 2002, section III.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Point: TypeAlias = "tuple[float, ...]"


_Rest: TypeAlias = "npt.NDArray[np.int64]"


def fronts(points: Sequence[Point], most: int | None = None) -> list[list[int]]:
    """The points by number: first those that none dominates, then those that only these dominate, and so on; with
    `most`, no more than so many fronts. Equals are of one front.

    Of up to two objectives it takes n log n steps; of more, for each point, a look at as many fronts as the logarithm
    of their number, in numpy.

    >>> fronts([(1, 1), (2, 1), (1, 2), (0, 0), (2, 1)])
    [[1, 2, 4], [0], [3]]
    """
    equals: dict[Point, list[int]] = {}
    for number, point in enumerate(points):
        equals.setdefault(point, []).append(number)
    # None is dominated by one that comes after it, and what a front does not dominate, no later one does.
    order = sorted(equals, reverse=True)
    found: list[list[int]] = []
    for point, depth in zip(order, _depths(order, len(order) if most is None else most), strict=True):
        if depth == most:
            continue
        if depth == len(found):
            found.append([])
        found[depth] += equals[point]
    return [sorted(front) for front in found]


def _depths(order: Sequence[Point], most: int) -> list[int]:
    """The front of each of some points that differ, the greatest first, as tuples are; `most` of all beyond."""
    is_flat = not order or len(order[0]) <= 2
    return _flat_depths(order, most) if is_flat else _deep_depths(order, most)


def _flat_depths(order: Sequence[Point], most: int) -> list[int]:
    """Of up to two objectives: a front dominates what comes after it, but for what has more of the second."""
    tops: list[Point] = []
    found: list[int] = []
    for _, *rest in order:
        top = tuple(rest)
        depth = bisect_left(tops, True, key=lambda one: one < top)
        found.append(depth)
        if depth < most:
            tops[depth : depth + 1] = [top]
    return found


def _deep_depths(order: Sequence[Point], most: int) -> list[int]:
    """Of more: the values of a front are looked at, all at once, but those of the first objective."""
    kept: list[_Front] = []
    found: list[int] = []
    for rest in _places(order):
        depth = bisect_left(kept, True, key=lambda front: not front.dominates(rest))
        found.append(depth)
        if depth == len(kept) < most:
            kept.append(_Front(len(rest)))
        if depth < most:
            kept[depth].add(rest)
    return found


def _places(order: Sequence[Point]) -> _Rest:
    """For each value, but those of the first objective, its place among all: exact, however large an integer is."""
    columns: list[list[int]] = []
    for values in [*zip(*order, strict=True)][1:]:
        place = {value: number for number, value in enumerate(sorted({*values}))}
        columns.append([place[value] for value in values])
    return np.array(columns, dtype=np.int64).T


class _Front:
    """Points that do not dominate one another, without their first objective, of which those to come have no more."""

    def __init__(self, size: int) -> None:
        self._values: _Rest = np.empty((size, 4), dtype=np.int64)
        self._count = 0

    def dominates(self, rest: _Rest) -> bool:
        """Whether one of them dominates a point that comes later."""
        is_over = self._values[0, : self._count] >= rest[0]
        for values, value in zip(self._values[1:], rest[1:], strict=True):
            is_over &= values[: self._count] >= value
        return bool(is_over.any())

    def add(self, rest: _Rest) -> None:
        """Adds a point."""
        if self._count == self._values.shape[1]:
            self._values = np.concatenate([self._values, np.empty_like(self._values)], axis=1)
        self._values[:, self._count] = rest
        self._count += 1


def distances(points: Sequence[Point]) -> list[float]:
    """The crowding distance of each point of a front: how far its neighbours lie apart, over all objectives.

    >>> distances([(0, 4), (1, 2), (4, 0), (2, 1)])
    [inf, 1.25, inf, 1.25]
    """
    found = [0.0] * len(points)
    for values in zip(*points, strict=True):
        order = sorted(range(len(points)), key=values.__getitem__)
        span = values[order[-1]] - values[order[0]]
        found[order[0]] = found[order[-1]] = math.inf
        if not 0 < span < math.inf:
            continue
        for before, i, after in zip(order, order[1:], order[2:], strict=False):
            found[i] += (values[after] - values[before]) / span
    return found
