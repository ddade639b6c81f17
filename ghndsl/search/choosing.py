"""Candidates and the values of their objectives go in; who goes on to the next rung comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ghndsl.search.algorithms.fronts import Point, distances, fronts


def ordered(points: Mapping[int, Point]) -> list[int]:
    """Places, the best first: by value where there is one objective, else front after front, in each those that stand
    alone first (Deb et al., 2002). Equals by place; what has no value, last.

    >>> ordered({1: (0.5,), 2: (0.9,), 3: (0.5,)})
    [2, 1, 3]
    >>> ordered({1: (0.0, 4.0), 2: (1.0, 3.0), 3: (4.0, 0.0), 4: (0.0, 0.0)})
    [1, 3, 2, 4]
    """
    known = {place: tuple(-math.inf if math.isnan(one) else one for one in point) for place, point in points.items()}
    if not known or len(next(iter(known.values()))) == 1:
        return sorted(known, key=lambda place: (*(-one for one in known[place]), place))
    places = [*known]
    found: list[int] = []
    for front in fronts([known[place] for place in places]):
        crowds = distances([known[places[index]] for index in front])
        found += [places[front[i]] for i in sorted(range(len(front)), key=lambda i: (-crowds[i], places[front[i]]))]
    return found


def front(points: Mapping[int, Point]) -> list[int]:
    """The places of those that none dominates."""
    places = sorted(points)
    return [places[index] for index in fronts([points[place] for place in places])[0]] if places else []


def others(places: Sequence[int], taken: Sequence[int], count: int) -> list[int]:
    """The first proposed of those that were not chosen: where proposals are drawn at random they are a fair sample."""
    return [place for place in places if place not in {*taken}][:count]
