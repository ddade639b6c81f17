"""Points of a value for each objective, the higher the better, go in; fronts, and how crowded they are, come out.

Deb, Pratap, Agarwal and Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002, section III.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias

Point: TypeAlias = "tuple[float, ...]"


def dominates(one: Point, other: Point) -> bool:
    """Whether one is nowhere worse and somewhere better.

    >>> dominates((1, 2), (1, 1)), dominates((1, 2), (2, 1)), dominates((1, 2), (1, 2))
    (True, False, False)
    """
    return one != other and all(left >= right for left, right in zip(one, other, strict=True))


def fronts(points: Sequence[Point]) -> list[list[int]]:
    """The points by number: first those that none dominates, then those that only these dominate, and so on.

    >>> fronts([(1, 1), (2, 1), (1, 2), (0, 0), (2, 1)])
    [[1, 2, 4], [0], [3]]
    """
    found: list[list[int]] = []
    # None is dominated by one that comes after it, and what a front does not dominate, no later one does.
    for i in sorted(range(len(points)), key=points.__getitem__, reverse=True):
        point = points[i]
        place = bisect_left(found, True, key=lambda front: not any(dominates(points[j], point) for j in front))
        if place == len(found):
            found.append([])
        found[place].append(i)
    return [sorted(front) for front in found]


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
