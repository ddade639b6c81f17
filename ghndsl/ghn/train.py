"""A way to draw candidates, a data set and settings go in; a hypernetwork that makes weights for them comes out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import torch

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn.begun import begun, described
from ghndsl.ghn.checkpoint import load, load_training, save
from ghndsl.ghn.config import GHNConfig, fit
from ghndsl.ghn.feeds import Feeds
from ghndsl.ghn.network import GHN, Origin
from ghndsl.ghn.settings import GHNSettings
from ghndsl.ghn.state import TrainingState
from ghndsl.ghn.watching import Watched, is_due, watch
from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.training.begun import check_same
from ghndsl.training.descend import loss_of
from ghndsl.training.files import damaged
from ghndsl.training.progress import Progress, silent
from ghndsl.training.saving import Saving
from ghndsl.training.seeds import derived
from ghndsl.training.team import Team
from ghndsl.training.threads import threads, worthwhile

_ATTEMPTS = 20
_LOOKED_AT = 8
"""Candidates that are asked for exits where none are drawn for anything else."""
FAR = 2**32
"""How far apart the numbers of one candidate's attempts are."""


@dataclass(frozen=True)
class TrainedGHN:
    """The hypernetwork, the mean loss of each step, the time since it was gone on with at step `resumed_at`, how many
    draws it could not make weights for, and how it did on held-out candidates meanwhile."""

    ghn: GHN
    losses: tuple[float, ...]
    seconds: float
    refused: int = 0
    diverged: bool = False
    watched: tuple[Watched, ...] = ()
    resumed_at: int = 0


