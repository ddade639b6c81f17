"""Fronts are those of the definition, and of very many points too."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghndsl.search.algorithms.fronts import Point, fronts
from ghndsl.search.choosing import front, ordered

NUMBERS = st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 2.0, 2**60, 2**60 + 1])
POINTS = st.integers(1, 5).flatmap(lambda size: st.lists(st.tuples(*[NUMBERS] * size), max_size=16))


def dominates(one: Point, other: Point) -> bool:
    """Whether one is nowhere worse and somewhere better."""
    return one != other and all(left >= right for left, right in zip(one, other, strict=True))


def defined(points: list[Point]) -> list[list[int]]:
    """The fronts, by the definition."""
    left, found = list(range(len(points))), list[list[int]]()
    while left:
        found.append([i for i in left if not any(dominates(points[j], points[i]) for j in left)])
        left = [i for i in left if i not in found[-1]]
    return found


@given(POINTS, st.integers(0, 4))
def test_fronts_are_those_of_the_definition(points: list[Point], most: int) -> None:
    wanted = defined(points)
    assert fronts(points) == wanted
    assert fronts(points, most) == wanted[:most]
    best = [10 * number for one in wanted[:1] for number in one]
    assert front({10 * place: point for place, point in enumerate(points)}) == best


@given(POINTS, st.integers(0, 18))
def test_front_goes_before_front(points: list[Point], count: int) -> None:
    found = ordered(dict(enumerate(points)), count)
    depth = {index: number for number, one in enumerate(defined(points)) for index in one}
    assert len(found) == len(set(found)) == min(count, len(points))
    assert [depth[index] for index in found] == sorted(depth.values())[: len(found)]


WIDTH = 100
MANY: dict[str, Callable[[int], tuple[Point, int]]] = {
    "fronts of one, two objectives": lambda i: ((i, i), -i),
    "one front, two objectives": lambda i: ((i, -i), 0),
    "one front, three objectives": lambda i: ((i, -i, 0), 0),
    "fronts of many, two objectives": lambda i: ((i, i % WIDTH * -2 + i), -(i // WIDTH)),
    "fronts of many, three objectives": lambda i: ((i, i % WIDTH * -2 + i, i // WIDTH), -(i // WIDTH)),
    "equals": lambda i: ((0.5, i % 2, i % 3, 1), 3 - i % 2 - i % 3),
}
"""A point for each number, and the number of its front, counted from any."""


@pytest.mark.parametrize("point", MANY.values(), ids=MANY)
def test_of_twenty_thousand_points(point: Callable[[int], tuple[Point, int]]) -> None:
    """Each pair of them, looked at in Python, would take minutes."""
    numbers = random.Random(0).sample(range(20_000), 20_000)
    points, depths = zip(*map(point, numbers), strict=True)
    wanted: dict[int, list[int]] = {}
    for place, depth in enumerate(depths):
        wanted.setdefault(depth, []).append(place)
    assert fronts(points) == [wanted[depth] for depth in sorted(wanted)]
