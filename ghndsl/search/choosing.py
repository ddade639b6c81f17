"""Candidates and the values of their objectives go in; who goes on to the next rung comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ghndsl.search.algorithms.fronts import Point, distances, dominates


def ordered(points: Mapping[int, Point], count: int) -> list[int]:
    """So many places, the best first: by value where there is one objective, else front after front, in each those that
    stand alone first (Deb et al., 2002). Equals by place.

    >>> ordered({1: (0.5,), 2: (0.9,), 3: (0.5,)}, 2)
    [2, 1]
    >>> ordered({1: (0.0, 4.0), 2: (1.0, 3.0), 3: (4.0, 0.0), 4: (0.0, 0.0)}, 4)
    [1, 3, 2, 4]
    """
    left = dict(points)
    if not left or len(next(iter(left.values()))) == 1:
        return sorted(left, key=lambda place: (*(-one for one in left[place]), place))[:count]
    found: list[int] = []
    while left and len(found) < count:
        best = front(left)
        crowds = dict(zip(best, distances([left[place] for place in best]), strict=True))
        found += sorted(best, key=lambda place: (-crowds[place], place))
        left = {place: point for place, point in left.items() if place not in crowds}
    return found[:count]


def front(points: Mapping[int, Point]) -> list[int]:
    """The places of those that none dominates.

    >>> front({7: (1.0, 2.0), 8: (2.0, 1.0), 9: (1.0, 1.0), 10: (2.0, 1.0)})
    [7, 8, 10]
    """
    # None is dominated by one that comes after it.
    order = sorted(points, key=points.__getitem__, reverse=True)
    kept: list[int] = []
    if order and len(points[order[0]]) == 2:
        return sorted(_upwards(points, order))
    for place in order:
        if not any(dominates(points[other], points[place]) for other in kept):
            kept.append(place)
    return sorted(kept)


def _upwards(points: Mapping[int, Point], order: Sequence[int]) -> Iterator[int]:
    """Of places by the first of two objectives, those with more of the second than all before, and their equals."""
    last: Point | None = None
    for place in order:
        point = points[place]
        if last is None or point[1] > last[1] or point == last:
            last = point
            yield place


def others(places: Sequence[int], taken: Sequence[int], count: int) -> list[int]:
    """The first proposed of those that were not chosen: where proposals are drawn at random they are a fair sample."""
    known = {*taken}
    return [place for place in places if place not in known][:count]
