"""An estimator that lets generated weights learn for a few steps: how fast a candidate goes on from where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean

import torch

from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Setting, finite
from ghndsl.search.scorers.generated import Generated
from ghndsl.training.batches import Batches
from ghndsl.training.descend import descend
from ghndsl.training.threads import threads

STEPS = 20
RATE, BATCH = 0.02, 64


@dataclass
class Tuned(Estimator):
    """Minus the mean training loss over a few steps of SGD from generated weights.

    Images and their order are the same for all candidates. Where generated weights are poor for reasons of their own, a
    few steps mend it; the mean over all of them is less noisy than the loss at the end.
    """

    generated: Generated
    seed: int
    steps: int = STEPS
    rate: float = RATE
    name: str = "tuned"
    batches: Batches = field(init=False)

    def __post_init__(self) -> None:
        self.batches = Batches(self.generated.data.train, BATCH, "none", self.seed)

    @classmethod
    def prepare(cls, setting: Setting) -> Tuned:
        """With the setting's hypernetwork, or one trained now."""
        return cls(Generated.prepare(setting), setting.seed)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """`tuned`, and what the generated weights do before."""
        generated = self.generated
        graph = drawn.at(generated.space)
        with threads(1):
            with torch.no_grad():
                weights = generated.ghn(graph)
            given = (self.batches[number] for number in range(self.steps))
            losses = [loss for loss, _ in descend(graph, weights, given, self.steps, self.rate)]
        return {"tuned": finite(-fmean(losses)), **generated.measure(drawn)}
