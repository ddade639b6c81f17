"""A graph, a data set, settings and a seed go in; trained weights and how training went come out."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from ghndsl.data import Dataset, check_fit, figure
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.training.begun import begun
from ghndsl.training.checkpoint import resume_training, save_training
from ghndsl.training.clock import Clock
from ghndsl.training.learner import Epoch, Learner
from ghndsl.training.progress import Progress, silent
from ghndsl.training.seeds import derived
from ghndsl.training.settings import Settings
from ghndsl.training.team import Team
from ghndsl.training.threads import threads, worthwhile


@dataclass(frozen=True)
class Trained:
    """Weights and buffers by path, the passes, and whether training stopped because the loss was no longer a number;
    `seconds` are those since pass `resumed_at`."""

    weights: dict[str, torch.Tensor]
    history: tuple[Epoch, ...]
    seconds: float
    diverged: bool = False
    resumed_at: int = 0


def train(
    graph: Graph,
    data: Dataset,
    settings: Settings,
    seed: int,
    *,
    weights: Mapping[str, torch.Tensor] | None = None,
    together: Team | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Trains the main output with the loss of the data's task by SGD, from `weights` or first ones that the seed draws.

    The same seed gives the same weights on one machine, whatever the state of torch's own generator, which is left
    as it was. `checkpoint` is written after each pass; `resume` goes on from one as if it had not been left. `together`
    says where to compute, and with which other processes (see `Learner`). `clock` takes the time of each kind of work.
    `progress` is called after each pass, and first of all where the training is gone on with.

    Errors: G407 when data and graph do not fit, G410 for a checkpoint that is none, G602 for one of a training that was
    begun with something else, G405 when processes have too little to share, G607 when another one ended.
    """
    check_fit(data, graph)
    started, clock, together = time.perf_counter(), clock or Clock(), together or Team()
    if together.size > 1 and min(settings.batch_size, len(data.train)) < 2 * together.size:
        count = min(settings.batch_size, len(data.train))
        message = f"{together.size} processes share batches of {count} samples"
        raise CompileError(Diagnostic("G405", message, help="each needs two at least: start fewer processes"))
    kept = checkpoint is not None or resume is not None
    record = begun(graph, data, settings, seed, weights, together) if kept else {}
    with threads(max(1, worthwhile(graph, settings.batch_size) // together.beside)), _seeded(seed, together):
        learner = Learner(graph, data, settings, seed, weights, together)
        if resume is not None:
            resume_training(resume, learner, record)
        resumed_at = len(learner.history)
        if resumed_at and together.is_first:
            _tell(learner, progress or silent)
        while len(learner.history) < settings.epochs and not learner.diverged:
            learner.pass_once(clock)
            if checkpoint is not None:
                clock.begin()
                save_training(checkpoint, learner, record)
                clock.lap("saving")
            if together.is_first:
                _tell(learner, progress or silent)
    seconds = time.perf_counter() - started
    return Trained(learner.result(), tuple(learner.history), seconds, learner.diverged, resumed_at)


@contextmanager
def _seeded(seed: int, together: Team) -> Generator[None]:
    """Torch's own generators, of the processor and of the device, from a seed, others in each process; left as they
    were."""
    device = together.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed if together.is_first else derived(seed, "process", together.rank))
        yield


def _tell(learner: Learner, progress: Progress) -> None:
    last, metric = learner.history[-1], learner.data.task.metric
    text = f"loss {last.loss:.3f}, {metric} {figure(metric, last.accuracy, 1)}"
    progress(len(learner.history), learner.settings.epochs, text)
