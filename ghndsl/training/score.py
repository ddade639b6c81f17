"""A candidate, weights for it and a data set go in; how well it does with them on fixed samples comes out."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ghndsl.data import Dataset, Split, check_fit
from ghndsl.emit.run import calibrate
from ghndsl.ir import Graph
from ghndsl.training.evaluate import Metrics, evaluate
from ghndsl.training.threads import threads

CALIBRATION = 256
"""How many training samples the statistics of normalisation are taken from."""
PROBED = 512
"""How many further training samples a candidate is scored on."""


def probe(data: Dataset) -> Split:
    """The training samples that candidates are scored on: those after the ones that calibrate.

    Training samples, not held-out ones: what a hypernetwork has learned of a candidate shows best on those it
    learned from, while its loss on others also tells how much it learned by heart.
    """
    after = data.train.part(slice(CALIBRATION, None))
    return after.first(PROBED) if len(after) >= CALIBRATION else data.train.first(PROBED)


@torch.no_grad()
def score(
    graph: Graph, weights: Mapping[str, torch.Tensor], data: Dataset, part: Split | None = None, batch_size: int = 256
) -> Metrics:
    """Loss and metric of a candidate on a part of the data, its `probe` by default, without building a module.

    Statistics of normalisation are those of the first training samples, so that a score depends on the weights,
    the candidate and the data alone: not on batches, on torch's generator, or on other threads (one is used).
    Errors: G407 when data and graph do not fit.
    """
    check_fit(data, graph)
    with threads(1):
        return evaluate(
            graph, calibrated(graph, weights, data.train), probe(data) if part is None else part, batch_size
        )


def calibrated(graph: Graph, weights: Mapping[str, torch.Tensor], train: Split) -> dict[str, torch.Tensor]:
    """The weights, with statistics of normalisation as the first training samples give them."""
    return calibrate(graph, train.first(CALIBRATION).feed(graph), weights)
