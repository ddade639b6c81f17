"""Candidates and the values of their objectives go in; who goes on to the next rung comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghndsl.search.algorithms.fronts import Point, distances, fronts


def ordered(points: Mapping[int, Point], count: int) -> list[int]:
    """So many places, the best first: by value where there is one objective, else front after front, in each those that
    stand alone first (Deb et al., 2002). Equals by place.

    >>> ordered({1: (0.5,), 2: (0.9,), 3: (0.5,)}, 2)
    [2, 1]
    >>> ordered({1: (0.0, 4.0), 2: (1.0, 3.0), 3: (4.0, 0.0), 4: (0.0, 0.0)}, 4)
    [1, 3, 2, 4]
    """
    places = sorted(points)
    if not places or len(points[places[0]]) == 1:
        return sorted(places, key=lambda place: (*(-one for one in points[place]), place))[:count]
    found: list[int] = []
    for numbers in fronts([points[place] for place in places]):
        if len(found) >= count:
            break
        best = [places[number] for number in numbers]
        crowds = dict(zip(best, distances([points[place] for place in best]), strict=True))
        found += sorted(best, key=lambda place: (-crowds[place], place))
    return found[:count]


def front(points: Mapping[int, Point]) -> list[int]:
    """The places of those that none dominates.

    >>> front({7: (1.0, 2.0), 8: (2.0, 1.0), 9: (1.0, 1.0), 10: (2.0, 1.0)})
    [7, 8, 10]
    """
    places = sorted(points)
    best = fronts([points[place] for place in places], 1)
    return [places[number] for numbers in best for number in numbers]


def others(places: Sequence[int], taken: Sequence[int], count: int) -> list[int]:
    """The first proposed of those that were not chosen: where proposals are drawn at random they are a fair sample."""
    known = {*taken}
    return [place for place in places if place not in known][:count]
