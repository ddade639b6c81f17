"""A graph, its weights and a part of a data set go in; its metric and loss come out, without building a module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from ghndsl.data import Split, figure, main_output
from ghndsl.emit.run import run
from ghndsl.ir import Graph
from ghndsl.ops import Mode


@dataclass(frozen=True)
class Metrics:
    """The task's metric by the name `accuracy` (`metric` says which it is) and the mean loss: cross-entropy in nats, or
    squared error of standardised targets.

    >>> print(Metrics(0.875, 0.4))
    accuracy 87.50%, loss 0.400
    """

    accuracy: float
    loss: float
    metric: str = "accuracy"

    def __str__(self) -> str:
        return f"{self.metric} {figure(self.metric, self.accuracy)}, loss {self.loss:.3f}"


@torch.no_grad()
def evaluate(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    split: Split,
    batch_size: int = 256,
    device: torch.device | None = None,
) -> Metrics:
    """Runs the graph over a part in evaluation mode; the result does not depend on the batch size but for rounding.

    With a `device` the network runs there, wherever weights and samples are.
    """
    task, target, mode = split.task, main_output(graph).name, Mode("eval")
    if device is not None:
        weights = {name: tensor.to(device) for name, tensor in weights.items()}
    loss, seen, tally = 0.0, 0, task.tally()
    for batch in split.batches(batch_size):
        given = batch.feed(graph)
        if device is not None:
            given = {name: tensor.to(device) for name, tensor in given.items()}
        answers = run(graph, given, weights, mode)[target]
        answers = answers if device is None else answers.cpu()
        total, count = task.summed(answers, batch.targets)
        loss, seen = loss + float(total), seen + count
        tally.add(answers, batch.targets)
    return Metrics(tally.value, loss / max(seen, 1), task.metric)
