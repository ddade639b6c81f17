"""A network with exits, its weights and data go in; its curve and what budgets buy come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from ghndsl.data import Dataset, Split
from ghndsl.ir import Graph
from ghndsl.training.anytime.answers import answers
from ghndsl.training.anytime.budgets import Budgets
from ghndsl.training.anytime.curve import Curve, area, curve_of, mean_loss
from ghndsl.training.anytime.leaving import Batch, budgeted, confidences
from ghndsl.training.evaluate import Metrics, evaluate_each

STEPS = 8
"""How many mean budgets are tried, the same distance apart, the least and the most among them."""


@dataclass(frozen=True)
class Judged:
    """A network on test samples: its curve, the area under it, and budgeted batches (none where targets are not one
    class a sample)."""

    curve: Curve
    area: float
    batches: tuple[Batch, ...]

    def metrics(self, data: Dataset) -> dict[str, Metrics]:
        """What each exit does, by its name."""
        return {one.name: Metrics(one.accuracy, one.loss, data.task.metric) for one in self.curve}


def measured(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    split: Split,
    costs: Graph | None = None,
    device: torch.device | None = None,
) -> Curve:
    """The curve of a network on a part of the data; `costs` is the same network at the scale whose multiply-adds
    count."""
    found = answers(graph)
    return curve_of(found.reached(costs or graph), evaluate_each(graph, weights, split, found.names, device=device))


def between(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    split: Split,
    budgets: Budgets,
    costs: Graph | None = None,
    device: torch.device | None = None,
) -> Metrics:
    """The mean metric and the mean loss of a network at a budget between two; `costs` as in `measured`."""
    curve = measured(graph, weights, split, costs, device)
    return Metrics(area(curve, budgets), mean_loss(curve, budgets), anytime_metric(split.task.metric))


def anytime_metric(metric: str) -> str:
    """What the mean of a metric at a budget is called."""
    return f"anytime {metric}"


def judged(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    data: Dataset,
    budgets: Budgets,
    device: torch.device | None = None,
) -> Judged:
    """How a network does on test samples between two budgets; validation samples set the thresholds."""
    (_, known), (metrics, seen) = (confidences(graph, weights, part, device) for part in (data.validation, data.test))
    curve = curve_of(answers(graph).reached(graph), metrics)
    step = (budgets.most - budgets.least) / (STEPS - 1)
    wanted = [*(budgets.least + step * count for count in range(STEPS - 1)), budgets.most]
    batches = budgeted(known, seen, wanted) if known is not None and seen is not None else []
    return Judged(curve, area(curve, budgets), tuple(batches))
