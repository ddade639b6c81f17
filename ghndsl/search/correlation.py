"""Two lists of numbers go in; how well the one puts in order what the other does comes out, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

RESAMPLES = 1_000


@dataclass(frozen=True)
class Estimate:
    """A correlation and its 95 % bootstrap interval; None where it is not defined (fewer than three, or all equal)."""

    value: float | None
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, float | None]:
        """The keys of the interface."""
        return {"value": self.value, "low": self.low, "high": self.high}

    def __str__(self) -> str:
        if self.value is None:
            return "undefined"
        interval = "" if self.low is None else f" [{self.low:+.2f}, {self.high:+.2f}]"
        return f"{self.value:+.2f}{interval}"


Numbers: TypeAlias = npt.NDArray[np.float64]
Picks: TypeAlias = npt.NDArray[np.int64]
"""Which of `n` numbers are looked at, `[resamples, n]`; some several times, some not at all."""

Measure: TypeAlias = Callable[[Numbers, Numbers, Picks], Numbers]
"""Two lists of `n` numbers and picks of them to one number a resample, not finite where it is not defined."""


def correlations(scores: Sequence[float], truth: Sequence[float], seed: int = 0) -> dict[str, Estimate]:
    """Spearman, Kendall (tau-b) and Pearson of scores with a truth.

    >>> found = correlations([1, 2, 3, 4], [10, 20, 30, 40])
    >>> {name: round(estimate.value, 3) for name, estimate in found.items()}
    {'spearman': 1.0, 'kendall': 1.0, 'pearson': 1.0}
    """
    pair = np.asarray(scores, np.float64), np.asarray(truth, np.float64)
    return {measure.__name__: estimate(measure, *pair, seed) for measure in (spearman, kendall, pearson)}


def pearson(scores: Numbers, truth: Numbers, picks: Picks) -> Numbers:
    """The linear correlation."""
    return _linear(scores[picks], truth[picks])


def spearman(scores: Numbers, truth: Numbers, picks: Picks) -> Numbers:
    """The linear correlation of ranks; equal numbers share the mean of theirs."""
    return _linear(stats.rankdata(scores[picks], axis=1), stats.rankdata(truth[picks], axis=1))


def _linear(a: Numbers, b: Numbers) -> Numbers:
    vary = (np.ptp(a, axis=1) > 0) & (np.ptp(b, axis=1) > 0)
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    # Rounding leaves a little of equal numbers less their mean.
    return _quotient((a * b).sum(1), (a * a).sum(1) * (b * b).sum(1) * vary)


def kendall(scores: Numbers, truth: Numbers, picks: Picks) -> Numbers:
    """Kendall's tau-b: pairs in the same order less pairs in the opposite one, over the untied ones of both lists.

    A resample is how often it takes each number, and each sum over its pairs a quadratic form of that.
    """
    counts = np.stack([np.bincount(pick, minlength=len(scores)) for pick in picks]).astype(np.float64)
    sums = np.zeros((3, len(picks)))
    for start in range(0, len(scores), _BLOCK):
        part = slice(start, start + _BLOCK)
        a, b = (np.sign(values[:, None] - values[None, part]) for values in (scores, truth))
        for row, signs in enumerate((a * b, np.abs(a), np.abs(b))):
            sums[row] += ((counts @ signs) * counts[:, part]).sum(1)
    return _quotient(sums[0], sums[1] * sums[2])


_BLOCK = 512


def _quotient(joint: Numbers, square: Numbers) -> Numbers:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square > 0, np.clip(joint / np.sqrt(square), -1, 1), np.nan)


def estimate(measure: Measure, scores: Numbers, truth: Numbers, seed: int) -> Estimate:
    """A measure of all numbers, and the interval it has over resamples of them."""
    if len(scores) < 3:
        return Estimate(None, None, None)
    value = float(measure(scores, truth, np.arange(len(scores))[None])[0])
    if not np.isfinite(value):
        return Estimate(None, None, None)
    picks = np.random.default_rng(seed).integers(0, len(scores), (RESAMPLES, len(scores)))
    found = measure(scores, truth, picks)
    found = found[np.isfinite(found)]
    if len(found) < RESAMPLES // 2:
        return Estimate(value, None, None)
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
