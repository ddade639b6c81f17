"""Candidates one after another: in the order of their numbers, from any on, in shards, what a `where` leaves."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import pytest

from ghndsl.diagnostics import CompileError
from ghndsl.language.choices import Options
from ghndsl.space.ways.diagram import Diagram, Diagrams, Pick
from ghndsl.space.ways.enumeration import Walk
from ghndsl.space.ways.numbering import Numbering

if TYPE_CHECKING:
    from conftest import BruteForce, MakeSpace

DEFINITIONS = """
block Op(x, c: int) { choose op { skip: x
    conv: x -> conv(c, 1)
    pool: x -> max_pool(1) }
    return op }
motif Pair(x, c: int) { y = x -> Op(4) as a
    choose act from [relu, gelu, silu]
    return y -> act -> Op(c) as b }
block Tree(x, n: int) { choose fork from [true, false]
    if fork and n > 0 { y = (x -> Tree(n - 1) as l) + (x -> Tree(n - 1) as r) } else { y = x }
    return y }
"""

SPACES = {
    "one choice": "choose k from [1, 3, 5]\ny = x -> conv(4, k, padding=k // 2)",
    "no choice": "y = x",
    "choices under choices": "choose a from 1..3\nif a == 2 { choose b from 1..4 } else { b = 1 }\ny = x -> conv(b, a)",
    "a chosen length": "choose n from 0..3\ny = x\nfor i in range(n) { choose act from [relu, gelu]\ny = y -> act }",
    "blocks of several results": "y = x -> Op(6) as a -> Op(5) as b",
    "a motif told apart later": "y = x -> Pair(4) as one -> Pair(6) as two",
    "recursion": "y = x -> Tree(2)",
    "subsets": "choose 1..3 ks from range(5)\ny = x -> conv(len(ks), 1)",
    "graphs": """choose g from dags(vertices=2..4) { a: relu
        b: tanh }
        v = [x]
        for i in g.inner { v = v + [add([v[j] for j in g.inputs[i]]) -> g.ops[i]] }
        choose last from [relu, gelu]
        y = add([v[j] for j in g.ends]) -> last""",
    "a `where`": "choose a from 1..5\nchoose b from 1..5\nwhere a * b <= 9\ny = x -> conv(a, b, padding=2)",
    "a `where` in turns": "y = x\nlast = 1\nfor i in range(4) { choose c from 1..3\nwhere c >= last\nlast = c }",
    "a `where` before blocks": "choose c from 4..7\nwhere c != 5\ny = x -> Op(c) as a -> Op(c) as b",
    "a `where` on measures": "choose c from 1..9\nchoose k from [1, 3]\ny = x -> conv(c, k)\nwhere params > 100",
}


def text_of(body: str) -> str:
    first, _, measures = body.partition("\nwhere params")
    end = f"where params{measures}\n" if measures else ""
    return f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\n{first}\noutput logits = y\n{end}}}\n"


@pytest.mark.parametrize("name", SPACES)
def test_every_feasible_candidate_once_in_order(space_of: MakeSpace, brute_force: type[BruteForce], name: str) -> None:
    space = space_of(text_of(SPACES[name]))
    listed = list(space.enumerate())
    numbers = [number for number, _ in listed]
    assert numbers == sorted(set(numbers))
    assert listed == [(number, space.candidate(number)) for number in numbers]
    assert [str(candidate) for candidate in space] == brute_force(space).lines
    assert [str(candidate) for _, candidate in listed] == brute_force(space).good


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("name", ["a motif told apart later", "recursion", "a `where`", "a `where` in turns"])
def test_shards_are_a_partition(space_of: MakeSpace, name: str, parts: int) -> None:
    space = space_of(text_of(SPACES[name]))
    shards = [list(space.enumerate((part, parts))) for part in range(1, parts + 1)]
    assert list(chain.from_iterable(shards)) == list(space.enumerate())
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


def test_shards_share_out_what_measures_leave(space_of: MakeSpace) -> None:
    space = space_of(text_of(SPACES["a `where` on measures"]))
    shards = [list(space.enumerate((part, 5))) for part in range(1, 6)]
    assert list(chain.from_iterable(shards)) == list(space.enumerate())
    assert 0 < sum(map(len, shards)) < space.size


@pytest.mark.parametrize("shard", [(0, 3), (4, 3), (1, 0), (-1, 2)])
def test_there_is_no_such_shard(space_of: MakeSpace, shard: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no shard"):
        space_of(text_of(SPACES["one choice"])).enumerate(shard)


def test_nothing_to_list(space_of: MakeSpace) -> None:
    space = space_of(text_of("choose k from [1, 3]\nwhere k > 5\ny = x -> conv(4, k)"))
    with pytest.raises(CompileError, match="no candidate of `S`"):
        space.enumerate()


LONG = {
    "10^23 candidates": "y = x\nfor i in range(50) { y = y -> Op(4) }",
    "motifs and blocks": "y = x\nfor i in range(9) { y = y -> Pair(4) as one{i} -> Op(4) as two{i} }",
    "many graphs": """choose 2 ks from range(30)
        choose g from dags(vertices=7, edges=9) { a: relu
        b: tanh }
        v = [x]
        for i in g.inner { v = v + [add([v[j] for j in g.inputs[i]]) -> g.ops[i]] }
        y = add([v[j] for j in g.ends]) -> Op(4)""",
}


@pytest.mark.parametrize("name", LONG)
def test_a_walk_begins_anywhere(space_of: MakeSpace, name: str) -> None:
    """The parts near the ends are listed once: the walk goes through several lists, and from the middle of one."""
    space = space_of(text_of(LONG[name]))
    size = space.size
    for parts in (3, size // 700):
        for part in (1, 2, parts // 2):
            start = size * (part - 1) // parts
            walked = list(islice(space.enumerate((part, parts)), 1100))
            for offset in (0, 1, len(walked) // 2, len(walked) - 1):
                assert walked[offset] == (start + offset, space.candidate(start + offset))


def test_a_way_longer_than_calls_are_deep() -> None:
    make = Diagrams()
    start: Diagram | None = make.end(0)
    for turn in range(3000):
        start = make.ask(Pick(f"{turn}", Options(("a", "b"))), [start, start])
    assert start is not None
    walk = Walk(Numbering(start))
    ways = list(islice(walk.ways(2**2999 - 3), 5))
    assert [texts[0][1] for texts, _ in ways] == ["a", "a", "a", "b", "b"]
    assert [texts[-2][1] + texts[-1][1] for texts, _ in ways] == ["ab", "ba", "bb", "aa", "ab"]
