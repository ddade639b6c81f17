"""A vote and what was measured of a few candidates go in; a number that any candidate has by itself comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from ghndsl.search.correlation import WORST
from ghndsl.search.scorers import Measured, scorer_name, signed, terms

REFERENCE = 64
"""How many draws the votes of a search that listens are counted against."""
_BEYOND = 0.25
"""How much an estimator's voice gains by as much beyond the best as the best quarter is wide."""


def estimate(name: str, reference: Sequence[Measured]) -> Callable[[Measured], float]:
    """The number that an algorithm is told for what was measured of a candidate.

    Of a single estimator it is what was measured. A vote counts ranks among candidates, so that a score changes with
    each candidate that comes; here each estimator has its place among those of a fixed `reference` instead, from 0 to
    1 and, more and more slowly, beyond. Later stages of a vote look at the best of all, so they wait for the end.
    """
    terms = _first(name)
    if len(terms) == 1:
        ((part, weight),) = terms
        return lambda measured: signed(measured[part], weight)
    places = [(part, weight, _Places([signed(one[part], weight) for one in reference])) for part, weight in terms]
    whole = sum(abs(weight) for _, weight in terms)

    def vote(measured: Measured) -> float:
        return sum(abs(weight) * place(signed(measured[part], weight)) for part, weight, place in places) / whole

    return vote


def needs_reference(name: str) -> bool:
    """Whether what a name measures is a vote, which is counted among candidates."""
    return len(_first(name)) > 1


def _first(name: str) -> list[tuple[str, float]]:
    """The terms of the first stage."""
    return terms(scorer_name(name).split(">")[0])


class _Places:
    """The place of a value among others: their shares from 0, the least, to 1, between neighbours along a line."""

    def __init__(self, values: Sequence[float]) -> None:
        known = np.array([value for value in values if value > WORST] or [0.0])
        self.values = np.unique(known)
        ranks = stats.rankdata(known) - 1
        shares = {value: rank / max(len(known) - 1, 1) for value, rank in zip(known, ranks, strict=True)}
        self.shares = np.array([shares[value] for value in self.values])
        lower, upper = np.quantile(known, [0.25, 0.75])
        self.widths = float(lower - self.values[0]), float(self.values[-1] - upper)

    def __call__(self, value: float) -> float:
        if value <= WORST:
            return -1.0
        below, above = self.values[0] - value, value - self.values[-1]
        if below > 0:
            return max(-1.0, float(self.shares[0]) - _beyond(below, self.widths[0]))
        if above > 0:
            return float(self.shares[-1]) + _beyond(above, self.widths[1])
        return float(np.interp(value, self.values, self.shares))


def _beyond(distance: float, width: float) -> float:
    return _BEYOND * math.log1p(distance / width) if width > 0 else _BEYOND
