"""What a network answers and targets go in; the main output's answers, their loss, and what is minimised come out."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ghndsl.data import Task, main_output
from ghndsl.ir import Graph
from ghndsl.training.settings import Settings


class Losses:
    """The loss of the main output, and to learn from it those of further ones, weighed by `auxiliary`."""

    def __init__(self, output: str, task: Task, settings: Settings) -> None:
        self.output, self.task, self.settings = output, task, settings

    def of(
        self, found: torch.Tensor | Mapping[str, torch.Tensor], targets: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Answers, their mean loss, and the sum with those of the outputs of their shape."""
        named = found if isinstance(found, Mapping) else {self.output: found}
        answers = self._wide(named[self.output])
        loss = total = self.task.loss(answers, targets, self.settings.label_smoothing)
        for name, other in named.items() if self.settings.auxiliary else ():
            if name != self.output and other.shape == answers.shape:
                extra = self.task.loss(self._wide(other), targets, self.settings.label_smoothing)
                total = total + self.settings.auxiliary * extra
        return answers, loss, total

    def _wide(self, answers: torch.Tensor) -> torch.Tensor:
        """In mixed precision answers may come narrow; losses are of float32."""
        return answers.float() if self.settings.precision == "bf16" else answers


def has_auxiliary(graph: Graph) -> bool:
    """Whether the graph has an output beside the main one that answers as it does."""
    main = main_output(graph)
    return any(port.name != main.name and port.value.type == main.value.type for port in graph.results)
