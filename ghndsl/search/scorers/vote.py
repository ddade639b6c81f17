"""A vote of estimators: candidates ranked by the weighted sum of their ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Measured


@dataclass
class Vote(Estimator):
    """Ranks from 0, the worst, to 1, the best, equal scores sharing the mean of theirs; summed with weights.

    A score is among these candidates: with others it is another.
    """

    name: str
    parts: tuple[tuple[Estimator, float], ...]

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """What all parts measure; one that knows more than another comes first."""
        found: dict[str, float] = {}
        for part, _ in self.parts:
            if part.name not in found:
                found |= part.measure(drawn)
        return found

    def scores(self, measured: Sequence[Measured]) -> list[float]:
        """The weighted sums, over the sum of the weights' sizes."""
        return tally([(part.name, weight) for part, weight in self.parts], measured)


def tally(terms: Sequence[tuple[str, float]], measured: Sequence[Measured]) -> list[float]:
    """The outcome of a vote: for each candidate the weighted sum of its ranks in what was measured by these names.

    >>> tally([("ghn", 1.0), ("params", 1.0)], [{"ghn": -2.0, "params": 7.0}, {"ghn": -1.0, "params": 9.0}])
    [0.0, 1.0]
    """
    total = sum(abs(weight) for _, weight in terms)
    sums = [0.0] * len(measured)
    for name, weight in terms:
        for index, rank in enumerate(ranks([one[name] for one in measured])):
            sums[index] += weight * rank / total
    return sums


def ranks(scores: Sequence[float]) -> list[float]:
    """Ranks from 0 to 1, equal scores sharing the mean of theirs.

    >>> ranks([5.0, 1.0, 5.0])
    [0.75, 0.0, 0.75]
    """
    return [float(rank - 1) / max(len(scores) - 1, 1) for rank in stats.rankdata(scores)]
