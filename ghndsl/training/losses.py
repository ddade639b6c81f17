"""What a network answers and targets go in; the main output's answers, their loss, and what is minimised come out."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ghndsl.data import Task
from ghndsl.ir import Graph
from ghndsl.training.anytime import Answers, answers
from ghndsl.training.settings import Settings


class Losses:
    """The loss of the main output, and to learn from it those of exits, and of further outputs weighed by `auxiliary`.

    Exits count as much as the main output: a network that may stop anywhere is trained by their sum (Zhang et al., ICLR
    2019, section 5.3; Huang et al., ICLR 2018, section 4).
    """

    def __init__(self, found: Answers, task: Task, settings: Settings) -> None:
        self.output, self.exits, self.task, self.settings = found.main, found.exits, task, settings

    def of(
        self, found: torch.Tensor | Mapping[str, torch.Tensor], targets: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Answers, their mean loss, and the sum with those of exits and outputs of their shape."""
        named = found if isinstance(found, Mapping) else {self.output: found}
        given = self._wide(named[self.output])
        loss = total = self.task.loss(given, targets, self.settings.label_smoothing)
        for name, other in named.items():
            weight = 1.0 if name in self.exits else self.settings.auxiliary
            if weight and name != self.output and other.shape == given.shape:
                total = total + weight * self.task.loss(self._wide(other), targets, self.settings.label_smoothing)
        return given, loss, total

    def _wide(self, answers: torch.Tensor) -> torch.Tensor:
        """In mixed precision answers may come narrow; losses are of float32."""
        return answers.float() if self.settings.precision == "bf16" else answers


def has_auxiliary(graph: Graph) -> bool:
    """Whether the graph has an output beside the main one and the exits that answers as it does."""
    found = answers(graph)
    kind = graph.outputs[found.main]
    return any(port.name not in found.names and port.value.type == kind for port in graph.results)
