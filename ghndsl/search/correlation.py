"""Two lists of numbers go in; how well the one puts in order what the other does comes out, with intervals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
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


def correlations(scores: Sequence[float], truth: Sequence[float], seed: int = 0) -> dict[str, Estimate]:
    """Spearman, Kendall (tau-b) and Pearson of scores with a truth.

    >>> found = correlations([1, 2, 3, 4], [10, 20, 30, 40])
    >>> {name: round(estimate.value, 3) for name, estimate in found.items()}
    {'spearman': 1.0, 'kendall': 1.0, 'pearson': 1.0}
    """
    measures: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "spearman": lambda a, b: float(stats.spearmanr(a, b).statistic),
        "kendall": lambda a, b: float(stats.kendalltau(a, b).statistic),
        "pearson": lambda a, b: float(stats.pearsonr(a, b).statistic),
    }
    return {name: _estimate(measure, np.asarray(scores), np.asarray(truth), seed) for name, measure in measures.items()}


def _estimate(
    measure: Callable[[np.ndarray, np.ndarray], float], scores: np.ndarray, truth: np.ndarray, seed: int
) -> Estimate:
    value = _defined(measure, scores, truth)
    if value is None:
        return Estimate(None, None, None)
    rng = np.random.default_rng(seed)
    picks = [rng.integers(0, len(scores), len(scores)) for _ in range(RESAMPLES)]
    found = [v for v in (_defined(measure, scores[p], truth[p]) for p in picks) if v is not None]
    if len(found) < RESAMPLES // 2:
        return Estimate(value, None, None)
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(value, float(low), float(high))


def _defined(measure: Callable[[np.ndarray, np.ndarray], float], a: np.ndarray, b: np.ndarray) -> float | None:
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.NearConstantInputWarning)
        value = measure(a, b)
    return value if np.isfinite(value) else None
