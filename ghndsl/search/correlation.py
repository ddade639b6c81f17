"""Two lists of numbers go in; how well the one puts in order what the other does comes out, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

RESAMPLES = 1_000

WORST = -1e30
"""The score of what cannot be measured: a loss that is no number, a network without weights."""


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
    given, known = np.asarray(scores, np.float64), np.asarray(truth, np.float64)
    found = {measure.__name__: estimate(measure, given, known, seed) for measure in (spearman, kendall)}
    # By its size, the score of what cannot be measured would decide a linear correlation alone.
    measured = given[given > WORST]
    given = np.maximum(given, measured.min()) if len(measured) else given
    return {**found, "pearson": estimate(pearson, given, known, seed)}


def agreement(
    scores: Sequence[float], truth: Sequence[float], params: Sequence[int], seed: int = 0
) -> dict[str, Estimate]:
    """The correlations, and where they are hard to have: among candidates with equally many parameters
    (`within_params`, Spearman, averaged by group size), among the tenth that is best by the truth (`best_tenth`,
    Spearman), and what one gets: the mean truth of the ten best by score (`best_ten`).

    >>> found = agreement([1, 2, 3, 4], [10, 20, 30, 40], params=[5, 5, 5, 9])
    >>> found["within_params"].value, found["best_ten"].value
    (1.0, 25.0)
    """
    given, known = np.asarray(scores, np.float64), np.asarray(truth, np.float64)
    best = _best(known, max(len(known) // 10, 3))
    return {
        **correlations(scores, truth, seed),
        "within_params": _within(given, known, np.asarray(params), seed),
        "best_tenth": estimate(spearman, given[best], known[best], seed),
        "best_ten": estimate(best_ten, given, known, seed),
    }


def _best(truth: Numbers, count: int) -> npt.NDArray[np.int64]:
    """The indices of the best so many, and of those that are as good as the last of them."""
    return np.flatnonzero(truth >= np.sort(truth)[-count]) if len(truth) > count else np.arange(len(truth))


def _within(scores: Numbers, truth: Numbers, group: npt.NDArray[np.int64], seed: int) -> Estimate:
    """Spearman within groups, 0 where all scores of one are equal. Resamples keep the size of each group; one in which
    a group's truth is all the same says nothing of that group."""
    rng = np.random.default_rng(seed)
    sums, weight = np.zeros(RESAMPLES + 1), np.zeros(RESAMPLES + 1)
    for one in np.unique(group):
        members = np.flatnonzero(group == one)
        if len(members) < 3 or np.ptp(truth[members]) == 0:
            continue
        picks = members[rng.integers(0, len(members), (RESAMPLES, len(members)))]
        picks = np.concatenate([members[None], picks])
        sums += len(members) * np.nan_to_num(spearman(scores, truth, picks), nan=0.0)
        weight += len(members) * (np.ptp(truth[picks], axis=1) > 0)
    if not weight[0]:
        return Estimate(None, None, None)
    low, high = np.quantile((sums / np.maximum(weight, 1))[1:][weight[1:] > 0], [0.025, 0.975])
    return Estimate(float(sums[0] / weight[0]), float(low), float(high))


def best_ten(scores: Numbers, truth: Numbers, picks: Picks) -> Numbers:
    """The mean truth of the ten best by score; where equal scores compete for the last places, their mean counts."""
    found = np.empty(len(picks))
    for row, pick in enumerate(picks):
        given, known = scores[pick], truth[pick]
        count = min(10, len(given))
        bar = np.sort(given)[-count]
        above, level = known[given > bar], known[given == bar]
        found[row] = (above.sum() + level.mean() * (count - len(above))) / count
    return found


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
