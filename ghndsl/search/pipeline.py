"""A space, data and a plan go in; a searched, trained and exported network, and the run's folder, come out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import cast

from ghndsl import __version__
from ghndsl.data import Dataset, check_fit
from ghndsl.files import write_atomically
from ghndsl.ghn import GHN, GHNSettings, Origin, train_ghn
from ghndsl.ir import Graph
from ghndsl.language import format_graph
from ghndsl.language.modules import Module
from ghndsl.language.values import text
from ghndsl.search.correlation import Estimate, correlations
from ghndsl.search.draw import distinct, training_sample
from ghndsl.search.findings import write_findings
from ghndsl.search.folder import RESULTS, SCORES, TRAINED, RunFolder
from ghndsl.search.scale import Scaled, scaled
from ghndsl.search.scorers import GHNScorer
from ghndsl.space import Space, read_line
from ghndsl.training import PRESETS, Settings, evaluate, load_weights, save_weights, train
from ghndsl.training.progress import Progress
from ghndsl.training.seeds import derived


@dataclass(frozen=True)
class Plan:
    """What a search is to do: train the hypernetwork, score `candidates`, train the `finalists` best from scratch.

    `controls` further candidates, drawn at random, are trained alike: they show whether the order can be trusted, and
    what choosing by chance would have given.
    """

    candidates: int = 600
    finalists: int = 5
    controls: int = 5
    ghn: GHNSettings = field(default_factory=lambda: GHNSettings(steps=1000))
    final: Settings = field(default_factory=lambda: PRESETS["standard"])
    seed: int = 0


@dataclass(frozen=True)
class Finalist:
    """A candidate that was trained: what was predicted of it, and how it does on validation images.

    `place` counts the chosen ones from the best; controls have none.
    """

    number: int
    line: str
    identity: str
    params: int
    macs: int | None
    predicted_accuracy: float
    predicted_loss: float
    accuracy: float
    loss: float
    is_control: bool
    place: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a search found. `test_accuracy` is the winner's on images that chose nothing."""

    winner: Finalist
    test_accuracy: float
    finalists: tuple[Finalist, ...]
    agreement: dict[str, Estimate]
    scored: int
    seconds: float
    seconds_by_step: dict[str, float]
    run: Path


Watch = Callable[[str], Progress]
"""Begins a step under a title and gives what to call as it goes."""


def search(space: Space, data: Dataset, out: Path, plan: Plan, watch: Watch, *, resume: bool = False) -> Outcome:
    """Runs a plan in a folder. The same seed gives the same findings; an interrupted run goes on with `resume`.

    Errors: G303 for a space without candidates, G407 when data and space do not fit, G601 and G602 of the folder.
    """
    scale = scaled(space, data)
    # Before the folder is made: what is refused leaves nothing behind.
    check_fit(scale.full_data, scale.full.build(scale.full.draw(random.Random(0))))
    folder = RunFolder(out)
    folder.begin(_asked(space, scale, data, plan), resume=resume)
    return _Search(scale, folder, plan, watch).run()


