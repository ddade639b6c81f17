"""Candidates are drawn alike for one seed, and no architecture twice; a cheap scale keeps their numbers."""

from __future__ import annotations

from itertools import islice

import pytest
import torch

import ghndsl
from ghndsl.data import Classes, Dataset, Scale, Split, load
from ghndsl.passes import simplify
from ghndsl.search.draw import distinct, training_sample
from ghndsl.search.scale import CHEAP, scaled

FEW = """
block Op(x: [N, C, H, W]) {
    choose op {
        none: zeros_like(x)
        skip: x
        conv: x -> conv(C, 1)
    }
    return op
}

space few() {
    input image: f32[N, 2, 4, 4]
    output logits = add(image -> Op as a, image -> Op as b) -> flatten
}
"""


def test_distinct_architectures_of_a_small_space() -> None:
    """Nine lines; sums of two operations are unordered, and an added zero is nothing: six."""
    space = ghndsl.loads_space(FEW)
    found = [drawn.identity for drawn in distinct(space, seed=0)]
    assert len(found) == len(set(found)) == 6
    assert set(found) == {simplify(space.build(candidate)).id for candidate in space}
    assert space.distinct.size == 6


def test_draws_repeat_and_follow_the_seed() -> None:
    space = ghndsl.load_space("digits")

    def lines(seed: int) -> list[str]:
        return [str(drawn.candidate) for drawn in islice(distinct(space, seed), 5)]

    assert lines(1) == lines(1) != lines(2)
    assert training_sample(space, 3)(7).id == training_sample(space, 3)(7).id


def colours() -> Dataset:
    part = Split({"x": torch.zeros(10, 3, 32, 32)}, torch.arange(10), Classes(10), ("x",))
    return Dataset("colours", part, part, part, {"x": Scale((0.0,) * 3, (1.0,) * 3)})


def test_a_cheap_scale_keeps_numbers_and_classes() -> None:
    scale = scaled(ghndsl.load_space("nasbench201"), colours())
    candidate = scale.full.candidate(4321)
    assert scale.is_reduced
    assert scale.cheap.number(candidate) == 4321
    assert scale.cheap.build(candidate).macs < scale.full.build(candidate).macs
    assert scale.data.shape[1:] == scale.cheap.build(candidate).inputs["image"].shape[2:]
    assert scale.deep.number(candidate) == 4321
    assert len(scale.deep.build(candidate).nodes) == len(scale.full.build(candidate).nodes)
    assert scale.deep.build(candidate).macs < scale.full.build(candidate).macs
    assert scale.deep_data.shape[1:] == scale.deep.build(candidate).inputs["image"].shape[2:]
    assert scaled(ghndsl.load_space("nasbench201", width=16, cells=5, size=32), colours()).is_reduced is False


def test_the_number_of_nodes_of_an_anytime_network_is_no_scale() -> None:
    scale = scaled(ghndsl.load_space("ghn_anytime"), colours())
    assert scale.is_reduced
    assert {*scale.cheap.settings, *scale.deep.settings} == {"width", "size", "classes"}


def test_what_is_cheap_already_is_left_as_it_is() -> None:
    scale = scaled(ghndsl.load_space("digits"), load("digits", seed=0))
    assert not scale.is_reduced
    assert scale.full.build(scale.full.candidate(0)).macs < CHEAP


@pytest.mark.parametrize("count", [3, 8])
def test_the_first_draws_do_not_depend_on_how_many_are_asked_for(count: int) -> None:
    space = ghndsl.load_space("nasbench201")
    few = [drawn.identity for drawn in islice(distinct(space, 0), 3)]
    assert [drawn.identity for drawn in islice(distinct(space, 0), count)][:3] == few
