"""A run that is done and a network that it did not find go in; the network, trained and judged as the run's finalists
were, lies beside them then."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ghndsl.data import Dataset, check_fit, fingerprint, fitted
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.files import check_writable
from ghndsl.ir import Graph
from ghndsl.search.curves import Curves, judge
from ghndsl.search.engines import gpus
from ghndsl.search.final import final_plan
from ghndsl.search.folder import RunFolder
from ghndsl.search.gathering import gathered
from ghndsl.search.plan import Plan
from ghndsl.search.rival_files import RivalFiles
from ghndsl.search.store import Asked, Store, check_same
from ghndsl.search.titles import TITLES
from ghndsl.search.training import Learning, Testing, seed_of
from ghndsl.training import Metrics, Trained, spread
from ghndsl.training.anytime import answers, check_within
from ghndsl.training.progress import Watch, silent
from ghndsl.training.team import check_device

_NAME = re.compile(r"\w[\w-]{0,63}")


@dataclass(frozen=True)
class Rival:
    """A network under the name that its files have; `address` and `settings`, its parameters, say where it is from.

    Its seeds depend on what it computes, wherever that is written, or on a `key` of its own.
    """

    graph: Graph
    name: str
    address: str
    settings: Mapping[str, str]
    key: str = ""

    def __post_init__(self) -> None:
        if self.name == "winner":
            raise ValueError("`winner` is what the search found")
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"`{self.name}` is no name: letters, digits, `_` and `-`, 64 of them at most")


@dataclass(frozen=True)
class Course:
    """What the finalists of a run went through: the plan of the last rung, and how many trainings it had."""

    folder: RunFolder
    asked: Asked
    plan: Plan
    trainings: int

    @classmethod
    def of(cls, run: Path, device: str | None = None) -> Course:
        """That of a run that is done; on another device, if one is given.

        Errors: G601, G604, G609 and G007 of the folder, G602 for settings of another version, G603 for a run that is
        not done, G412 for a device that is not there.
        """
        with Store.read(run) as store, store.snapshot():
            kept, trainings = store.run(), sum(one.rung == "full" for one in store.rungs())
        if kept.status != "done" or not RunFolder(run).has_results:
            help_ = f"`ghndsl search ... -o {run} --resume` goes on with it"
            raise CompileError(Diagnostic("G603", f"{run} has no winner yet", help=help_))
        plan = final_plan(run, kept.asked)
        plan = replace(plan, device=device or plan.device)
        check_device(plan.device)
        count = 1 if plan.device == "cpu" else min(plan.processes, max(1, len(gpus())))
        return cls(RunFolder(run), kept.asked, replace(plan, processes=count), trainings)

    def files(self, rival: Rival) -> RivalFiles:
        """Where what is found of a rival lies."""
        return RivalFiles(self.folder.rivals, rival.name, self.plan.seeds)

    def check(self, graph: Graph, data: Dataset) -> None:
        """Refuses other samples than the run's, and a network that they, or the run's budgets, do not fit.

        Errors: G407, G602, G614, G615.
        """
        if (found := fingerprint(data)) != self.asked.fingerprint:
            check_same(self.folder.path, self.asked, replace(self.asked, data=data.name, fingerprint=found))
        check_fit(fitted(data, graph), graph)
        if self.plan.budgets is not None:
            check_within(self.plan.budgets, graph.name, [answers(graph).reached(graph)])


def train_rival(
    course: Course, rival: Rival, data: Dataset, watch: Watch, *, resume: bool = False
) -> dict[str, object]:
    """Trains a network from as many seeds and by the same settings as the finalists of a run, on the run's samples, as
    they were loaded, in the size that the network takes; returns what `RUN/rivals/NAME.json` holds then.

    What lies there by its name is replaced once all is done. `resume` goes on after the last whole pass.
    Errors: those of `Course.check`, G604 when another process trains one of its name, G602 when it is gone on with
    otherwise than it was begun, G613 when the loss was no number, G607 and G007.
    """
    course.check(rival.graph, data)
    files = course.files(rival)
    files.folder.mkdir(exist_ok=True)
    check_writable(files.results)
    with files.held():
        if not resume:
            files.forget()
        images = fitted(data, rival.graph)
        found = [*_trained(course, rival, images, files, watch)]
        record = {**_about(course, rival, found), **_tested(course, rival, images, [one for one, _ in found], watch)}
        best = max(range(len(found)), key=lambda number: (found[number][1].accuracy, -found[number][1].loss))
        files.keep(rival.graph, [one.weights for one, _ in found], best, record)
        files.forget()
    return record


def _trained(
    course: Course, rival: Rival, images: Dataset, files: RivalFiles, watch: Watch
) -> Iterator[tuple[Trained, Metrics]]:
    """The training from each seed, and how it does on validation samples."""
    plan = course.plan
    processes = plan.together(course.trainings, len(images.train))
    for number, kept in enumerate(files.checkpoints):
        seed = seed_of(plan.seed, rival.key or rival.graph.id, number)
        title = f"Training {rival.name}" + (f", seed {number + 1} of {plan.seeds}" if plan.seeds > 1 else "")
        learning = Learning(rival.graph, images, plan.final, seed, kept, plan.budgets)
        trained, found = gathered(learning, processes, plan.device, watch(title))
        if trained.diverged or not math.isfinite(found.loss):
            files.forget()
            message = f"`{rival.name}` could not be trained: the loss was no longer a number"
            raise CompileError(Diagnostic("G613", message))
        yield trained, found


def _about(course: Course, rival: Rival, found: Sequence[tuple[Trained, Metrics]]) -> dict[str, object]:
    """What it is, how it was trained, and how it does on validation samples."""
    graph, plan = rival.graph, course.plan
    mean, deviation = spread([one.accuracy for _, one in found])
    return {
        "name": rival.name,
        "role": "rival",
        "line": "",
        "address": rival.address,
        "settings": dict(rival.settings),
        "id": graph.id,
        "params": graph.params,
        "macs": graph.macs,
        "training": asdict(plan.final),
        "device": plan.device,
        "metric": found[0][1].metric,
        "validation_accuracy": mean,
        "validation_spread": deviation,
        "validation_loss": spread([one.loss for _, one in found])[0],
        "seconds": sum(one.seconds for one, _ in found),
    }


def _tested(
    course: Course, rival: Rival, images: Dataset, trained: Sequence[Trained], watch: Watch
) -> dict[str, object]:
    """How it does on test samples, which choose nothing: its curve where the run has budgets."""
    plan, graph = course.plan, rival.graph
    if plan.budgets is None:
        found = [gathered(Testing(graph, one.weights, images.test), 1, plan.device, silent) for one in trained]
        mean, deviation = spread([one.accuracy for one in found])
        loss, _ = spread([one.loss for one in found])
        seeds = [{"accuracy": one.accuracy, "loss": one.loss} for one in found]
        return {"accuracy": mean, "spread": deviation, "loss": loss, "seeds": seeds}
    progress = watch(TITLES["curves"])
    judged = []
    for count, one in enumerate(trained, start=1):
        judged.append(judge(graph, one.weights, images, plan, plan.budgets))
        progress(count, len(trained), "")
    return {"budgets": list(plan.budgets), **Curves(rival.name, "rival", "", tuple(judged)).to_json()}
