"""Who goes on, and what an algorithm is told of a vote."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghndsl import CompileError
from ghndsl.search.choosing import others
from ghndsl.search.correlation import WORST
from ghndsl.search.objectives import objectives
from ghndsl.search.plan import rungs
from ghndsl.search.standing import estimate, needs_reference


def test_controls_are_the_first_of_the_others() -> None:
    assert others([4, 2, 9, 1], [2], 2) == [4, 9]


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_more_of_a_part_is_told_as_more(values: list[float], one: float, other: float) -> None:
    told = estimate("meco+synflow", [{"meco": value, "synflow": 0.0} for value in values])
    low, high = (told({"meco": value, "synflow": 0.0}) for value in sorted((one, other)))
    assert low <= high
    assert told({"meco": WORST, "synflow": 0.0}) <= low
    assert math.isfinite(high)


def test_a_part_is_told_as_its_place_among_the_reference() -> None:
    told = estimate("meco-2*params>early", [{"meco": float(index), "params": 1.0} for index in range(5)])
    found = [told({"meco": float(index), "params": 1.0}) for index in range(5)]
    steps = [after - before for before, after in pairwise(found)]
    assert steps == pytest.approx([1 / 12] * 4), "a quarter of one of three voices"
    assert told({"meco": 9.0, "params": 1.0}) > found[-1]
    assert (needs_reference("meco-2*params"), needs_reference("early"), needs_reference("meco>early")) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize("text", ["", "5", "5,6", "600,20,5,1", "600,-1", "a,b", "6,0", "0,0", "1e3,5", "5,6,1"])
def test_what_are_no_rungs_is_refused(text: str) -> None:
    with pytest.raises(CompileError, match="G612"):
        rungs(text)


@pytest.mark.parametrize(
    ("most", "least"), [(["scores"], []), (["score"], ["score"]), ([], ["flops"]), (["macs"] * 2, [])]
)
def test_what_is_no_objective_is_refused(most: list[str], least: list[str]) -> None:
    with pytest.raises(CompileError, match="G611"):
        objectives(most, least)
