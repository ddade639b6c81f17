"""A graph printed as text is the same graph again, with the same names of weights in the same order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ghndsl

NETWORKS = ["resnet18", "resnet50", *(f"digits@{n}" for n in (0, 17, 20_000_000)), "nasbench201@0", "nasbench201@15624"]
TEXTS = {
    "shared weights, slices, several results": """arch a() {
        input x: f32[N, 8, 4*H, W]
        f = (conv(8, 3, padding=1) -> relu) as f
        a, b = x -> f -> f -> split(4, dim=1)
        exit early.one = a[:, 1:] * 2 + 1
        output y = concat(a, 1 - b, x[:, 0:3]) -> reshape(N, -1, W)
    }""",
    "names that collide": """arch in_() {
        input x1: f32[N, 3]
        input relu_: f32[N, 3]
        output x2 = x1 -> relu -> linear(3) as 0
        output y.z = (x1 + relu_) -> linear(2) as x1
    }""",
    "an input that is an output": "arch a() { input x: i64[N, T]\n output y = x\n output z = x }",
    "a value used by two outputs": "arch a() { input x: f32[N, 2]\n y = x -> relu\n output z = y\n output w = y }",
}


def same(graph: ghndsl.Graph) -> None:
    again = ghndsl.loads(ghndsl.format(graph))
    assert again.id == graph.id
    assert list(again.weights.items()) == list(graph.weights.items())
    assert list(again.outputs) == list(graph.outputs)
    assert ghndsl.format(again).count("\n") <= ghndsl.format(graph).count("\n")


@pytest.mark.parametrize("name", NETWORKS)
def test_shipped(name: str) -> None:
    same(ghndsl.load(name))


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    same(ghndsl.loads(TEXTS[name]))


SPACES = {"digits": {}, "nasbench201": {"cells": 1}}


@pytest.mark.parametrize("name", SPACES)
@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_candidates(name: str, seed: int) -> None:
    space = ghndsl.load_space(name, **SPACES[name])
    (candidate,) = space.sample(1, seed)
    same(space.build(candidate))
