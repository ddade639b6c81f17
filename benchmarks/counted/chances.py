"""Spaces small enough to be drawn many times over go in; whether each candidate comes as often as another comes out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scipy.stats import chisquare

from ghndsl import load_space
from ghndsl.dags import Dags, Family
from ghndsl.space.load import loads_space

CELL = """
block Op(x) {
    choose op {
        none: zeros_like(x)
        skip: x
        conv: x -> conv(4, 3, padding=1)
    }
    return op
}

space cell() {
    input x: f32[N, 4, 8, 8]
    a = x -> Op as a
    b = add([x -> Op as b, a -> Op as c])
    choose depth from 1..3
    for i in range(depth) { b = b -> Op as more{i} }
    WHERE
    output y = b
}
"""


@dataclass(frozen=True)
class Drawn:
    """What was drawn, how often each of so many came, and out of how many there are."""

    name: str
    options: int
    counts: Counter[object]


def table(each: int) -> str:
    lines = [
        "| drawn uniformly from | there are | draws | least and most often | chi-square | p |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for drawn in draws(each):
        often = [*drawn.counts.values(), *[0] * (drawn.options - len(drawn.counts))]
        tested = chisquare(often)
        lines.append(
            f"| {drawn.name} | {drawn.options:,} | {sum(often):,} | {min(often)}, {max(often)} | "
            f"{tested.statistic:,.0f} | {tested.pvalue:.2f} |"
        )
    return "\n".join(lines)


def draws(each: int) -> Iterator[Drawn]:
    """Every space is drawn from `each` times as often as it has candidates; seeds are fixed."""
    for name in ("nasbench201", "nats_size"):
        space = load_space(name)
        drawn = space.draws(each * space.size, random.Random(1))
        yield Drawn(f"`{name}`", space.size, Counter(candidate.texts for candidate in drawn))
    space = loads_space(CELL.replace("WHERE", ""))
    drawn = space.draws(each * space.size, random.Random(2))
    yield Drawn("choices under choices", space.size, Counter(candidate.texts for candidate in drawn))
    space = loads_space(CELL.replace("WHERE", "where depth != 2"))
    assert space.feasible
    drawn = space.draws(each * space.feasible, random.Random(3))
    yield Drawn("the same, feasible ones", space.feasible, Counter(candidate.texts for candidate in drawn))
    firsts = Counter[object](space.distinct.sample(1, seed)[0] for seed in range(each * space.distinct.size))
    yield Drawn("the same, distinct ones", space.distinct.size, firsts)
    dags = Dags(Family((2, 5), (1, 9)), ("conv3x3", "conv1x1", "maxpool3x3"))
    rng = random.Random(4)
    numbers = Counter[object](dags.text(rng.randrange(dags.size)) for _ in range(each * dags.size))
    yield Drawn("cells of NAS-Bench-101, up to 5 vertices", dags.size, numbers)
