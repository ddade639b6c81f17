"""A way to draw candidates, a data set and settings go in; a hypernetwork that makes weights for them comes out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch.nn import functional

from ghndsl.data import Dataset, check_fit, image_input, main_output
from ghndsl.diagnostics import CompileError
from ghndsl.emit.run import run
from ghndsl.ghn.checkpoint import load, load_training, save
from ghndsl.ghn.config import GHNConfig, fit
from ghndsl.ghn.network import GHN, Origin
from ghndsl.ghn.settings import GHNSettings
from ghndsl.ghn.state import TrainingState
from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.training.batches import Batches
from ghndsl.training.progress import Progress, silent
from ghndsl.training.seeds import generator
from ghndsl.training.threads import threads, worthwhile

_ATTEMPTS = 20
_FAR = 2**32


@dataclass(frozen=True)
class TrainedGHN:
    """The hypernetwork, the mean loss of each step, the time, and how many draws it could not make weights for."""

    ghn: GHN
    losses: tuple[float, ...]
    seconds: float
    refused: int = 0
    diverged: bool = False


def train_ghn(
    sample: Callable[[int], Graph],
    data: Dataset,
    settings: GHNSettings | None = None,
    seed: int = 0,
    *,
    config: GHNConfig | None = None,
    origin: Origin | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
) -> TrainedGHN:
    """Trains a hypernetwork on random candidates: `sample(i)` is the i-th, the same whenever it is asked for.

    A step minimises the cross-entropy of candidates with generated weights and batch statistics on a batch of training
    images each (Zhang et al., ICLR 2019, Eq. 6). Without `config` its blocks fit the first `settings.fit` candidates;
    later ones that are larger still are drawn anew. `checkpoint` is written now and then, at the end, and when
    interrupted; `resume` goes on from one, as if it had not been left. The same seed gives the same numbers on one
    machine. Errors: G407 when data and candidates do not fit, G420 when nearly no draw fits, G421 and G422 of
    checkpoints.
    """
    settings = settings or GHNSettings()
    check_fit(data, sample(0))
    training = _Training(sample, data, settings, seed, progress or silent)
    with threads(worthwhile(_cost(sample(0), settings))):
        state = training.begin(config, origin, resume)
        try:
            seconds = training.until_done(state, checkpoint)
        except KeyboardInterrupt:
            _save(state, checkpoint)
            raise
    ghn = _save(state, checkpoint)
    return TrainedGHN(ghn, tuple(state.losses), seconds, training.refused, state.diverged)


@dataclass
class _Training:
    """What stays the same through a training, and the count of refused draws."""

    sample: Callable[[int], Graph]
    data: Dataset
    settings: GHNSettings
    seed: int
    progress: Progress
    refused: int = 0
    drawn: dict[int, Graph] = field(default_factory=dict[int, Graph])

    def begin(self, config: GHNConfig | None, origin: Origin | None, resume: str | Path | None) -> TrainingState:
        """A new hypernetwork and optimiser, or those of a checkpoint."""
        if resume is not None:
            tensors = load_training(resume)
            state = TrainingState(load(resume), self.settings)
            if tensors:
                state.restore(tensors)
            return state
        if config is None or not config.blocks:
            # These are also the first to be trained on.
            self.drawn = {number: self.sample(number) for number in range(self.settings.fit)}
            config = replace(config or GHNConfig(), blocks=fit(self.drawn.values()))
        return TrainingState(GHN(config, self.seed, origin), self.settings)

    def until_done(self, state: TrainingState, checkpoint: str | Path | None) -> float:
        """Steps until the budget is used; returns the seconds."""
        batches = Batches(self.data.train, self.settings.batch_size, self.settings.augment, self.seed)
        started = time.perf_counter()
        while not state.diverged:
            seconds = time.perf_counter() - started
            used, total = self._budget(len(state.losses), seconds)
            if used >= total:
                break
            state.update(self._loss(state.ghn, batches, len(state.losses)), (used + 1) / (total + 1))
            self.progress(int(used) + 1, int(total), f"loss {_recent(state.losses):.3f}")
            if len(state.losses) % self.settings.save_every == 0:
                _save(state, checkpoint)
        return time.perf_counter() - started

    def _budget(self, steps: int, seconds: float) -> tuple[float, float]:
        """How much is used, of how much: seconds when the budget is time, else steps."""
        minutes = self.settings.minutes
        return (steps, self.settings.steps) if minutes is None else (seconds, 60 * minutes)

    def _loss(self, ghn: GHN, batches: Batches, step: int) -> torch.Tensor:
        """The mean loss of the step's candidates, each on a batch of its own."""
        count = self.settings.meta_batch
        numbers = range(step * count, (step + 1) * count)
        graphs = [self.drawn.pop(number) if number in self.drawn else self.sample(number) for number in numbers]
        try:
            made = ghn.many(graphs)
        except CompileError:
            graphs = [self._draw(ghn, number) for number in numbers]
            made = ghn.many(graphs)
        losses: list[torch.Tensor] = []
        for number, graph, weights in zip(numbers, graphs, made, strict=True):
            batch = batches[number]
            mode = Mode("train", generator(self.seed, "dropout", number))
            logits = run(graph, {image_input(graph).name: batch.images}, weights, mode)[main_output(graph).name]
            smoothing = self.settings.label_smoothing
            losses.append(functional.cross_entropy(logits, batch.labels, label_smoothing=smoothing))
        return torch.stack(losses).mean()

    def _draw(self, ghn: GHN, number: int) -> Graph:
        """A candidate whose weights can be made; after many that cannot, the reason why."""
        refusal = None
        for attempt in range(_ATTEMPTS):
            graph = self.sample(number + attempt * _FAR)
            refusal = ghn.refusal(graph)
            if refusal is None:
                return graph
            self.refused += 1
        assert refusal is not None
        raise refusal


def _cost(graph: Graph, settings: GHNSettings) -> int | None:
    return None if graph.macs is None else graph.macs * settings.batch_size


def _recent(losses: list[float]) -> float:
    """The mean of the last losses, as single ones jump from candidate to candidate."""
    last = losses[-50:]
    return sum(last) / len(last)


def _save(state: TrainingState, checkpoint: str | Path | None) -> GHN:
    """The result so far, also as a file if one is wanted."""
    ghn = state.result()
    ghn.origin = replace(ghn.origin, steps=len(state.losses))
    if checkpoint is not None:
        save(ghn, checkpoint, state.tensors())
    return ghn
