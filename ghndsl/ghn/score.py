"""A hypernetwork, a candidate and a data set go in; how good the candidate looks with generated weights comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from ghndsl.data import Dataset, Split, check_fit, image_input
from ghndsl.emit.run import calibrate
from ghndsl.ghn.network import GHN
from ghndsl.ir import Graph
from ghndsl.training.evaluate import evaluate
from ghndsl.training.threads import threads

CALIBRATION = 256
"""How many training images the statistics of normalisation are taken from."""


@dataclass(frozen=True)
class Score:
    """Mean cross-entropy in nats and share of right answers on validation images, with generated weights."""

    loss: float
    accuracy: float


@torch.no_grad()
def score(ghn: GHN, graph: Graph, data: Dataset, *, images: int | None = None, batch_size: int = 256) -> Score:
    """Scores a candidate on (the first `images` of) the validation part, without building a module.

    Statistics of normalisation are those of the first training images, so that a score depends on the hypernetwork,
    the candidate and the data alone: not on batches, on torch's generator, or on other threads (one is used).
    Errors: G407 when data and graph do not fit, G420 for a weight that cannot be made.
    """
    check_fit(data, graph)
    part = data.validation if images is None else data.validation.first(images)
    with threads(1):
        weights = calibrated(graph, ghn(graph), data.train)
        metrics = evaluate(graph, weights, part, batch_size)
    return Score(metrics.loss, metrics.accuracy)


def calibrated(graph: Graph, weights: Mapping[str, torch.Tensor], train: Split) -> dict[str, torch.Tensor]:
    """The weights, with statistics of normalisation as the first training images give them."""
    return calibrate(graph, {image_input(graph).name: train.images[:CALIBRATION]}, weights)
