"""How fast a candidate begins to learn, with all of its depth."""

from __future__ import annotations

from itertools import cycle, islice
from statistics import fmean
from typing import ClassVar

import torch

from ghndsl.ir import Graph
from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import finite
from ghndsl.search.scorers.first import FirstWeights, first_weights
from ghndsl.training.descend import descend
from ghndsl.training.seeds import derived
from ghndsl.training.threads import threads

STEPS, RATE, BATCH, DRAWS = 8, 0.1, 64, 2


class Early(FirstWeights):
    """Minus the mean training loss over the first steps of SGD, at the scale that keeps all nodes; of two draws of
    first weights.

    Among good candidates, what tells them apart is whether depth gets in the way of learning; a few steps show that.
    Among all candidates it misleads: shallow ones are the quickest to begin.
    """

    name = "early"
    images: ClassVar[int] = DRAWS * STEPS * BATCH

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """`early`."""
        graph = drawn.at(self.space)
        seeds = [derived(self.seed, "early", draw) for draw in range(DRAWS)]
        with threads(1):
            losses = [-self.value(graph, first_weights(graph, seed), draw) for draw, seed in enumerate(seeds)]
        return {self.name: finite(-fmean(losses))}

    def value(self, graph: Graph, weights: dict[str, torch.Tensor], draw: int = 0) -> float:
        """With batch statistics, each image seen once where there are enough of them."""
        whole = [batch for batch in self.batch.batches(BATCH) if len(batch) == BATCH] or [self.batch]
        given = islice(cycle(whole), draw * STEPS, None)
        return -fmean(loss for loss, _ in descend(graph, weights, given, STEPS, RATE))
