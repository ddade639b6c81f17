"""What exits cost and how well they answer go in; a curve, and the area under it between two budgets, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ghndsl.passes.facts import Exit
from ghndsl.training.anytime.budgets import Budgets
from ghndsl.training.evaluate import Metrics


@dataclass(frozen=True)
class Point:
    """An exit or output: the multiply-adds a sample to reach it, the task's metric, and the loss."""

    name: str
    macs: int
    accuracy: float
    loss: float


Curve: TypeAlias = "tuple[Point, ...]"
"""The points, the cheapest first; of equals the later in the text is the later here."""


def curve_of(reached: Sequence[Exit], found: Mapping[str, Metrics]) -> Curve:
    """The curve of a network; ValueError while sizes are open."""
    points: list[Point] = []
    for one in reached:
        if one.macs is None:
            raise ValueError("what exits cost is not known while sizes are open")
        metrics = found[one.name]
        points.append(Point(one.name, one.macs, metrics.accuracy, metrics.loss))
    return tuple(sorted(points, key=lambda point: point.macs))


def mean_loss(curve: Curve, budgets: Budgets) -> float:
    """The mean loss at a budget, as `area` the mean accuracy; below the first exit it is the first one's.

    >>> round(mean_loss((Point("early", 10, 0.5, 1.0), Point("logits", 30, 0.9, 0.5)), Budgets(0, 40)), 3)
    0.875
    """
    first, *rest = curve
    low = Point(first.name, 0, first.accuracy, first.loss)
    return _mean([(point.macs, point.loss) for point in (low, *rest)], budgets)


def area(curve: Curve, budgets: Budgets) -> float:
    """The area under the curve of accuracy against multiply-adds between two budgets, as a share of the interval: the
    mean accuracy at a budget drawn evenly from it (the objective of Zhang et al., ICLR 2019, section 5.3).

    At a budget a network gives the last answer that it allows, so the curve is one of steps; what is too little for the
    first exit has no answer, which counts as 0.

    >>> curve = Point("early", 10, 0.5, 1.0), Point("logits", 30, 0.9, 0.5)
    >>> [round(area(curve, Budgets(*between)), 3) for between in ((10, 30), (0, 20), (20, 40))]
    [0.5, 0.25, 0.7]
    """
    return _mean([(point.macs, point.accuracy) for point in curve], budgets)


def _mean(steps: Sequence[tuple[int, float]], budgets: Budgets) -> float:
    """The mean between two budgets of what has each value from its multiply-adds to the next one's, and is 0 before."""
    total = 0.0
    for place, (macs, value) in enumerate(steps):
        until = steps[place + 1][0] if place + 1 < len(steps) else budgets.most
        low, high = max(macs, budgets.least), min(until, budgets.most)
        total += value * max(0.0, high - low)
    return total / (budgets.most - budgets.least)
