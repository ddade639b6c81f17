"""A hypernetwork in training and candidates that it never learns from go in; how it does on them comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import torch

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError
from ghndsl.ghn.feeds import Feeds
from ghndsl.ghn.network import GHN
from ghndsl.ir import Graph
from ghndsl.training.evaluate import evaluate
from ghndsl.training.score import CALIBRATION, PROBED, calibrated

LOOKS = 10
"""How often a training looks at the candidates it was held back from."""


@dataclass(frozen=True)
class Watched:
    """After so many steps, over the held-out candidates: mean loss and metric with generated weights."""

    step: int
    loss: float
    accuracy: float


def is_due(used: float, before: float, total: float) -> bool:
    """Whether another tenth of the budget was used up since before."""
    return int(LOOKS * min(used / total, 1)) > int(LOOKS * min(before / total, 1)) if total else False


@torch.no_grad()
def watch(ghn: GHN, held_out: Sequence[Graph], feeds: Feeds, step: int) -> Watched | None:
    """Measures on validation samples, with statistics of normalisation from training samples.

    Candidates whose weights cannot be made are left out; None when no candidate is left.
    """
    found = [_measured(ghn, graph, feeds.data_for(graph)) for graph in held_out]
    known = [pair for pair in found if pair is not None]
    return Watched(step, *map(fmean, zip(*known, strict=True))) if known else None


def _measured(ghn: GHN, graph: Graph, data: Dataset) -> tuple[float, float] | None:
    try:
        weights = ghn(graph)
    except CompileError:
        return None
    parts = data.train.first(CALIBRATION), data.validation.first(PROBED)
    train, part = (split.mapped(lambda tensor: tensor.to(ghn.device)) for split in parts)
    metrics = evaluate(graph, calibrated(graph, weights, train), part)
    return metrics.loss, metrics.accuracy
