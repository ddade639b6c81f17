"""Correlations equal those of scipy, ties and constants included."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ghndsl.search.correlation import correlations

REFERENCES = {"spearman": stats.spearmanr, "kendall": stats.kendalltau, "pearson": stats.pearsonr}
FEW = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=3, max_size=12)


@given(FEW)
def test_values_are_those_of_scipy(pairs: list[tuple[int, int]]) -> None:
    scores, truth = (list(map(float, column)) for column in zip(*pairs, strict=True))
    found = correlations(scores, truth)
    for name, reference in REFERENCES.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = reference(scores, truth).statistic
        value = found[name].value
        assert (value is None) == bool(np.isnan(wanted))
        assert value is None or value == pytest.approx(wanted)


def test_the_interval_holds_the_value_and_repeats() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=80)
    scores = truth + rng.normal(size=80)
    first, again = (correlations(list(scores), list(truth), seed=3) for _ in range(2))
    assert first == again
    for estimate in first.values():
        assert estimate.low < estimate.value < estimate.high
        assert 0.1 < estimate.high - estimate.low < 0.5


@pytest.mark.parametrize("scores", [[1.0, 2.0], [1.0, 1.0, 1.0], [1.0, 2.0, float("nan")]])
def test_what_is_not_defined_is_none(scores: list[float]) -> None:
    assert correlations(scores, [1.0, 2.0, 3.0][: len(scores)])["pearson"].value is None
