"""A graph, a data set and several seeds go in; how training from each went, and which is best, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

import torch

from ghndsl.data import Dataset
from ghndsl.ir import Graph
from ghndsl.training.clock import Clock
from ghndsl.training.evaluate import Metrics, evaluate
from ghndsl.training.progress import Watch, unwatched
from ghndsl.training.settings import Settings
from ghndsl.training.team import Team
from ghndsl.training.train import Trained, train


@dataclass(frozen=True)
class Run:
    """A training from one seed, and how its weights do on validation and on test samples."""

    seed: int
    trained: Trained
    validation: Metrics
    test: Metrics


def train_several(
    graph: Graph,
    data: Dataset,
    settings: Settings,
    seeds: Sequence[int],
    *,
    weights: Mapping[str, torch.Tensor] | None = None,
    together: Team | None = None,
    checkpoints: Sequence[Path] = (),
    resume: bool = False,
    clock: Clock | None = None,
    watch: Watch = unwatched,
) -> tuple[Run, ...]:
    """Trains from each seed on the same parts of the data, with a checkpoint for each if they are given.

    `resume` goes on from those that are there, so that a seed that is done is not trained again.
    """
    runs: list[Run] = []
    clock, together = clock or Clock(), together or Team()
    for number, seed in enumerate(seeds):
        path = checkpoints[number] if checkpoints else None
        trained = train(
            graph,
            data,
            settings,
            seed,
            weights=weights,
            together=together,
            checkpoint=path,
            resume=path if resume and path is not None and path.is_file() else None,
            clock=clock,
            progress=watch(f"Training, seed {seed}" if len(seeds) > 1 else "Training") if together.is_first else None,
        )
        clock.begin()
        found = [
            evaluate(graph, trained.weights, part, device=together.device) for part in (data.validation, data.test)
        ]
        clock.lap("evaluation")
        runs.append(Run(seed, trained, *found))
    return tuple(runs)


def best(runs: Sequence[Run]) -> Run:
    """The run that does best on validation samples, the first of equals; test samples choose nothing."""
    return max(runs, key=lambda run: (not run.trained.diverged, run.validation.accuracy, -run.validation.loss))


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and the standard deviation of a sample, 0 for one value.

    >>> spread([0.5, 0.75]), spread([0.5])
    ((0.625, 0.1767766952966369), (0.5, 0.0))
    """
    return fmean(values), stdev(values) if len(values) > 1 else 0.0
