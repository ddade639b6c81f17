"""A graph, its weights and a part of a data set go in; accuracy and loss come out, without building a module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch.nn import functional

from ghndsl.data import Split, image_input, main_output
from ghndsl.emit.run import run
from ghndsl.ir import Graph
from ghndsl.ops import Mode


@dataclass(frozen=True)
class Metrics:
    """The share of right answers, and the mean cross-entropy in nats."""

    accuracy: float
    loss: float


@torch.no_grad()
def evaluate(graph: Graph, weights: Mapping[str, torch.Tensor], split: Split, batch_size: int = 256) -> Metrics:
    """Runs the graph over a part in evaluation mode; the result does not depend on the batch size but for rounding."""
    source, target, mode = image_input(graph).name, main_output(graph).name, Mode("eval")
    loss, right = 0.0, 0
    for batch in split.batches(batch_size):
        logits = run(graph, {source: batch.images}, weights, mode)[target]
        loss += float(functional.cross_entropy(logits, batch.labels, reduction="sum"))
        right += int((logits.argmax(1) == batch.labels).sum())
    return Metrics(right / len(split), loss / len(split))
