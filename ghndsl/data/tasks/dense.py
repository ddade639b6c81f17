"""One class a place: targets `[N, H, W]`, logits `[N, C, H, W]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ghndsl.data.tasks.base import Shape, Tally
from ghndsl.data.tasks.classified import IGNORED, Classified


@dataclass(frozen=True)
class Dense(Classified):
    """Judged by the mean over classes of intersection over union (Everingham et al., IJCV 2010, section 4.3)."""

    metric: ClassVar[str] = "mean_iou"
    height: int
    width: int

    @property
    def words(self) -> str:
        return f"{self.classes} classes for each of {self.height}x{self.width} places"

    def shaped(self, count: int) -> Shape:
        return (count, self.height, self.width)

    def tally(self) -> Tally:
        return Overlap(self)


class Overlap(Tally):
    """Mean intersection over union from one table of counts `[target, answer]`; what is neither counts nowhere."""

    def __init__(self, task: Classified) -> None:
        self.task = task
        self.counts = torch.zeros(task.classes, task.classes, dtype=torch.int64)

    def add(self, answers: torch.Tensor, targets: torch.Tensor) -> None:
        counted = targets != IGNORED
        found = self.task.logits(answers).argmax(1)[counted]
        pairs = targets[counted] * self.task.classes + found
        self.counts += torch.bincount(pairs, minlength=self.task.classes**2).reshape_as(self.counts).cpu()

    @property
    def value(self) -> float:
        both = self.counts.diagonal()
        either = self.counts.sum(0) + self.counts.sum(1) - both
        seen = either > 0
        return float((both[seen].double() / either[seen]).mean()) if bool(seen.any()) else 0.0
