"""The line of a candidate goes in; how it does after some training comes out."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from ghndsl.data import Dataset, Split
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.files import write_atomically
from ghndsl.ghn import GHN, GHNSettings, Origin, train_ghn
from ghndsl.ir import Graph
from ghndsl.language import format_graph
from ghndsl.search.draw import training_sample
from ghndsl.search.folder import RunFolder
from ghndsl.search.gathering import gathered
from ghndsl.search.mixing import Drawing, Range, mixed
from ghndsl.search.plan import SHORT_BATCH, SHORT_RATE, Plan
from ghndsl.search.telling import Telling
from ghndsl.space import Space, read_line
from ghndsl.space.written import heading
from ghndsl.stages import Stage
from ghndsl.training import Metrics, Settings, Trained, evaluate, save_weights, score, train
from ghndsl.training.anytime import Budgets, between
from ghndsl.training.batches import Batches
from ghndsl.training.descend import descend
from ghndsl.training.progress import Progress, silent
from ghndsl.training.score import calibrated
from ghndsl.training.seeds import derived
from ghndsl.training.team import Team, alone
from ghndsl.training.threads import available, fills, threads

_EXAMPLES = 20
"""Candidates of the size that is scored, to which a hypernetwork is fitted that learns from others."""


class DivergedError(ValueError):
    """The loss was no longer a number."""


@dataclass(frozen=True)
class Teaching:
    """The training of a hypernetwork on candidates of a space, as each of those who do it together does it."""

    space: Space
    data: Dataset
    settings: GHNSettings
    seed: int
    origin: Origin
    checkpoint: Path
    vary: Mapping[str, Range] = field(default_factory=dict[str, Range])

    def __call__(self, together: Team, progress: Progress) -> GHN:
        """The hypernetwork, on the processor. Errors: as `train_ghn`."""
        sample = mixed([Drawing(self.space, self.vary)], self.seed, self.settings.steps * self.settings.meta_batch)
        # Where sizes vary, it is to make the weights of what they are at last.
        whole = training_sample(self.space, self.seed)
        trained = train_ghn(
            sample,
            self.data,
            self.settings,
            self.seed,
            origin=self.origin,
            examples=[whole(number) for number in range(_EXAMPLES)] if self.vary else (),
            about={name: f"{one.least}..{one.most}" for name, one in self.vary.items()},
            together=together,
            progress=progress,
            checkpoint=self.checkpoint,
            resume=self.checkpoint if self.checkpoint.is_file() else None,
        )
        return trained.ghn.to("cpu")


@dataclass(frozen=True)
class Learned:
    """How a candidate does on validation samples after a training of so many steps."""

    accuracy: float
    loss: float
    steps: int
    file: str | None = None


@dataclass(frozen=True)
class Short:
    """Some hundred steps of SGD at the cheap scale, from generated weights where there is a hypernetwork, else from
    first ones; the data is the same for all, one thread, or the device."""

    space: Space
    data: Dataset
    ghn: GHN | None
    steps: int
    seed: int
    device: str = "cpu"
    budgets: Budgets | None = None
    full: Space | None = None

    def __call__(self, line: str) -> Learned:
        """Raises `DivergedError`."""
        graph = self.space.build(read_line(line))
        device = alone(self.device).device
        with threads(1):
            with torch.no_grad():
                weights = initial_weights(graph, self.seed) if self.ghn is None else self.ghn(graph)
            batches = Batches(self.data.train, SHORT_BATCH, "none", derived(self.seed, "short"))
            given = (batches[step].mapped(lambda tensor: tensor.to(device)) for step in range(self.steps))
            there = {path: tensor.to(device) for path, tensor in weights.items()}
            (*_, (_, learned)) = descend(graph, there, given, self.steps, SHORT_RATE)
            here = {path: tensor.cpu() for path, tensor in learned.items()}
            found = self._score(line, graph, here)
        return _checked(Learned(found.accuracy, found.loss, self.steps))

    def _score(self, line: str, graph: Graph, weights: Mapping[str, torch.Tensor]) -> Metrics:
        if self.budgets is None or self.full is None:
            return score(graph, weights, self.data, self.data.validation)
        whole = self.full.build(read_line(line))
        return between(graph, calibrated(graph, weights, self.data.train), self.data.validation, self.budgets, whole)


@dataclass(frozen=True)
class Learning:
    """The training of a network from scratch, and how it does on validation samples, as each of those who do it
    together does it."""

    graph: Graph
    data: Dataset
    settings: Settings
    seed: int
    checkpoint: Path
    budgets: Budgets | None = None

    def __call__(self, together: Team, progress: Progress) -> tuple[Trained, Metrics]:
        """Goes on where the checkpoint was left; one that is damaged is begun anew. Errors: as `train`."""
        trained = self._trained(self._with_cores(together), progress)
        testing = Testing(self.graph, trained.weights, self.data.validation, self.budgets)
        return trained, testing(together, silent)

    def _with_cores(self, together: Team) -> Team:
        """A network that does not keep all cores busy takes one, whether others are trained beside it or not: what more
        of them add up differs in the last bits."""
        is_whole = together.device.type != "cpu" or fills(self.graph, self.settings.batch_size)
        return together if together.size > 1 or is_whole else replace(together, beside=available())

    def _trained(self, together: Team, progress: Progress) -> Trained:
        if self.checkpoint.is_file():
            try:
                return self._passes(together, progress, self.checkpoint)
            except CompileError as error:
                if error.diagnostics[0].code != "G410":
                    raise
        return self._passes(together, progress, None)

    def _passes(self, together: Team, progress: Progress, resume: Path | None) -> Trained:
        return train(
            self.graph,
            self.data,
            self.settings,
            self.seed,
            together=together,
            checkpoint=self.checkpoint,
            resume=resume,
            progress=progress,
        )


@dataclass(frozen=True)
class Testing:
    """How a network does on some samples, by its main output, or at a budget between two."""

    graph: Graph
    weights: Mapping[str, torch.Tensor]
    split: Split
    budgets: Budgets | None = None

    def __call__(self, together: Team, progress: Progress) -> Metrics:
        """On the device of whoever does it."""
        del progress
        if self.budgets is not None:
            return between(self.graph, self.weights, self.split, self.budgets, device=together.device)
        return evaluate(self.graph, self.weights, self.split, device=together.device)


@dataclass(frozen=True)
class Full:
    """Training from scratch at full scale, by this process or several others together; a text, and weights for each
    seed, go into a folder, and a training that is broken off goes on after its last whole pass. How far it is stands in
    a file, as of the session."""

    space: Space
    data: Dataset
    plan: Plan
    folder: Path
    processes: int = 1
    session: float = 0.0

    def __call__(self, line: str, number: int) -> Learned:
        """The training of this number. Raises `DivergedError`."""
        candidate = read_line(line)
        graph, place = self.space.build(candidate), self.space.number(candidate)
        path = weights_of(self.folder, place, number)
        kept = path.with_suffix(".training.safetensors")
        text = f"{heading(self.space, place, candidate)}\n{format_graph(graph)}"
        write_atomically(self.folder / f"{RunFolder.stem(place)}.arch", text.encode())
        seed = seed_of(self.plan.seed, line, number)
        learning = Learning(graph, self.data, self.plan.final, seed, kept, self.plan.budgets)
        telling = self._telling(place, number)
        if not kept.is_file():
            telling(0, self.plan.final.epochs, "")
        if self.processes > 1:
            trained, found = gathered(learning, self.processes, self.plan.device, telling)
        else:
            trained, found = learning(alone(self.plan.device), telling)
        if trained.diverged:
            kept.unlink()
            raise DivergedError("the loss was no longer a number")
        save_weights(path, trained.weights, graph)
        kept.unlink(missing_ok=True)
        return _checked(Learned(found.accuracy, found.loss, len(trained.history), path.name))

    def _telling(self, candidate: int, number: int) -> Telling:
        """Tells the passes of a training."""
        name = RunFolder.stem(candidate)
        title = f"{name}, seed {number + 1}" if self.plan.seeds > 1 else name
        return Telling(passes_of(self.folder, candidate, number), Stage(f"{name}.{number + 1}", title), self.session)


def seed_of(seed: int, line: str, number: int) -> int:
    """The seed of one of a candidate's trainings."""
    return derived(seed, "final", line, *([number] if number else []))


def weights_of(folder: Path, candidate: int, number: int | None = None) -> Path:
    """The weights of one of a candidate's trainings, or those that are kept of all."""
    stem = RunFolder.stem(candidate)
    return folder / (f"{stem}.safetensors" if number is None else f"{stem}.{number + 1}.safetensors")


def passes_of(folder: Path, candidate: int, number: int) -> Path:
    """The file that says how far one of a candidate's trainings is."""
    return weights_of(folder, candidate, number).with_suffix(RunFolder.PROGRESS)


def keep_best(folder: Path, candidate: int, number: int) -> None:
    """Makes one training's weights those of the candidate."""
    new = weights_of(folder, candidate).with_suffix(".new")
    shutil.copyfile(weights_of(folder, candidate, number), new)
    os.replace(new, weights_of(folder, candidate))


def _checked(found: Learned) -> Learned:
    if not math.isfinite(found.loss):
        raise DivergedError("the loss on validation samples is no number")
    return found
