"""What a hypernetwork learns from is drawn evenly, repeatably and in its ranges, and what is held out never comes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ghndsl
from ghndsl import ops
from ghndsl.ghn.train import FAR
from ghndsl.ir import Graph
from ghndsl.passes import simplify
from ghndsl.search.draw import training_sample
from ghndsl.search.mixing import Drawing, Fixed, Range, mixed
from ghndsl.space import Space

TEXT = """
space layers(width: int = 3, depth: int = 1) {
    input x: f32[N, 2]
    y = x
    for i in range(depth) {
        choose times from 1..8
        choose act from [relu, gelu, silu, tanh, sigmoid]
        y = y -> linear(times * width) -> act
    }
    output logits = y -> linear(2)
}
"""
"""Forty candidates of one layer, all different."""


def space(**settings: int) -> Space:
    return ghndsl.loads_space(TEXT, **settings)


def made(graph: Graph) -> tuple[ops.Operator, ...]:
    """What a graph computes, which tells these candidates apart."""
    return tuple(node.op for node in graph.nodes)


def widths(graph: Graph) -> list[int]:
    return [node.results[0].type.shape[1] for node in graph.nodes if isinstance(node.op, ops.Linear)][:-1]


@pytest.mark.parametrize("seed", [0, 7])
def test_each_source_is_as_likely_as_another(seed: int) -> None:
    """Three sources, of which the space is no likelier for its many candidates: within four deviations."""
    networks = [space().build(space().candidate(number)) for number in (3, 4)]
    sample = mixed([*map(Fixed, networks), Drawing(space())], seed, total=10)
    drawn = [next((at for at, one in enumerate(networks) if sample(i) is one), 2) for i in range(1200)]
    assert all(abs(count - 400) < 4 * (1200 * 2 / 9) ** 0.5 for count in Counter(drawn).values())
    assert len(set(drawn)) == 3
    # Neither in turn nor in runs.
    follow = Counter(pairwise(drawn))
    assert len(follow) == 9
    assert max(follow.values()) < 200


def test_the_graph_of_a_number_is_always_the_same() -> None:
    def sources() -> list[Drawing]:
        held, _ = Drawing(space(), {"width": Range(1, 2)}, {"depth": Range(1, 2)}).hold_out(3, seed=4)
        return [held, Drawing(space())]

    first, again, other = (mixed(sources(), seed, total=30) for seed in (4, 4, 5))
    before = {number: made(first(number)) for number in range(30)}
    order = random.Random(0).sample(range(30), 30)
    assert {number: made(again(number)) for number in order} == before
    assert [made(other(number)) for number in range(30)] != list(before.values())


def test_one_space_as_it_is_gives_its_training_sample() -> None:
    plain, by_source = training_sample(space(), 3), mixed([Drawing(space())], 3, total=9)
    assert [made(by_source(number)) for number in range(60)] == [made(plain(number)) for number in range(60)]
    apart, graphs = Drawing(space()).hold_out(2, seed=3)
    spared, away = mixed([apart], 3, total=9), {made(graph) for graph in graphs}
    common = [number for number in range(200) if made(plain(number)) not in away]
    assert 150 < len(common) < 200
    assert all(made(spared(number)) == made(plain(number)) for number in common)


def test_what_varies_takes_every_value_of_its_range_alone_and_together() -> None:
    both = {"width": Range(9, 11), "depth": Range(1, 2)}
    sample = mixed([Drawing(space(), both)], 0, total=1)
    found = Counter[tuple[int, int]]()
    for number in range(300):
        seen = widths(sample(number))
        (width,) = [width for width in (9, 10, 11) if all(size % width == 0 for size in seen)]
        found[width, len(seen)] += 1
    assert {*found} == {(width, depth) for width in (9, 10, 11) for depth in (1, 2)}
    assert min(found.values()) > 300 / 6 / 2


def test_at_another_size_a_number_is_the_same_candidate() -> None:
    plain, wide = training_sample(space(), 1), mixed([Drawing(space(), {"width": Range(5, 5)})], 1, total=1)
    for number in range(40):
        narrow, wider = plain(number), wide(number)
        assert [5 * width for width in widths(narrow)] == [3 * width for width in widths(wider)]
        assert [type(op) for op in made(narrow)] == [type(op) for op in made(wider)]


@pytest.mark.parametrize("total", [1, 2, 9])
def test_what_grows_goes_from_its_least_to_its_most(total: int) -> None:
    sample = mixed([Drawing(space(), grow={"depth": Range(1, 2)})], 0, total)
    depths = [len(widths(sample(number))) for number in range(total)]
    assert depths == sorted(depths)
    assert depths[0] == 1
    assert total == 1 or set(depths) == {1, 2}
    # Further attempts at a number stand where it stands, and what comes after the end is as large as at the end.
    for number in range(total):
        attempts = [sample(number + attempt * FAR) for attempt in range(1, 5)]
        assert {len(widths(graph)) for graph in attempts} == {depths[number]}
    assert len({made(sample(attempt * FAR)) for attempt in range(20)}) > 5
    assert len(widths(sample(total + 5))) == 2


@pytest.mark.parametrize("most", [3, 4])
def test_what_is_held_out_is_never_drawn(most: int) -> None:
    """At no size: it is known by its choices."""
    held, graphs = Drawing(space(), {"width": Range(3, most)} if most > 3 else {}).hold_out(4, seed=0)
    assert held.held == {simplify(graph).id for graph in graphs}
    sample = mixed([held], 0, total=1)
    drawn = Counter(made(sample(number)) for number in range(600))
    apart = {number for number in range(40) if made(space().build(space().candidate(number))) in map(made, graphs)}
    sizes = [space(width=width) for width in {3, most}]
    assert len(apart) == 4
    assert {*drawn} == {made(one.build(one.candidate(n))) for one in sizes for n in range(40) if n not in apart}


def test_another_line_of_what_is_held_out_is_not_drawn_either() -> None:
    """Where a choice changes nothing that leads to the output."""
    text = TEXT.replace("output logits", "choose unused from 1..3\n    z = x -> linear(unused)\n    output logits")
    twice = ghndsl.loads_space(text)
    assert twice.size == 120
    held, (apart, *_) = Drawing(twice).hold_out(1, seed=0)
    graphs = [mixed([held], 0, total=1)(number) for number in range(200)]
    assert simplify(apart).id not in {simplify(graph).id for graph in graphs}
    assert len({simplify(graph).id for graph in graphs}) > 30


def test_of_few_architectures_half_at_least_are_left() -> None:
    """Many lines, of which all but one choice change nothing."""
    text = TEXT.replace("1..8", "1..2").replace("[relu, gelu, silu, tanh, sigmoid]", "[relu]")
    few = text.replace("output logits", "choose unused from 1..50\n    z = x -> linear(unused)\n    output logits")
    held, graphs = Drawing(ghndsl.loads_space(few)).hold_out(8, seed=0)
    assert len(held.held) == len(graphs) == 1


def lines(graphs: Iterable[Graph]) -> int:
    return len({made(graph) for graph in graphs})


@pytest.mark.parametrize(("count", "kept"), [(0, 0), (3, 3), (4, 4), (100, 4)])
def test_a_small_space_spares_a_tenth_at_most(count: int, kept: int) -> None:
    held, graphs = Drawing(space()).hold_out(count, seed=0)
    assert len(held.held) == len(graphs) == lines(graphs) == kept


def test_a_tiny_space_spares_none() -> None:
    tiny = ghndsl.loads_space(TEXT.replace("1..8", "1..1"))
    assert tiny.size == 5
    held, graphs = Drawing(tiny).hold_out(8, seed=0)
    assert (held.held, graphs) == (frozenset(), [])


@settings(max_examples=30)
@given(st.integers(0, 50), st.integers(0, 50), st.lists(st.floats(0, 1), min_size=2))
def test_a_share_leads_into_the_range(least: int, more: int, shares: list[float]) -> None:
    one = Range(least, least + more)
    found = [one.at(share) for share in sorted(shares)]
    assert found == sorted(found)
    assert all(one.least <= number <= one.most for number in found)
    assert (one.at(0), one.at(1)) == (one.least, one.most)
    assert {one.at(share / 1000) for share in range(1000)} == {*range(one.least, one.most + 1)}
