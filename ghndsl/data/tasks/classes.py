"""One class a sample: targets `[N]`, logits `[N, C]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from ghndsl.data.tasks.base import Array, Shape
from ghndsl.data.tasks.classified import Classified


@dataclass(frozen=True)
class Classes(Classified):
    """Judged by accuracy, the share of samples answered right; each class is split in proportion.

    >>> task = Classes(2)
    >>> task.answers, round(float(task.loss(torch.zeros(4, 2), torch.tensor([0, 1, 1, 0]))), 3)
    (((2,), (1,)), 0.693)
    """

    metric: ClassVar[str] = "accuracy"

    @property
    def words(self) -> str:
        return f"{self.classes} classes"

    def shaped(self, count: int) -> Shape:
        return (count,)

    def loss(self, answers: torch.Tensor, targets: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
        # Torch's own mean: no target is ignored, and numbers stay what they were to the last bit.
        return functional.cross_entropy(self.logits(answers), targets, label_smoothing=smoothing)

    def strata(self, targets: Array) -> npt.NDArray[np.int64]:
        return targets.astype(np.int64)
