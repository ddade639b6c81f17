"""A vote of estimators: candidates ranked by the weighted sum of their ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from ghndsl.search.correlation import WORST
from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Measured, finite


@dataclass(frozen=True)
class Scorer:
    """What a name of a scorer stands for: the estimators of each of its stages, `a+b>c` having two."""

    name: str
    stages: tuple[tuple[Estimator, ...], ...]

    def stage(self, number: int) -> Together:
        """The estimators of a stage, as one."""
        return Together(self.stages[number])

    @property
    def whole(self) -> Together:
        """The estimators of all stages, as one."""
        return Together(tuple(part for stage in self.stages for part in stage))


@dataclass(frozen=True)
class Together:
    """Measures all that some estimators measure; what two of them know is taken from the first."""

    parts: tuple[Estimator, ...]

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """What all parts measure."""
        found: dict[str, float] = {}
        for part in self.parts:
            if part.name not in found:
                found = {**part.measure(drawn), **found}
        return found


def tally(terms: Sequence[tuple[str, float]], measured: Sequence[Measured]) -> list[float]:
    """The outcome of a vote: for each candidate the weighted mean of its ranks in what was measured by these names.

    Ranks go from 0, the worst, to 1, the best, equal values sharing the mean of theirs; with a negative weight the
    lowest value is the best. What could not be measured is the worst either way. A score is among these candidates:
    with others it is another.

    >>> tally([("ghn", 1.0), ("params", -1.0)], [{"ghn": -2.0, "params": 7.0}, {"ghn": -1.0, "params": 5.0}])
    [0.0, 1.0]
    """
    total = sum(abs(weight) for _, weight in terms)
    sums = [0.0] * len(measured)
    for name, weight in terms:
        for index, rank in enumerate(_ranks([signed(one[name], weight) for one in measured])):
            sums[index] += abs(weight) * rank / total
    return sums


UPPER = 0.25
"""The share of candidates that a later vote puts in order anew."""


def again(terms: Sequence[tuple[str, float]], measured: Sequence[Measured], before: Sequence[float]) -> list[float]:
    """A later vote among the best quarter, in which the outcome of the one before counts as one voice.

    What tells good candidates apart is not what tells good from bad, where shallow ones, say, are quick to learn.
    Scores are ranks from 0 to 1; all of the quarter are above the rest, and the outcome before breaks ties.

    >>> again([("early", 1.0)], [{"early": float(-i)} for i in range(5)], [0.1 * i for i in range(5)])
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    best = upper(before)
    whole = [{**measured[index], _BEFORE: before[index]} for index in best]
    # Sums of the same ranks in another order may differ in their last digit.
    votes = dict(zip(best, (round(vote, 9) for vote in tally([(_BEFORE, 1.0), *terms], whole)), strict=True))
    order = [(votes.get(index, -1.0), score) for index, score in enumerate(before)]
    place = {key: float(number) for number, key in enumerate(sorted(set(order)))}
    return _ranks([place[key] for key in order])


def upper(scores: Sequence[float]) -> list[int]:
    """The best quarter, in order of index; what is as good as the last of it belongs to it.

    >>> upper([1.0, 4.0, 2.0, 4.0, 3.0, 0.0, 0.0, 0.0])
    [1, 3]
    """
    if not scores:
        return []
    bar = sorted(scores, reverse=True)[max(1, round(UPPER * len(scores))) - 1]
    return [index for index, score in enumerate(scores) if score >= bar]


_BEFORE = "before"


def signed(value: float, weight: float) -> float:
    """The value, the higher the better; what could not be measured is the worst either way.

    >>> signed(2.0, -1.0), signed(WORST, -1.0) == WORST
    (-2.0, True)
    """
    known = finite(value)
    return known if known <= WORST or weight > 0 else -known


def _ranks(values: Sequence[float]) -> list[float]:
    return [float(rank - 1) / max(len(values) - 1, 1) for rank in stats.rankdata(values)]