def train_ghn(
    sample: Callable[[int], Graph],
    data: Dataset,
    settings: GHNSettings | None = None,
    seed: int = 0,
    *,
    config: GHNConfig | None = None,
    origin: Origin | None = None,
    held_out: Sequence[Graph] = (),
    examples: Sequence[Graph] = (),
    about: Mapping[str, str] | None = None,
    together: Team | None = None,
    stop_after: int | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
) -> TrainedGHN:
    """Trains a hypernetwork on random candidates: `sample(i)` is the i-th, the same whenever it is asked for.

    A step minimises the loss of candidates with generated weights and batch statistics on a batch of training samples
    each (Zhang et al., ICLR 2019, Eq. 6), which have the size that the candidate takes. The blocks of a new `config`
    fit the first `settings.fit` candidates and the `examples`; later ones whose weights it cannot make are drawn
    anew. `held_out` candidates are measured ten times on validation samples. Processes that train `together` share the
    candidates of a step, and do what one does but for rounding. `checkpoint` is written every `save_every` seconds, at
    the end, and when interrupted or stopped early (`stop_after`); `progress` is called after each step, and first of
    all where it is gone on with. `resume` goes on from a checkpoint, as if it had not been left, if it was begun with
    the same but for the budget, and with the same `about`: what else `sample` depends on, by name. The same seed gives
    the same numbers on one machine.

    Errors: G407 when data and candidates do not fit, G420 when nearly no draw fits, G421 and G422 of checkpoints, G602
    for one that was begun with something else, G607 when another process ended; ValueError when a step has fewer
    candidates than there are processes.
    """
    settings, together = settings or GHNSettings(), together or Team()
    if settings.meta_batch < together.size:
        raise ValueError(f"{together.size} processes share {settings.meta_batch} candidates a step: give more")
    record = begun(settings, seed, data, held_out, about or {})
    training = _Training(sample, settings, seed, tuple(held_out), together, Feeds(data, settings, seed), record)
    for graph in (sample(0), *held_out):
        training.feeds.data_for(graph)
    with threads(max(1, worthwhile(sample(0), settings.batch_size) // together.beside)):
        state = training.begin(config, origin, resume, examples)
        resumed_at = len(state.losses)
        try:
            seconds = training.until_done(state, checkpoint, stop_after, progress or silent)
        except (KeyboardInterrupt, CompileError):
            if state.losses:
                training.save(state, checkpoint)
            raise
    ghn = training.save(state, checkpoint)
    refused = int(together.total(torch.tensor(float(training.refused))))
    diverged = state.diverged or not state.is_sound
    return TrainedGHN(ghn, tuple(state.losses), seconds, refused, diverged, tuple(state.watched), resumed_at)


@dataclass
class _Training:
    """What stays the same through a training, and the count of refused draws."""

    sample: Callable[[int], Graph]
    settings: GHNSettings
    seed: int
    held_out: tuple[Graph, ...]
    together: Team
    feeds: Feeds
    begun: Mapping[str, str]
    refused: int = 0
    drawn: dict[int, Graph] = field(default_factory=dict[int, Graph])

    def begin(
        self, config: GHNConfig | None, origin: Origin | None, resume: str | Path | None, examples: Sequence[Graph]
    ) -> TrainingState:
        """A new hypernetwork and optimiser, or those of a checkpoint."""
        if resume is not None:
            return self._gone_on(config, origin, resume)
        config = config or GHNConfig()
        if "slice" in config.decoders and not config.blocks:
            # These are also the first to be trained on; more are not drawn unless nothing else makes what is larger.
            few = self.settings.minutes is None and config.decoders[-1] != "slice"
            steps = self.settings.steps * self.settings.meta_batch if few else self.settings.fit
            self.drawn = {number: self.sample(number) for number in range(min(self.settings.fit, max(1, steps)))}
            config = replace(config, blocks=fit([*self.drawn.values(), *examples]))
        seen = [*(self.drawn.values() or map(self.sample, range(_LOOKED_AT))), *examples, *self.held_out]
        if any(port.is_exit for graph in seen for port in graph.results):
            config = replace(config, exits=True)
        return TrainingState(GHN(config, self.seed, origin).to(self.together.device), self.settings)

    def _gone_on(self, config: GHNConfig | None, origin: Origin | None, resume: str | Path) -> TrainingState:
        (tensors, record), ghn = load_training(resume), load(resume)
        # Whether it knows exits was found out when it was begun.
        kept = ghn.config
        wanted = replace(config, blocks=config.blocks or kept.blocks, exits=kept.exits) if config else kept
        # Who saved the training from Python may not have told what it was begun with.
        now = {**described(wanted, origin or ghn.origin), **(self.begun if record else {})}
        check_same(resume, {**described(ghn.config, ghn.origin), **record}, now)
        if not tensors:
            message = f"{resume} holds a hypernetwork, and no training to go on with"
            raise CompileError(
                Diagnostic("G421", message, help="train another, or go on with the file of its training")
            )
        state = TrainingState(ghn.to(self.together.device), self.settings)
        try:
            state.restore(tensors)
        except (KeyError, ValueError, RuntimeError) as error:
            raise damaged(resume, error, "G421") from error
        return state

    def until_done(
        self, state: TrainingState, checkpoint: str | Path | None, stop_after: int | None, progress: Progress
    ) -> float:
        """Steps until the budget is used; returns the seconds."""
        started, done = time.perf_counter(), len(state.losses)
        last = math.inf if stop_after is None else stop_after
        saving = Saving(partial(self.save, state, checkpoint), self.settings.save_every)
        used, total = self._budget(done, 0.0)
        if used == done and is_due(used, used - 1, total) and state.last_look < done:
            # It was interrupted when it was about to look.
            self._look(state)
        if done and self.together.is_first:
            progress(min(int(used), int(total)), int(total), _text(state))
        while not state.diverged and used < total and len(state.losses) < last:
            state.update(self._loss(state.ghn, len(state.losses)), (used + 1) / (total + 1), self.together)
            before, (used, total) = used, self._budget(len(state.losses), time.perf_counter() - started)
            if is_due(used, before, total):
                self._look(state)
            if self.together.is_first:
                progress(min(int(used), int(total)), int(total), _text(state))
            if checkpoint is not None and self.together.is_first:
                saving.perhaps()
        return time.perf_counter() - started

    def save(self, state: TrainingState, checkpoint: str | Path | None) -> GHN:
        """The result so far, also as a file if one is wanted."""
        ghn = state.result()
        ghn.origin = replace(ghn.origin, steps=len(state.losses))
        if checkpoint is not None and self.together.is_first:
            save(ghn, checkpoint, state.tensors(), self.begun)
        return ghn

    def _budget(self, steps: int, seconds: float) -> tuple[float, float]:
        """How much is used, of how much: seconds when the budget is time, else steps."""
        minutes = self.settings.minutes
        return (steps, self.settings.steps) if minutes is None else (self.together.agreed(seconds), 60 * minutes)

    def _look(self, state: TrainingState) -> None:
        if self.held_out and self.together.is_first:
            seen = watch(state.result(), self.held_out, self.feeds, len(state.losses))
            state.watched += [seen] if seen is not None else []

    def _loss(self, ghn: GHN, step: int) -> torch.Tensor:
        """The mean loss of the step's candidates, each on a batch of its own; of this process's ones their part."""
        count = self.settings.meta_batch
        numbers = self.together.share(range(step * count, (step + 1) * count))
        graphs = [self.drawn.pop(number) if number in self.drawn else self.sample(number) for number in numbers]
        try:
            made = ghn.many(graphs)
        except CompileError:
            graphs = [self._draw(ghn, number) for number in numbers]
            made = ghn.many(graphs)
        losses = [self._candidate(*each) for each in zip(numbers, graphs, made, strict=True)]
        return torch.stack(losses).sum() / count

    def _candidate(self, number: int, graph: Graph, weights: dict[str, torch.Tensor]) -> torch.Tensor:
        device = self.together.device
        batch = self.feeds.batches_for(graph)[number].mapped(lambda tensor: tensor.to(device))
        mode = Mode("train", torch.Generator(device).manual_seed(derived(self.seed, "dropout", number)))
        with torch.autocast(device.type, torch.bfloat16, enabled=self.settings.precision == "bf16"):
            return loss_of(graph, weights, batch, mode, self.settings.label_smoothing)

    def _draw(self, ghn: GHN, number: int) -> Graph:
        """A candidate whose weights can be made; after many that cannot, the reason why."""
        refusal = None
        for attempt in range(_ATTEMPTS):
            graph = self.sample(number + attempt * FAR)
            refusal = ghn.refusal(graph)
            if refusal is None:
                return graph
            self.refused += 1
        assert refusal is not None
        raise refusal


def _text(state: TrainingState) -> str:
    """The mean of the last losses, as single ones jump from candidate to candidate, and the last look."""
    last = state.losses[-50:]
    seen = f", held out {state.watched[-1].loss:.3f}" if state.watched else ""
    return f"loss {sum(last) / len(last):.3f}{seen}"
