"""What a data set asks of a network goes in; how answers are compared with targets, and summed up, comes out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

Array: TypeAlias = npt.NDArray[np.generic]
Shape: TypeAlias = tuple[int, ...]


class Tally(ABC):
    """A metric of a whole part, exact however the part is cut into batches."""

    @abstractmethod
    def add(self, answers: torch.Tensor, targets: torch.Tensor) -> None:
        """Takes a batch in."""

    @property
    @abstractmethod
    def value(self) -> float:
        """The metric of all that was taken in; the higher the better."""


class Task(ABC):
    """What targets are: the loss that answers are trained by, the metric they are judged by, and their shape."""

    metric: ClassVar[str]

    @property
    def note(self) -> str:
        """What whoever uses the network's answers must know; mostly nothing."""
        return ""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """How many numbers answer one question: classes, or the targets of a regression."""

    @property
    @abstractmethod
    def answers(self) -> tuple[Shape, ...]:
        """The shapes that a network's answer to one sample may have, the usual one first."""

    @property
    @abstractmethod
    def words(self) -> str:
        """What the targets are, for people."""

    @abstractmethod
    def tensor(self, targets: Array) -> torch.Tensor:
        """Targets as a file holds them, as the loss takes them."""

    @abstractmethod
    def summed(self, answers: torch.Tensor, targets: torch.Tensor, smoothing: float = 0.0) -> tuple[torch.Tensor, int]:
        """The sum of the losses of a batch, and how many targets it is of."""

    @abstractmethod
    def tally(self) -> Tally:
        """An empty tally of the metric."""

    def loss(self, answers: torch.Tensor, targets: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
        """The mean loss of a batch, differentiable; 0 where every target is ignored. `smoothing` is for classes."""
        total, count = self.summed(answers, targets, smoothing)
        return total / max(count, 1)

    def strata(self, targets: Array) -> npt.NDArray[np.int64]:
        """A group for each sample; parts are split with the groups in proportion."""
        return np.zeros(len(targets), dtype=np.int64)


def figure(metric: str, value: float, places: int = 2) -> str:
    """A metric's value as people read it: shares in per cent.

    >>> figure("mean_iou", 0.6123), figure("r2", 0.83)
    ('61.23%', '0.830')
    """
    return f"{value:.3f}" if metric.endswith("r2") else f"{value:.{places}%}"
