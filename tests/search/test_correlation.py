"""Correlations equal those of scipy, ties and constants included."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ghndsl.search.correlation import WORST, agreement, correlations

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


def test_what_cannot_be_measured_does_not_decide_a_linear_correlation() -> None:
    truth = [float(number) for number in range(40)]
    scores = [*truth[:39], WORST]
    as_worst = [*truth[:39], 0.0]
    found, wanted = correlations(scores, truth), correlations(as_worst, truth)
    assert found["pearson"] == wanted["pearson"]
    assert correlations([WORST] * 40, truth)["pearson"].value is None


class TestAgreement:
    def test_the_order_of_rows_does_not_matter(self) -> None:
        """Many candidates share a truth, as with accuracies on few images; the scores are luck."""
        rng = np.random.default_rng(1)
        found: list[float] = []
        for _ in range(20):
            truth, scores = rng.integers(0, 15, 200).astype(float), rng.normal(size=200)
            params = list(rng.integers(0, 4, 200))
            order = np.argsort(-scores)
            here = agreement(list(scores), list(truth), params)
            there = agreement(list(scores[order]), list(truth[order]), [params[i] for i in order])
            for measure, estimate in here.items():
                assert estimate.value is None or estimate.value == pytest.approx(there[measure].value)
            found.append(here["best_tenth"].value or 0.0)
        assert abs(np.mean(found)) < 0.1

    def test_a_perfect_order_within_small_groups_is_perfect_in_every_resample(self) -> None:
        truth = [float(number) for number in range(60)]
        found = agreement(truth, truth, [number // 3 for number in range(60)])["within_params"]
        assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)

    def test_within_groups_of_equal_size(self) -> None:
        """Two groups of three, one in order and one reversed; a group of two says nothing."""
        scores = [1.0, 2.0, 3.0, 9.0, 8.0, 7.0, 5.0, 4.0]
        truth = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
        params = [10, 10, 10, 20, 20, 20, 30, 30]
        assert agreement(scores, truth, params)["within_params"].value == pytest.approx(0)
        assert agreement(scores[:5], truth[:5], params[:5])["within_params"].value == pytest.approx(1)
        assert agreement([float(p) for p in params], truth, params)["within_params"].value == 0
        assert agreement(scores, truth, list(range(8)))["within_params"].value is None

    def test_the_best_tenth_is_by_the_truth(self) -> None:
        truth = [float(number) for number in range(100)]
        scores = [*truth[:90], *reversed(truth[90:])]
        found = agreement(scores, truth, [0] * 100)
        assert found["best_tenth"].value == pytest.approx(-1)
        assert found["spearman"].value > 0.98

    def test_the_mean_of_the_ten_best_shares_the_last_place(self) -> None:
        """Nine are above; the tenth place falls to one of two, their mean."""
        scores = [*[2.0] * 9, 1.0, 1.0, *[0.0] * 9]
        truth = [*[10.0] * 9, 0.0, 5.0, *[99.0] * 9]
        assert agreement(scores, truth, [0] * 20)["best_ten"].value == pytest.approx((90 + 2.5) / 10)
