"""Moves in spaces: always to candidates that meet every `where`, back and forth, and fairly by chance."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.space import Candidate, Space
from ghndsl.space.measures import sieve
from ghndsl.space.moving import met, mover

MakeSpace = Callable[[str], Space]

DEFINITIONS = """
block Conv(x: [N, C, H, W]) { choose k from [1, 3, 5]
    return x -> conv(C, k, padding=k // 2) }
block Cell(x) { choose form { leaf: x -> Conv
    pair: x -> Conv as a -> Conv as b }
    return form }
motif M(x) { choose op { skip: x
    conv: x -> Conv }
    return op }
"""


def make(space_of: MakeSpace, body: str) -> Space:
    return space_of(f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\ny = x\n{body}\noutput logits = y\n}}\n")


LAYERS = "choose d from 0..3\nfor i in range(d) { choose k from [1, 3]\ny = y -> conv(4, k, padding=k // 2) as l{i} }"
ASCENDING = "last = 1\nfor i in range(3) { choose c from 1..4\nwhere c >= last\nlast = c\ny = y -> conv(c, 1) as l{i} }"
SHARING = """choose a from 1..4
choose 1..2 b from range(4)
where len(b) == 2 or a < 3
choose c from [8, 6, 4]
where c > 2 * a
"""
GRAPH = "choose g from dags(vertices=2..3) { conv: conv(4, 1)\nid: identity }\ny = y -> walk(g, ends=add)"

NEAR = {
    "options": (
        "choose a from [1, 3, 5]\nchoose b from [relu, gelu]\ny = y -> conv(4, a) -> b",
        "a=3 b=relu",
        ["a=1 b=relu", "a=5 b=relu", "a=3 b=gelu"],
    ),
    "several options": (
        "choose 1..2 of from range(3)\ny = y -> conv(len(of), 1)",
        "of=[1]",
        ["of=[0]", "of=[2]", "of=[0,1]", "of=[1,2]"],
    ),
    "as many options": ("choose 2 of from range(4)\ny = y -> conv(sum(of), 1)", "of=[0,3]", None),
    "a layer more copies the last, one less drops it": (
        LAYERS,
        "d=2 0.k=1 1.k=3",
        ["d=0", "d=1 0.k=1", "d=3 0.k=1 1.k=3 2.k=3", "d=2 0.k=3 1.k=3", "d=2 0.k=1 1.k=1"],
    ),
    "a first layer has nothing to copy": (LAYERS, "d=0", ["d=1 0.k=1", "d=2 0.k=1 1.k=1", "d=3 0.k=1 1.k=1 2.k=1"]),
    "a cell that is split has twice what it was": (
        "y = y -> Cell as c",
        "c.form=leaf c.Conv.k=5",
        ["c.form=pair c.a.k=5 c.b.k=5", "c.form=leaf c.Conv.k=1", "c.form=leaf c.Conv.k=3"],
    ),
    "what a `where` rules out is the nearest that it lets pass": (
        ASCENDING,
        "0.c=1 1.c=2 2.c=3",
        [f"0.c={one[0]} 1.c={one[1]} 2.c={one[2]}" for one in ["223", "333", "444", "113", "133", "144", "122", "124"]],
    ),
    "several options share most with what they were": (
        SHARING,
        "a=1 b=[3] c=4",
        ["a=2 b=[3] c=6", "a=3 b=[0,3] c=8", "a=1 b=[0] c=4", "a=1 b=[1] c=4", "a=1 b=[2] c=4"]
        + [f"a=1 b=[{i},3] c=4" for i in range(3)]
        + ["a=1 b=[3] c=8", "a=1 b=[3] c=6"],
    ),
    "a motif in one piece": (
        "for i in range(3) { y = y -> M as m{i} }",
        "M.op=skip",
        ["M.op=conv M.Conv.k=1"],
    ),
    "graphs": (
        f"{GRAPH}",
        "g=dag(conv;0>1,1>2)",
        ["g=dag(id;0>1,1>2)", "g=dag(conv;0>1,0>2,1>2)", "g=dag(;0>1)"],
    ),
}


@pytest.mark.parametrize("name", NEAR)
def test_neighbours(space_of: MakeSpace, name: str) -> None:
    body, line, expected = NEAR[name]
    space = space_of(f"use std.graph (walk)\n{make_text(body)}")
    near = [str(one) for one in space.neighbors(space.parse(line))]
    if expected is not None:
        assert sorted(near) == sorted(expected)
    assert near == [str(one) for one in space.neighbors(space.parse(line))]
    check_near(space, space.parse(line), listed(space))


def make_text(body: str) -> str:
    return f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\ny = x\n{body}\noutput logits = y\n}}\n"


def listed(space: Space) -> list[Candidate]:
    return [candidate for _, candidate in space.enumerate()]


def apart(one: Candidate, other: Candidate) -> list[tuple[str, str, str]] | None:
    """Where two candidates that make the same choices differ."""
    if [path for path, _ in one.texts] != [path for path, _ in other.texts]:
        return None
    return [(path, a, b) for (path, a), (_, b) in zip(one.texts, other.texts, strict=True) if a != b]


def is_near(one: str, other: str) -> bool:
    """Whether two options, or two lists of several, are near each other."""
    if one[0] != "[" or other[0] != "[":
        return True
    a, b = set(one[1:-1].split(",")), set(other[1:-1].split(","))
    return len(a - b) <= 1 and len(b - a) <= 1


def check_near(space: Space, candidate: Candidate, feasible: Sequence[Candidate]) -> None:
    """Of candidates that make the same choices those are near that differ in one, by a step; all others are valid."""
    near = list(space.neighbors(candidate))
    assert len({*near, candidate}) == len(near) + 1
    assert set(near) <= set(feasible)
    for other in feasible:
        differing = apart(candidate, other)
        if differing and len(differing) == 1 and not differing[0][1].startswith("dag"):
            assert (other in near) == is_near(*differing[0][1:])
            assert (candidate in space.neighbors(other)) == (other in near)


@given(st.data())
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_moves_of_random_spaces(
    with_candidates: Callable[[str], Space | None], random_spaces: st.SearchStrategy[str], data: st.DataObject
) -> None:
    space = with_candidates(data.draw(random_spaces))
    if space is None:
        return
    feasible = listed(space)
    rng = random.Random(0)
    for candidate in rng.sample(feasible, min(4, len(feasible))):
        check_near(space, candidate, feasible)
        for _ in range(4):
            changed = space.mutate(candidate, rng)
            assert changed in feasible
            assert (changed == candidate) == (len(feasible) == 1)
            other = rng.choice(feasible)
            check_crossed(space.cross(candidate, other, rng), (candidate, other), feasible)


def check_crossed(child: Candidate, parents: tuple[Candidate, Candidate], feasible: Sequence[Candidate]) -> None:
    """A choice is a parent's, unless no candidate that begins as the child does makes it as a parent."""
    assert child in feasible
    for place, (path, text) in enumerate(child.texts):
        for parent in parents:
            theirs = dict(parent.texts).get(path)
            if text in [dict(one.texts).get(path) for one in parents] or theirs is None:
                continue
            begun = (*child.texts[:place], (path, theirs))
            assert not any(one.texts[: place + 1] == begun for one in feasible)


# Chance


def test_the_choice_that_a_mutation_changes_is_uniform(space_of: MakeSpace) -> None:
    space = make(space_of, "choose a from 1..2\nchoose b from 1..5\nchoose one from [1]\ny = y -> conv(a * b * one, 1)")
    start, rng = space.parse("a=1 b=3 one=1"), random.Random(5)
    found = Counter(str(space.mutate(start, rng)) for _ in range(800))
    assert found.keys() == set(map(str, space.neighbors(start)))
    assert chisquare([found.pop("a=2 b=3 one=1"), *found.values()], [400, *[100] * 4]).pvalue > 0.001


def test_what_a_mutation_opens_is_drawn(space_of: MakeSpace) -> None:
    """Uniformly from all the candidates that are possible, not uniformly choice by choice."""
    layers = "choose d from 0..2\nfor i in range(d) { choose k from [1, 3, 5]\ny = y -> conv(4, k, padding=2) }"
    space = make(space_of, f"choose on from [false, true]\nif on {{ {layers} }}")
    rng = random.Random(1)
    found = Counter(str(space.mutate(space.parse("on=false"), rng)) for _ in range(1300))
    assert len(found) == 13
    assert chisquare(list(found.values())).pvalue > 0.001


def test_parents_are_crossed_evenly(space_of: MakeSpace) -> None:
    space = make(space_of, "choose a from 1..9\nchoose b from 1..9\nchoose c from 1..9\ny = y -> conv(a * b * c, 1)")
    rng = random.Random(3)
    one, other = space.parse("a=1 b=2 c=3"), space.parse("a=4 b=5 c=6")
    found = Counter(str(space.cross(one, other, rng)) for _ in range(800))
    assert len(found) == 8
    assert chisquare(list(found.values())).pvalue > 0.001


def test_moves_repeat(space_of: MakeSpace) -> None:
    space, again = make(space_of, LAYERS), make(space_of, LAYERS)
    one, other = space.parse("d=2 0.k=1 1.k=3"), space.parse("d=1 0.k=3")
    moved = [
        (s.mutate(one, random.Random(i)), s.cross(one, other, random.Random(i)))
        for s in (space, again)
        for i in range(9)
    ]
    assert moved[:9] == moved[9:]


# Spaces of any size


@pytest.mark.parametrize("name", ["nasbench201", "nasbench101", "hnas"])
def test_moves_of_shipped_spaces(name: str) -> None:
    space, rng = ghndsl.load_space(name), random.Random(0)
    one, other = space.sample(2, seed=3)
    near = next(space.neighbors(one))
    assert one in space.neighbors(near) or apart(one, near) is None
    for moved in (near, space.mutate(one, rng), space.cross(one, other, rng)):
        assert space.candidate(space.number(moved)) == moved


def test_neighbours_of_nasbench201() -> None:
    space = ghndsl.load_space("nasbench201")
    (drawn,) = space.sample(1, seed=0)
    near = list(space.neighbors(drawn))
    assert len(near) == len(set(near)) == 6 * 4
    assert all(len(apart(drawn, one) or ()) == 1 for one in near)


# What must be met


MEASURED = (
    "choose a from 1..4\nchoose b from 1..4\ny = y -> conv(a, 1) -> conv(b, 1)\noutput logits = y\nwhere params <= 25"
)


def test_moves_meet_measures(space_of: MakeSpace) -> None:
    text = make_text(MEASURED).replace("output logits = y\n}", "}")
    space = space_of(text)
    feasible, rng = listed(space), random.Random(0)
    assert 1 < len(feasible) < space.size
    for candidate in feasible:
        check_near(space, candidate, feasible)
        assert space.mutate(candidate, rng) in feasible
        assert space.cross(candidate, rng.choice(feasible), rng) in feasible


UNMET = [
    "where params <= 25",
    "where params % 2 == 3",
    "where params < 1K\nwhere b > 0 and macs < 1000",
    "where memory / 4 < 280",
]


@pytest.mark.parametrize("where", UNMET)
def test_moves_from_what_meets_not_every_measure_are_refused_as_its_graph_is(space_of: MakeSpace, where: str) -> None:
    text = MEASURED.replace("where params <= 25", where)
    space, rng = space_of(make_text(text).replace("output logits = y\n}", "}")), random.Random(0)
    strays = [candidate for candidate in space if not space.meets(candidate)]
    good = next((candidate for candidate in space if space.meets(candidate)), strays[0])
    moves: tuple[Callable[[Candidate], object], ...] = (
        space.neighbors,
        lambda c: space.mutate(c, rng),
        lambda c: space.cross(c, good, rng),
        lambda c: space.cross(good, c, rng),
    )
    for stray, move in itertools.product(strays, moves):
        with pytest.raises(CompileError) as raised:
            move(stray)
        with pytest.raises(CompileError) as built:
            space.build(stray)
        (fault,), (other,) = raised.value.diagnostics, built.value.diagnostics
        assert fault.code == "G303"
        assert (fault.message, fault.span) == (other.message, other.span)
        assert fault.help is not None


@pytest.mark.parametrize("kept", [100, 0])
def test_what_a_move_gave_is_not_weighed_again(space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    monkeypatch.setattr(met, "MOST_KEPT", kept)
    space, rng = space_of(make_text(MEASURED).replace("output logits = y\n}", "}")), random.Random(0)
    moved = space.mutate(space.parse("a=1 b=1"), rng)
    weighings: list[object] = []
    weighed = sieve.weighed
    monkeypatch.setattr(sieve, "weighed", lambda *given: weighings.append(given) or weighed(*given))
    near = space.neighbors(moved)
    assert len(weighings) == (not kept)
    assert moved not in near


def test_refused_moves(space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    space, rng = make(space_of, ASCENDING), random.Random(0)
    for line, code in (("0.c=3 1.c=2 2.c=3", "G303"), ("0.c=3 1.c=9 2.c=3", "G304"), ("0.c=1 1.c=1 2.c=3 d=1", "G304")):
        stray = Candidate(tuple((word.split("=")[0], word.split("=")[1]) for word in line.split()))
        for move in (space.neighbors, lambda c: space.mutate(c, rng), lambda c: space.cross(c, c, rng)):
            with pytest.raises(CompileError, match=code):
                move(stray)
    monkeypatch.setattr(mover, "MOST_TRIES", 50)
    alone = space_of(make_text(MEASURED.replace("<= 25", "== 7")).replace("output logits = y\n}", "}"))
    (only,) = listed(alone)
    with pytest.raises(CompileError, match="0 of 50 changes of the candidate meet each `where` of `S` over measures"):
        alone.mutate(only, rng)
    assert list(alone.neighbors(only)) == []
    assert alone.cross(only, only, rng) == only
