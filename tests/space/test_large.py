"""A space far too large to be listed is counted, numbered and drawn from as a small one is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from scipy.stats import chisquare

from ghndsl.space import Space, distinct
from ghndsl.space.load import loads_space

HUGE = """
block Layer(x) {
    choose kernel from [1, 3, 5, 7, 9]
    choose act {
        relu: relu
        gelu: gelu
    }
    return x -> conv(8, kernel, padding="same") -> act
}

space huge() {
    input x: f32[N, 8, 16, 16]
    for i in range(100) {
        x = x -> Layer as layer{i}
    }
    output y = x
}
"""


def of_layers(count: int) -> Space:
    return loads_space(HUGE.replace("range(100)", f"range({count})"))


def test_many_calls_take_work_in_proportion(work: Callable[[Callable[[], object]], int]) -> None:
    few, many = of_layers(100), of_layers(800)
    assert work(lambda: many.size) < 12 * work(lambda: few.size)
    drawn, first = (next(space.draws(1, random.Random(0))) for space in (many, few))
    assert work(lambda: many.build(drawn)) < 12 * work(lambda: few.build(first))


def test_bounds_are_seen_from_graphs_of_so_many_nodes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for nodes, drawn in ((1, 1), (450, 2), (1000, 5)):
        monkeypatch.setattr(distinct, "_NODES_TO_BOUND", nodes)
        told: list[tuple[int, int, str]] = []
        bounds = of_layers(100).distinct.bounds(lambda *said, told=told: told.append(said))
        assert (bounds.least, bounds.most) == (drawn, 10**100)
        assert told == [(done, drawn, f"{done} differ") for done in range(1, drawn + 1)]


def test_ten_to_the_hundredth(work: Callable[[Callable[[], object]], int]) -> None:
    found: list[Space] = []
    assert work(lambda: found.append(loads_space(HUGE))) + work(lambda: found[0].size) < 200_000
    space = found[0]
    assert space.size == space.feasible == 10**100
    for number in (0, 10**100 - 1, random.Random(0).randrange(10**100)):
        candidate = space.candidate(number)
        assert space.number(space.parse(str(candidate))) == number
        assert len(candidate.choices) == 200
    drawn = list(space.draws(60, random.Random(1)))
    assert len(set(drawn)) == 60
    kernels = Counter(text for candidate in drawn for path, text in candidate.texts if path.endswith("kernel"))
    assert chisquare([*kernels.values()]).pvalue > 0.001
    assert work(lambda: space.sample(10, seed=0)) < 100_000
