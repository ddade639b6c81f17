"""How fast a candidate begins to learn, with all of its depth."""

from __future__ import annotations

from statistics import fmean
from typing import ClassVar

import torch

from ghndsl.ir import Graph
from ghndsl.search.scorers.first import FirstWeights
from ghndsl.training.descend import descend

STEPS, RATE, BATCH = 8, 0.05, 64


class Early(FirstWeights):
    """Minus the mean training loss over the first steps of SGD from first weights, at the scale that keeps all nodes.

    Among good candidates, what tells them apart is whether depth gets in the way of learning; a few steps show that.
    """

    title = "early"
    images: ClassVar[int] = STEPS * BATCH

    def value(self, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
        """With batch statistics, each image seen once."""
        return -fmean(loss for loss, _ in descend(graph, weights, self.batch.batches(BATCH), STEPS, RATE))