class _Search:
    """One run, step by step; each step leaves its results in the folder and is passed over when they are there."""

    def __init__(self, scale: Scaled, folder: RunFolder, plan: Plan, watch: Watch) -> None:
        self.scale = scale
        self.folder = folder
        self.plan = plan
        self.watch = watch
        self.seconds: dict[str, float] = {}

    def run(self) -> Outcome:
        started = time.perf_counter()
        with self._timed("train_ghn"):
            ghn = self._hypernetwork()
        with self._timed("score"):
            scores = self._scores(ghn)
        with self._timed("train"):
            finalists = _placed(self._train(*self._chosen(scores)))
        winner = finalists[0]
        graph = self._graph(winner.line)
        weights = load_weights(self._weights_path(winner.number), graph)
        tested = evaluate(graph, weights, self.scale.full_data.test)
        agreement = correlations([-one.predicted_loss for one in finalists], [one.accuracy for one in finalists])
        with self._timed("write"):
            write_findings(self.folder.path, graph, weights)
        seconds = time.perf_counter() - started
        outcome = Outcome(
            winner,
            tested.accuracy,
            tuple(finalists),
            agreement,
            len(scores),
            seconds,
            self.seconds,
            self.folder.path,
        )
        self.folder.write(RESULTS, to_json(outcome))
        return outcome

    @contextmanager
    def _timed(self, step: str) -> Generator[None]:
        started = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - started

    def _hypernetwork(self) -> GHN:
        """The hypernetwork, trained on candidates of the cheap scale; an unfinished training goes on."""
        path, settings = self.folder.hypernetwork, self.plan.ghn
        resume = path if path.is_file() else None
        if resume is not None:
            ghn = GHN.load(resume)
            if ghn.origin.steps >= settings.steps:
                return ghn
        sample = training_sample(self.scale.cheap, self.plan.seed)
        origin = Origin(self.scale.full.name, space_hash(self.scale.full))
        return train_ghn(
            sample,
            self.scale.data,
            settings,
            self.plan.seed,
            origin=origin,
            progress=self.watch("Training the hypernetwork"),
            checkpoint=path,
            resume=resume,
        ).ghn

    def _scores(self, ghn: GHN) -> list[dict[str, object]]:
        """Scores of distinct candidates, in the order in which they are drawn."""
        done = {str(row["line"]): row for row in self.folder.rows(SCORES)}
        scorer = GHNScorer(ghn, self.scale.data)
        progress = self.watch("Scoring candidates")
        rows: list[dict[str, object]] = []
        for drawn in islice(distinct(self.scale.cheap, self.plan.seed), self.plan.candidates):
            line = str(drawn.candidate)
            row = done.get(line)
            if row is None:
                found = scorer(drawn.graph)
                number = self.scale.cheap.number(drawn.candidate)
                known: dict[str, object] = {"number": number, "line": line, "id": drawn.identity}
                row = {**known, "score": found.score, **found.details}
                self.folder.append(SCORES, row)
            rows.append(row)
            best = max(cast("float", one["score"]) for one in rows)
            progress(len(rows), self.plan.candidates, f"best predicted loss {-best:.3f}")
        return rows

    def _chosen(self, scores: Sequence[dict[str, object]]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """The best by score, and the first drawn of the others: drawn at random, they are a fair sample."""
        best = sorted(scores, key=lambda row: (-cast("float", row["score"]), cast("int", row["number"])))
        chosen = best[: self.plan.finalists]
        taken = [row["line"] for row in chosen]
        return chosen, [row for row in scores if row["line"] not in taken][: self.plan.controls]

    def _train(self, chosen: list[dict[str, object]], controls: list[dict[str, object]]) -> list[Finalist]:
        done = {str(row["line"]): row for row in self.folder.rows(TRAINED)}
        progress = self.watch("Training the best from scratch")
        total = (len(chosen) + len(controls)) * self.plan.final.epochs
        finalists: list[Finalist] = []
        for place, row in enumerate([*chosen, *controls]):
            line = str(row["line"])
            if line not in done:
                before = place * self.plan.final.epochs
                done[line] = self._train_one(row, _shifted(progress, before, total))
                self.folder.append(TRAINED, done[line])
            finalists.append(_finalist(row, done[line], is_control=place >= len(chosen)))
            progress((place + 1) * self.plan.final.epochs, total, f"accuracy {finalists[-1].accuracy:.1%}")
        return finalists

    def _train_one(self, row: dict[str, object], progress: Progress) -> dict[str, object]:
        line = str(row["line"])
        graph, data = self._graph(line), self.scale.full_data
        started = time.process_time()
        trained = train(graph, data, self.plan.final, derived(self.plan.seed, "final", line), progress=progress)
        path = self._weights_path(cast("int", row["number"]))
        write_atomically(path.with_suffix(".arch"), format_graph(graph).encode())
        save_weights(path, trained.weights, graph)
        found = evaluate(graph, trained.weights, data.validation)
        measured = {"params": graph.params, "macs": graph.macs, "accuracy": found.accuracy, "loss": found.loss}
        return {"line": line, **measured, "seconds": trained.seconds, "cpu_seconds": time.process_time() - started}

    def _graph(self, line: str) -> Graph:
        return self.scale.full.build(read_line(line))

    def _weights_path(self, number: int) -> Path:
        self.folder.finalists.mkdir(exist_ok=True)
        return self.folder.finalists / f"{number}.safetensors"


def _shifted(progress: Progress, before: int, all_steps: int) -> Progress:
    """The progress of a part, `before` steps after the start of the whole."""

    def update(step: int, total: int, text: str) -> None:
        progress(before + step, all_steps, text)

    return update


def _placed(finalists: list[Finalist]) -> list[Finalist]:
    """The chosen ones, best first, with their places, then the controls."""
    order = sorted(finalists, key=lambda one: (one.is_control, 0 if one.is_control else -one.accuracy, one.loss))
    return [one if one.is_control else replace(one, place=place) for place, one in enumerate(order, start=1)]


def _finalist(scored: dict[str, object], trained: dict[str, object], *, is_control: bool) -> Finalist:
    return Finalist(
        cast("int", scored["number"]),
        str(scored["line"]),
        str(scored["id"]),
        cast("int", trained["params"]),
        cast("int | None", trained["macs"]),
        cast("float", scored["accuracy"]),
        cast("float", scored["loss"]),
        cast("float", trained["accuracy"]),
        cast("float", trained["loss"]),
        is_control,
    )


def _asked(space: Space, scale: Scaled, data: Dataset, plan: Plan) -> dict[str, object]:
    """What a run is begun with, and must be gone on with."""
    return {
        "space": space.name,
        "space_hash": space_hash(space),
        "settings": {name: text(value) for name, value in scale.full.settings.items()},
        "scored_at": {name: text(value) for name, value in scale.cheap.settings.items()},
        "data": data.name,
        "images": [len(data.train), len(data.validation), len(data.test)],
        "plan": asdict(plan),
        "ghndsl": __version__,
    }


def space_hash(space: Space) -> str:
    """The hash of a space's text and of all that it uses."""
    texts: dict[str, str] = {}

    def add(module: Module) -> None:
        if module.source.name not in texts:
            texts[module.source.name] = module.source.text
            for _, other in module.imported.values():
                add(other)

    add(space.module)
    return sha256("\0".join(texts.values()).encode()).hexdigest()[:16]


def to_json(outcome: Outcome) -> dict[str, object]:
    """The keys of the interface, and more."""
    winner = outcome.winner
    best = {"number": winner.number, "line": winner.line, "id": winner.identity, "params": winner.params}
    return {
        "best": {
            **best,
            "macs": winner.macs,
            "accuracy": outcome.test_accuracy,
            "validation_accuracy": winner.accuracy,
        },
        "scored": outcome.scored,
        "seconds": outcome.seconds,
        "seconds_by_step": outcome.seconds_by_step,
        "run": str(outcome.run),
        "finalists": [asdict(one) for one in outcome.finalists],
        **{name: estimate.to_json() for name, estimate in outcome.agreement.items()},
    }
