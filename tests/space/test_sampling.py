"""Draws from spaces: uniform, repeatable, and only of candidates that meet every `where`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from scipy.stats import chisquare

from ghndsl.diagnostics import CompileError
from ghndsl.space import Space

MakeSpace = Callable[[str], Space]

DEFINITIONS = """
block Op(x, c: int) { choose op { skip: x
    conv: x -> conv(c, 1)
    pool: x -> max_pool(1) }
    return op }
motif Ragged(x, c: int) { choose op { skip: x
    conv: x -> conv(c, 1) }
    choose act from [relu, gelu, silu]
    return op -> act }
"""

# Ways of unequal depth and width: a sampler that is uniform at each choice would not be uniform here.
UNEVEN = {
    "choices under choices": """
        choose a from [1, 2, 3]
        if a == 1 { choose b from 1..7 } else { b = 1 }
        y = x -> conv(a * b, 1)""",
    "a chosen length": "choose n from 0..3\ny = x\nfor i in range(n) { choose act from [relu, gelu]\ny = y -> act }",
    "blocks with several results": "y = x -> Op(6) as a -> Op(5) as b",
    "a motif told apart later": "y = x -> Ragged(4) as a -> Ragged(6) as b\nif C == 4 { choose k from [1, 3] }",
    "subsets": "choose 1..3 from_ from range(5)\ny = x -> conv(len(from_), 1)",
    "a `where`": "choose a from 1..5\nchoose b from 1..5\nwhere a * b <= 9\ny = x -> conv(a, b)",
    "a `where` in blocks": "y = x\nlast = 1\nfor i in range(3) { choose c from 1..3\nwhere c >= last\nlast = c }",
}


def make(space_of: MakeSpace, body: str) -> Space:
    return space_of(f"{DEFINITIONS}\nspace S() {{\nC = 4\ninput x: f32[N, 4, 8, 8]\n{body}\noutput logits = y\n}}\n")


@pytest.mark.parametrize("name", UNEVEN)
def test_draws_are_uniform(space_of: MakeSpace, name: str) -> None:
    space = make(space_of, UNEVEN[name])
    assert space.feasible is not None
    drawn = Counter(map(str, space.sample(60 * space.feasible, seed=7)))
    counts = [drawn[str(candidate)] for candidate in space]
    assert sum(count > 0 for count in counts) == space.feasible
    assert chisquare([count for count in counts if count]).pvalue > 0.001


def test_draws_repeat(space_of: MakeSpace) -> None:
    space, again = (make(space_of, UNEVEN["subsets"]) for _ in range(2))
    assert space.sample(20, seed=3) == again.sample(20, seed=3)
    assert space.sample(20, seed=3) != space.sample(20, seed=4)
    rng = random.Random(3)
    assert [space.draw(rng) for _ in range(20)] == space.sample(20, seed=3)


def test_a_space_without_bound(space_of: MakeSpace) -> None:
    """Sizes are exact and numbers are read back where no list could hold the candidates."""
    space = make(space_of, "y = x\nfor i in range(200) { y = y -> Op(4) }")
    assert space.size == 3**200
    for number in (0, 1, 3**100, 3**200 - 1):
        candidate = space.candidate(number)
        assert space.number(candidate) == number
        assert space.parse(str(candidate)) == candidate
    assert space.candidate(3**199).choices["0.Op.op"] == "conv"


MEASURED = {
    "params": ("where params > 30", lambda graph: graph.params > 30),
    "macs": ("where macs <= 300", lambda graph: graph.macs <= 300),
    "nodes": ("where nodes == 2", lambda graph: len(graph.nodes) == 2),
    "memory": ("where memory > 500", lambda graph: graph.memory > 500),
    "several": ("where params > 30\nwhere nodes == 2 or k == 3", None),
    "with choices": ("where c < 8\nwhere params > 30", lambda graph: graph.params > 30),
}


@pytest.mark.parametrize("name", MEASURED)
def test_measured_where(space_of: MakeSpace, name: str) -> None:
    where, holds = MEASURED[name]
    body = (
        "choose c from [4, 8, 16]\nchoose k from [1, 3]\nchoose f { one: x -> conv(c, k)\n"
        f"two: x -> relu -> conv(c, k) }}\ny = f\noutput logits = y\n{where}"
    )
    space = space_of(f"space S() {{\ninput x: f32[1, 1, 4, 4]\n{body}\n}}\n")
    without = space_of(f"space S() {{\ninput x: f32[1, 1, 4, 4]\n{body.replace(where, '')}\n}}\n")
    drawn = set(map(str, space.sample(80, seed=1)))
    assert (space.size, space.feasible) == (12, len(drawn))
    assert space.check() == []
    for candidate in space:
        if str(candidate) in drawn:
            assert holds is None or holds(space.build(candidate))
            continue
        with pytest.raises(CompileError, match="G303"):
            space.build(candidate)
        assert without.build(candidate).outputs
    assert 0 < len(drawn) < 12


def test_measured_where_that_nothing_meets(space_of: MakeSpace) -> None:
    space = make(space_of, "choose k from [1, 3]\ny = x -> conv(4, k)\noutput z = y\nwhere params > 1G")
    with pytest.raises(CompileError, match=r"no candidate of `S` meets `params > 1G`"):
        space.sample(1, seed=0)
