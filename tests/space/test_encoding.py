"""Vectors of candidates: read back exactly, and any vector read as a candidate that meets every `where`."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.space import Space
from ghndsl.space.moving import encoding

MakeSpace = Callable[[str], Space]
GRAPHS = "choose g from dags(vertices=3..4, edges=1..5, inputs=2) { conv: conv(4, 1)\nid: identity }"

# A body, its columns, and candidates with what their vectors hold: the ones, by the place of their column.
COLUMNS = {
    "options and several options": (
        "choose act from [relu, gelu]\nchoose 1..2 of from range(3)\ny = y -> act -> conv(len(of), 1)",
        ["act=relu", "act=gelu", "of=0", "of=1", "of=2"],
        {"act=gelu of=[0,2]": [1, 2, 4], "act=relu of=[1]": [0, 3]},
    ),
    "a choice that is not made is all zeros": (
        "choose d from 0..1\nfor i in range(d) { choose k from [1, 3]\ny = y -> conv(4, k) }",
        ["d=0", "d=1", "0.k=1", "0.k=3"],
        {"d=0": [0], "d=1 0.k=3": [1, 3]},
    ),
    "other options under another choice": (
        "choose a from 1..2\nif a == 1 { choose b from [5, 6] } else { choose b from [6, 7] }\ny = y -> conv(b, 1)",
        ["a=1", "a=2", "b=5", "b=6", "b=7"],
        {"a=1 b=6": [0, 3], "a=2 b=6": [1, 3], "a=2 b=7": [1, 4]},
    ),
    "graphs": (
        f"{GRAPHS}\ny = [y, y -> relu] -> walk(g, ends=add)",
        ["g:0>2", "g:1>2", "g:0>out", "g:1>out", "g:2>out", "g:2=conv", "g:2=id"],
        {"g=dag(;0>2,1>2)": [2, 3], "g=dag(id;0>2,1>2,0>3,2>3)": [0, 1, 2, 4, 6]},
    ),
}


def make(space_of: MakeSpace, body: str) -> Space:
    head = "use std.graph (walk)\nspace S() {\ninput x: f32[N, 4, 8, 8]\ny = x\n"
    return space_of(f"{head}{body}\noutput logits = y\n}}\n")


@pytest.mark.parametrize("name", COLUMNS)
def test_vectors_have_a_column_for_each_option(space_of: MakeSpace, name: str) -> None:
    body, columns, vectors = COLUMNS[name]
    space = make(space_of, body)
    assert list(space.encoding.columns) == columns
    for line, ones in vectors.items():
        vector = space.encoding.encode(space.parse(line))
        assert [place for place, number in enumerate(vector) if number] == ones
        assert space.encoding.decode(vector) == space.parse(line)


# A vector, by column, and the candidate it is read as.
NEAREST = [
    ("choose a from [1, 2, 3]\ny = y -> conv(a, 1)", {"a=1": 0.2, "a=2": 0.4, "a=3": -0.4}, "a=2"),
    ("choose 1..2 of from range(3)\ny = y -> conv(len(of), 1)", {"of=0": 0.1, "of=2": 0.3}, "of=[2]"),
    ("choose 2 of from range(3)\ny = y -> conv(len(of), 1)", {"of=0": 0.1, "of=2": 0.3}, "of=[0,2]"),
    (
        "choose a from 1..3\nwhere a != 2\nchoose b from 1..3\nwhere a * b < 4\ny = y -> conv(a * b, 1)",
        {"a=2": 1, "a=3": 0.4, "b=3": 0.9, "b=2": 0.3},
        "a=3 b=1",
    ),
    (
        f"{GRAPHS}\ny = [y, y -> relu] -> walk(g)",
        {"g:0>2": 0.9, "g:1>2": 0.1, "g:2=id": 0.1},
        "g=dag(id;0>2,1>2,2>3)",
    ),
]


@pytest.mark.parametrize(("body", "vector", "line"), NEAREST)
def test_a_vector_is_read_as_the_nearest_candidate(
    space_of: MakeSpace, body: str, vector: dict[str, float], line: str
) -> None:
    space = make(space_of, body)
    numbers = [vector.get(column, 0.0) for column in space.encoding.columns]
    assert str(space.encoding.decode(numbers)) == line
    assert str(space.encoding.decode(np.array(numbers))) == line


@given(st.data())
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_vectors_of_random_spaces(
    with_candidates: Callable[[str], Space | None], random_spaces: st.SearchStrategy[str], data: st.DataObject
) -> None:
    space = with_candidates(data.draw(random_spaces))
    if space is None:
        return
    feasible = [candidate for _, candidate in space.enumerate()]
    vectors = [tuple(space.encoding.encode(candidate)) for candidate in space]
    assert len(set(vectors)) == space.size
    for candidate in feasible:
        assert space.encoding.decode(vectors[space.number(candidate)]) == candidate
    rng = random.Random(0)
    for _ in range(10):
        assert space.encoding.decode([rng.gauss(0.5, 1) for _ in space.encoding.columns]) in feasible


@pytest.mark.parametrize("name", ["nasbench201", "nasbench101", "hnas", "ghn_cifar"])
def test_vectors_of_shipped_spaces(name: str) -> None:
    space, rng = ghndsl.load_space(name), random.Random(0)
    for candidate in space.sample(2, seed=1):
        vector = space.encoding.encode(candidate)
        assert space.encoding.decode(vector) == candidate
        near = space.encoding.decode([number + rng.uniform(-0.4, 0.4) for number in vector])
        assert near == candidate
        space.number(space.encoding.decode([rng.random() for _ in vector]))


def test_refused_vectors(space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    space = make(space_of, "choose a from 1..3\nchoose b from 1..4\ny = y -> conv(a * b, 1)")
    with pytest.raises(ValueError, match="the vector has 3 numbers, and 7 columns are asked for"):
        space.encoding.decode([0, 1, 0])
    with pytest.raises(CompileError, match="G304"):
        space.encoding.encode(ghndsl.load_space("nasbench201").candidate(0))
    monkeypatch.setattr(encoding, "MOST_COLUMNS", 5)
    other = make(space_of, "choose a from 1..3\nchoose b from 1..4\ny = y -> conv(a * b, 1)")
    with pytest.raises(CompileError, match=r"more than 5 columns: 2 of its choices have 7"):
        _ = other.encoding
