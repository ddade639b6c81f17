"""A network with exits and a mean budget go in; how well it does where easy samples leave early comes out.

Budgeted batches are those of Huang et al. (MSDNet, ICLR 2018, section 3): a sample leaves at the first exit whose
highest probability reaches that exit's threshold. Thresholds are set on validation samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ghndsl.data import Classes, Split
from ghndsl.ir import Graph
from ghndsl.training.anytime.answers import answers
from ghndsl.training.evaluate import Metrics, Sums, answered

_HALVINGS = 50
_STEEPEST = 40.0
"""The largest power of e by which the share of one exit is that of the one before: then all samples, any number, leave
at the first, or at the last."""


@dataclass(frozen=True)
class Confidences:
    """How sure each exit, then the main output, is of each sample, and whether it is right, `[exits, samples]`; `macs`
    are those of each with all before it."""

    names: tuple[str, ...]
    macs: tuple[int, ...]
    sure: torch.Tensor
    right: torch.Tensor


@dataclass(frozen=True)
class Batch:
    """What a mean budget buys: the multiply-adds a sample that it came to, the accuracy, the share of samples that
    leaves at each exit, and how sure it must be of them."""

    budget: float
    macs: float
    accuracy: float
    shares: dict[str, float]
    thresholds: dict[str, float]


def confidences(
    graph: Graph, weights: Mapping[str, torch.Tensor], split: Split, device: torch.device | None = None
) -> tuple[dict[str, Metrics], Confidences | None]:
    """How well each exit does on a part, and how sure it is of all samples, in one run; None where targets are not one
    class a sample."""
    task, found = split.task, answers(graph)
    sums = Sums(task, found.names)
    sure: list[torch.Tensor] = []
    right: list[torch.Tensor] = []
    for batch, given in answered(graph, weights, split, device=device):
        sums.add(given, batch.targets)
        if isinstance(task, Classes):
            odds = torch.stack([task.logits(given[name]).softmax(1) for name in found.names])
            most, which = odds.max(2)
            sure.append(most)
            right.append(which == batch.targets)
    if not sure:
        return sums.metrics, None
    return sums.metrics, Confidences(found.names, found.in_turn(graph), torch.cat(sure, 1), torch.cat(right, 1))


def budgeted(validation: Confidences, test: Confidences, budgets: Sequence[float]) -> list[Batch]:
    """What each mean budget buys on test samples, with thresholds that keep to it on validation samples; a budget that
    not even the first exit keeps to is left out.

    The share of samples that leaves at each exit is q times that of the one before, with the largest q that the budget
    allows (Huang et al., section 3: a geometric series).
    """
    found: list[Batch] = []
    for budget in budgets:
        if validation.macs[0] > budget:
            continue
        low, high = -_STEEPEST, _STEEPEST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if _spent(validation, _thresholds(validation, middle)) <= budget else (low, middle)
            )
        found.append(_bought(test, _thresholds(validation, low), budget))
    return found


def _thresholds(seen: Confidences, steepness: float) -> torch.Tensor:
    """How sure each exit must be, `[exits]`, so that its share leaves; the last takes whoever comes."""
    count, samples = seen.sure.shape
    shares = torch.softmax(steepness * torch.arange(count, dtype=torch.float64), 0)
    thresholds = torch.full((count,), -torch.inf)
    left = torch.ones(samples, dtype=torch.bool)
    for place in range(count - 1):
        leaving = min(round(float(shares[place]) * samples), int(left.sum()))
        order = seen.sure[place][left].sort(descending=True).values
        thresholds[place] = order[leaving - 1] if leaving else torch.inf
        left &= seen.sure[place] < thresholds[place]
    return thresholds


def _places(seen: Confidences, thresholds: torch.Tensor) -> torch.Tensor:
    """The exit at which each sample leaves, `[samples]`."""
    return (seen.sure >= thresholds[:, None]).int().argmax(0)


def _spent(seen: Confidences, thresholds: torch.Tensor) -> float:
    """The mean multiply-adds of a sample."""
    return float(torch.tensor(seen.macs, dtype=torch.float64)[_places(seen, thresholds)].mean())


def _bought(seen: Confidences, thresholds: torch.Tensor, budget: float) -> Batch:
    places = _places(seen, thresholds)
    right = seen.right.gather(0, places[None])[0]
    counts = torch.bincount(places, minlength=len(seen.names)).double() / len(places)
    return Batch(
        budget,
        _spent(seen, thresholds),
        float(right.double().mean()),
        dict(zip(seen.names, counts.tolist(), strict=True)),
        dict(zip(seen.names[:-1], thresholds.tolist(), strict=False)),
    )
