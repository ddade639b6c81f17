"""Logits and the numbers of classes go in; their cross-entropy comes out, ignored targets left out."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch.nn import functional

from ghndsl.data.tasks.base import Array, Shape, Tally, Task

IGNORED = -100
"""What stands for a target that counts nowhere, as in torch."""


@dataclass(frozen=True)
class Classified(Task):
    """What tasks of classes share. `classes` lie on one axis of the answers; for two classes one logit will do: it is
    the second's, beside 0 for the first."""

    classes: int

    @property
    def outputs(self) -> int:
        return self.classes

    @property
    def answers(self) -> tuple[Shape, ...]:
        return tuple(self.shaped(count) for count in ((self.classes, 1) if self.classes == 2 else (self.classes,)))

    @abstractmethod
    def shaped(self, count: int) -> Shape:
        """The shape of an answer to one sample, with so many logits a question."""

    def logits(self, answers: torch.Tensor) -> torch.Tensor:
        """Answers with their classes on axis 1, `[N, C, ...]`."""
        if answers.shape[1] == 1 and self.classes == 2:
            return torch.cat([torch.zeros_like(answers), answers], 1)
        return answers

    def tensor(self, targets: Array) -> torch.Tensor:
        return torch.from_numpy(targets.astype("int64"))

    def summed(self, answers: torch.Tensor, targets: torch.Tensor, smoothing: float = 0.0) -> tuple[torch.Tensor, int]:
        """In nats."""
        logits = self.logits(answers)
        total = functional.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
        return total, int((targets != IGNORED).sum())

    def tally(self) -> Tally:
        return Hits(self)


class Hits(Tally):
    """The share of targets whose class has the highest logit."""

    def __init__(self, task: Classified) -> None:
        self.task = task
        self.right, self.seen = 0, 0

    def add(self, answers: torch.Tensor, targets: torch.Tensor) -> None:
        self.right += int((self.task.logits(answers).argmax(1) == targets).sum())
        self.seen += int((targets != IGNORED).sum())

    @property
    def value(self) -> float:
        return self.right / max(self.seen, 1)
