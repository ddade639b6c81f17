"""One class a token: targets `[N, T]`, logits `[N, T, C]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from ghndsl.data.tasks.base import Shape
from ghndsl.data.tasks.classified import Classified


@dataclass(frozen=True)
class Tokens(Classified):
    """Judged by accuracy, the share of tokens answered right; `length` is T."""

    metric: ClassVar[str] = "accuracy"
    length: int

    @property
    def words(self) -> str:
        return f"{self.classes} classes for each of {self.length} tokens"

    def shaped(self, count: int) -> Shape:
        return (self.length, count)

    def logits(self, answers: torch.Tensor) -> torch.Tensor:
        return super().logits(answers.movedim(-1, 1))
