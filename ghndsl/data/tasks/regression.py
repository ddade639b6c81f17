"""Real numbers: targets `[N]` or `[N, k]`, answers of the same shape (or `[N, 1]` for `[N]`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch

from ghndsl.data.tasks.base import Array, Shape, Tally, Task


@dataclass(frozen=True)
class Regression(Task):
    """Trained by the mean squared error of standardised targets: a network answers `(y - mean) / std`, with `mean` and
    `std` of the training part for each target. Judged by R2, which does not depend on units.
    """

    metric: ClassVar[str] = "r2"
    shape: Shape
    mean: tuple[float, ...] = field(repr=False)
    std: tuple[float, ...] = field(repr=False)

    @property
    def outputs(self) -> int:
        return len(self.mean)

    @property
    def answers(self) -> tuple[Shape, ...]:
        return (self.shape,) if self.outputs > 1 else ((1,), ())

    @property
    def words(self) -> str:
        return f"{self.outputs} real number{'s' if self.outputs > 1 else ''}"

    @property
    def note(self) -> str:
        mean, std = (", ".join(f"{value:g}" for value in values) for values in (self.mean, self.std))
        return f"answers are (y - mean) / std, with mean {mean} and std {std}"

    def tensor(self, targets: Array) -> torch.Tensor:
        rows = (targets.astype(np.float64).reshape(len(targets), -1) - self.mean) / self.std
        return torch.from_numpy(rows.astype(np.float32).reshape(targets.shape))

    def summed(self, answers: torch.Tensor, targets: torch.Tensor, smoothing: float = 0.0) -> tuple[torch.Tensor, int]:
        """Squared errors, of targets in standard deviations; nothing to smooth."""
        return (answers.reshape(targets.shape) - targets).square().sum(), targets.numel()

    def tally(self) -> Tally:
        return Explained(self.outputs)


class Explained(Tally):
    """R2, one minus the squared error over the targets' squared deviation from their mean in this part; the mean over
    targets. Where a target never changes it is 0, or 1 when answered exactly."""

    def __init__(self, outputs: int) -> None:
        self.seen = 0
        self.errors, self.sums, self.squares = (torch.zeros(outputs, dtype=torch.float64) for _ in range(3))

    def add(self, answers: torch.Tensor, targets: torch.Tensor) -> None:
        wanted = targets.reshape(len(targets), -1).double()
        given = answers.reshape(wanted.shape).double()
        self.seen += len(wanted)
        self.errors += (given - wanted).square().sum(0).cpu()
        self.sums += wanted.sum(0).cpu()
        self.squares += wanted.square().sum(0).cpu()

    @property
    def value(self) -> float:
        spread = self.squares - self.sums.square() / max(self.seen, 1)
        constant = spread <= 1e-12 * self.squares
        known = 1 - self.errors / torch.where(constant, 1.0, spread)
        return float(torch.where(constant, (self.errors == 0).double(), known).mean())
