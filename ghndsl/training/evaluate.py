"""A graph, its weights and a part of a data set go in; metric and loss of its outputs come out, without a module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from ghndsl.data import Split, Task, figure, main_output
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
    main = main_output(graph).name
    return evaluate_each(graph, weights, split, (main,), batch_size, device)[main]


def evaluate_each(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    split: Split,
    names: Sequence[str],
    batch_size: int = 256,
    device: torch.device | None = None,
) -> dict[str, Metrics]:
    """How well some outputs and exits answer, by name, in one run; as `evaluate`."""
    sums = Sums(split.task, names)
    for batch, found in answered(graph, weights, split, batch_size, device):
        sums.add(found, batch.targets)
    return sums.metrics


class Sums:
    """Losses and metrics of some outputs, batch by batch."""

    def __init__(self, task: Task, names: Sequence[str]) -> None:
        self._task, self._tallies = task, {name: task.tally() for name in names}
        self._losses, self._seen = dict.fromkeys(names, 0.0), 0

    def add(self, found: Mapping[str, torch.Tensor], targets: torch.Tensor) -> None:
        """Takes in what the outputs make of a batch."""
        count = 0
        for name, tally in self._tallies.items():
            total, count = self._task.summed(found[name], targets)
            self._losses[name] += float(total)
            tally.add(found[name], targets)
        self._seen += count

    @property
    def metrics(self) -> dict[str, Metrics]:
        """Of each output, over all that was taken in."""
        seen = max(self._seen, 1)
        return {
            name: Metrics(tally.value, self._losses[name] / seen, self._task.metric)
            for name, tally in self._tallies.items()
        }


@torch.no_grad()
def answered(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    split: Split,
    batch_size: int = 256,
    device: torch.device | None = None,
) -> Iterator[tuple[Split, dict[str, torch.Tensor]]]:
    """Batches, and what each output makes of them, on the processor."""
    if device is not None:
        weights = {name: tensor.to(device) for name, tensor in weights.items()}
    for batch in split.batches(batch_size):
        given = batch.feed(graph)
        if device is not None:
            given = {name: tensor.to(device) for name, tensor in given.items()}
        found = run(graph, given, weights, Mode("eval"))
        yield batch, found if device is None else {name: tensor.cpu() for name, tensor in found.items()}
