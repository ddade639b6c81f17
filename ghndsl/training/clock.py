"""Moments of a training go in; how long each kind of work took comes out."""

from __future__ import annotations

import time

import torch

WORK = ("data", "forward", "backward", "optimiser", "saving", "evaluation")
"""Making batches; the network's answers and the loss; gradients; updates; checkpoints; validation and test."""


class Clock:
    """Seconds by kind of work. With a GPU as `waits_for`, which works on while Python goes on, each lap waits for it.

    >>> clock = Clock()
    >>> clock.begin()
    >>> clock.lap("data")
    >>> clock.seconds["data"] > 0, clock.shares()["data"]
    (True, 1.0)
    """

    def __init__(self, waits_for: torch.device | None = None) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(WORK, 0.0)
        self._waits_for = waits_for
        self._last = 0.0

    def begin(self) -> None:
        """What was done until now is of no kind."""
        self._last = self._now()

    def lap(self, work: str) -> None:
        """What was done since the last lap was this."""
        now = self._now()
        self.seconds[work] += now - self._last
        self._last = now

    def shares(self) -> dict[str, float]:
        """The share of each kind of work in all of them."""
        total = sum(self.seconds.values()) or 1.0
        return {work: spent / total for work, spent in self.seconds.items()}

    def _now(self) -> float:
        if self._waits_for is not None and self._waits_for.type == "cuda":
            torch.cuda.synchronize(self._waits_for)
        return time.perf_counter()
