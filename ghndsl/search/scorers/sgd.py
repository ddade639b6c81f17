"""An estimator that trains each candidate from scratch, for a few steps."""

from __future__ import annotations

from dataclasses import dataclass, field

from ghndsl.data import Dataset
from ghndsl.emit.initial import initial_weights
from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Setting, finite
from ghndsl.space import Space
from ghndsl.training import score
from ghndsl.training.batches import Batches
from ghndsl.training.descend import descend
from ghndsl.training.threads import threads

RATE, BATCH = 0.05, 64


@dataclass
class SGD(Estimator):
    """The log-likelihood of training images after a few steps of SGD from scratch at one learning rate.

    `also` are earlier steps to measure at on the way.
    """

    space: Space
    data: Dataset
    seed: int
    steps: int
    also: tuple[int, ...] = ()
    name: str = "sgd"
    batches: Batches = field(init=False)

    def __post_init__(self) -> None:
        self.batches = Batches(self.data.train, BATCH, "none", self.seed)

    @classmethod
    def prepare(cls, setting: Setting) -> SGD:
        """With the setting's count of steps for each candidate."""
        return cls(setting.scale.cheap, setting.scale.data, setting.seed, setting.sgd_steps)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """`sgd` and `sgd_accuracy` at the end; `sgd_K` after K steps where asked for."""
        graph = drawn.at(self.space)
        found: dict[str, float] = {}
        with threads(1):
            given = (self.batches[number] for number in range(self.steps))
            weights = initial_weights(graph, self.seed)
            for step, (_, learned) in enumerate(descend(graph, weights, given, self.steps, RATE), start=1):
                if step in self.also:
                    found[f"sgd_{step}"] = finite(-score(graph, learned, self.data).loss)
                weights = learned
        end = score(graph, weights, self.data)
        return {**found, "sgd": finite(-end.loss), "sgd_accuracy": end.accuracy}
