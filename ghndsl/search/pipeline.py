"""A space, data and a plan go in; a searched, trained and exported network, and the run's folder, come out."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import cast

from ghndsl import __version__
from ghndsl.data import Dataset, figure
from ghndsl.files import write_atomically
from ghndsl.ghn import GHN, GHNSettings, Origin, train_ghn
from ghndsl.ir import Graph
from ghndsl.language import format_graph
from ghndsl.language.values import text
from ghndsl.search.correlation import Estimate, correlations
from ghndsl.search.draw import Drawn, training_sample
from ghndsl.search.findings import write_findings
from ghndsl.search.folder import RESULTS, SCORES, TRAINED, RunFolder
from ghndsl.search.measure import complete, measure
from ghndsl.search.rank import pick
from ghndsl.search.scale import STEPS, Scaled, scaled
from ghndsl.search.scorers import Measured, Setting, prepare, scorer_name, scores, uses_ghn
from ghndsl.search.workers import each
from ghndsl.space import Space, read_line
from ghndsl.training import PRESETS, Settings, evaluate, load_weights, save_weights, train
from ghndsl.training.progress import Watch
from ghndsl.training.seeds import derived
from ghndsl.training.threads import available, worthwhile


@dataclass(frozen=True)
class Plan:
    """What a search is to do: train the hypernetwork, score `candidates` by `scorer`, train the `finalists` best from
    scratch.

    `controls` further candidates, drawn at random, are trained alike: they show whether the order can be trusted, and
    what choosing by chance would have given.
    """

    candidates: int = 600
    finalists: int = 5
    controls: int = 5
    scorer: str = "best"
    ghn: GHNSettings = field(default_factory=lambda: GHNSettings(steps=STEPS))
    final: Settings = field(default_factory=lambda: PRESETS["standard"])
    seed: int = 0


@dataclass(frozen=True)
class Finalist:
    """A candidate that was trained: its score, how it does with generated weights where that was measured, and how it
    does on validation samples: `accuracy` is the data's metric.

    `place` counts the chosen ones from the best; controls have none.
    """

    number: int
    line: str
    identity: str
    params: int
    macs: int | None
    score: float
    predicted_accuracy: float | None
    predicted_loss: float | None
    accuracy: float
    loss: float
    is_control: bool
    place: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a search found. `test_accuracy` is the winner's metric on samples that chose nothing."""

    winner: Finalist
    test_accuracy: float
    finalists: tuple[Finalist, ...]
    agreement: dict[str, Estimate]
    scored: int
    seconds: float
    seconds_by_step: dict[str, float]
    run: Path
    metric: str = "accuracy"


def search(
    space: Space,
    data: Dataset,
    out: Path,
    plan: Plan,
    watch: Watch,
    *,
    resume: bool = False,
    workers: int | None = 1,
) -> Outcome:
    """Runs a plan in a folder. The same seed gives the same findings, with any number of workers; an interrupted run
    goes on with `resume`.

    Errors: G303 for a space without candidates, G407 when data and space do not fit, G601 and G602 of the folder, G605
    of the scorer.
    """
    scale = scaled(space, data)
    plan = replace(plan, scorer=scorer_name(plan.scorer, data))
    # Before the folder is made: what is refused leaves nothing behind.
    scale.check_fit()
    folder = RunFolder(out)
    folder.begin(_asked(space, scale, data, plan), resume=resume)
    return _Search(scale, folder, plan, watch, workers).run()


class _Search:
    """One run, step by step; each step leaves its results in the folder and is passed over when they are there."""

    def __init__(self, scale: Scaled, folder: RunFolder, plan: Plan, watch: Watch, workers: int | None) -> None:
        self.scale = scale
        self.folder = folder
        self.plan = plan
        self.watch = watch
        self.workers = workers
        self.seconds: dict[str, float] = {}

    def run(self) -> Outcome:
        started = time.perf_counter()
        with self._timed("train_ghn"):
            ghn = self._hypernetwork() if uses_ghn(self.plan.scorer) else None
        with self._timed("score"):
            scored = self._scores(ghn)
        with self._timed("train"):
            finalists = _placed(self._train(*self._chosen(scored)))
        winner = finalists[0]
        graph = self._graph(winner.line)
        weights = load_weights(self._weights_path(winner.number), graph)
        tested = evaluate(graph, weights, self.scale.full_data.test)
        agreement = correlations([one.score for one in finalists], [one.accuracy for one in finalists])
        with self._timed("write"):
            write_findings(self.folder.path, graph, weights)
        seconds = time.perf_counter() - started
        outcome = Outcome(
            winner,
            tested.accuracy,
            tuple(finalists),
            agreement,
            len(scored),
            seconds,
            self.seconds,
            self.folder.path,
            tested.metric,
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
        origin = Origin(self.scale.full.name, self.scale.full.text_hash)
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

    def _scores(self, ghn: GHN | None) -> list[dict[str, object]]:
        """Distinct candidates in the order in which they are drawn, what was measured of them, and their scores."""
        picks = pick(self.scale.cheap, self.plan.candidates, self.plan.seed)
        done = {str(row["line"]): row for row in self.folder.rows(SCORES)}
        known = [_measured(done.get(str(drawn.candidate), {})) for drawn in picks]
        if not complete(self.plan.scorer, known):
            self._measure(ghn, picks, known, done)
        rows = [done[str(drawn.candidate)] for drawn in picks]
        found = scores(self.plan.scorer, [_measured(row) for row in rows])
        return [{**row, "score": score} for row, score in zip(rows, found, strict=True)]

    def _measure(
        self, ghn: GHN | None, picks: Sequence[Drawn], known: Sequence[Measured], done: dict[str, dict[str, object]]
    ) -> None:
        """Measures what is not known; each row is in the folder, and in `done`, as soon as it is there."""
        scorer = prepare(
            self.plan.scorer, Setting(self.scale, self.plan.seed, self.plan.ghn.steps, ghn=ghn, watch=self.watch)
        )
        candidates = [drawn.candidate for drawn in picks]
        with closing(
            measure(scorer, self.scale.full, candidates, dict(enumerate(known)), self.workers, self.watch)
        ) as found:
            for index, row in found:
                line, number = str(candidates[index]), self.scale.cheap.number(candidates[index])
                done[line] = {"number": number, "line": line, **asdict(row)}
                self.folder.append(SCORES, done[line])

    def _chosen(self, scores: Sequence[dict[str, object]]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """The best by score, and the first drawn of the others: drawn at random, they are a fair sample."""
        best = sorted(scores, key=lambda row: (-cast("float", row["score"]), cast("int", row["number"])))
        chosen = best[: self.plan.finalists]
        taken = [row["line"] for row in chosen]
        return chosen, [row for row in scores if row["line"] not in taken][: self.plan.controls]

    def _train(self, chosen: list[dict[str, object]], controls: list[dict[str, object]]) -> list[Finalist]:
        done = {str(row["line"]): row for row in self.folder.rows(TRAINED)}
        progress = self.watch("Training the best from scratch")
        both = [*chosen, *controls]
        new = [row for row in both if str(row["line"]) not in done]
        self.folder.finalists.mkdir(exist_ok=True)
        task = _Training(self.scale.full, self.scale.full_data, self.plan, self.folder.path)
        with closing(each(task, [str(row["line"]) for row in new], self._trainers(new))) as trained:
            for row in trained:
                done[str(row["line"])] = row
                self.folder.append(TRAINED, row)
                metric = self.scale.full_data.task.metric
                progress(len(done), len(both), f"{metric} {figure(metric, cast('float', row['accuracy']), 1)}")
        return [
            _finalist(row, done[str(row["line"])], is_control=place >= len(chosen)) for place, row in enumerate(both)
        ]

    def _trainers(self, rows: list[dict[str, object]]) -> int:
        """How many processes train: one where a network keeps all cores busy by itself."""
        costs = [cast("int | None", row["macs"]) for row in rows]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(costs) or worthwhile(max(known, default=0) * self.plan.final.batch_size) > 1:
            return 1
        return min(available() if self.workers is None else self.workers, len(rows))

    def _graph(self, line: str) -> Graph:
        return self.scale.full.build(read_line(line))

    def _weights_path(self, number: int) -> Path:
        return self.folder.finalists / f"{number}.safetensors"


@dataclass(frozen=True)
class _Training:
    """The task of training one candidate, by its line; its text and weights go into the run's folder."""

    space: Space
    data: Dataset
    plan: Plan
    run: Path

    def __call__(self, line: str) -> dict[str, object]:
        """What it came to."""
        candidate = read_line(line)
        graph = self.space.build(candidate)
        started, cpu = time.perf_counter(), time.process_time()
        trained = train(graph, self.data, self.plan.final, derived(self.plan.seed, "final", line))
        path = RunFolder(self.run).finalists / f"{self.space.number(candidate)}.safetensors"
        write_atomically(path.with_suffix(".arch"), format_graph(graph).encode())
        save_weights(path, trained.weights, graph)
        found = evaluate(graph, trained.weights, self.data.validation)
        measured = {"params": graph.params, "macs": graph.macs, "accuracy": found.accuracy, "loss": found.loss}
        spent = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
        return {"line": line, **measured, **spent}


def _measured(row: Mapping[str, object]) -> dict[str, float]:
    return cast("dict[str, float]", row.get("measured", {}))


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
        cast("float", scored["score"]),
        _measured(scored).get("accuracy"),
        _measured(scored).get("loss"),
        cast("float", trained["accuracy"]),
        cast("float", trained["loss"]),
        is_control,
    )


def _asked(space: Space, scale: Scaled, data: Dataset, plan: Plan) -> dict[str, object]:
    """What a run is begun with, and must be gone on with."""
    return {
        "space": space.name,
        "space_hash": space.text_hash,
        "settings": {name: text(value) for name, value in scale.full.settings.items()},
        "scored_at": {name: text(value) for name, value in scale.cheap.settings.items()},
        "looked_at": {name: text(value) for name, value in scale.deep.settings.items()},
        "data": data.name,
        "images": [len(data.train), len(data.validation), len(data.test)],
        "plan": asdict(plan),
        "ghndsl": __version__,
    }


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
        "metric": outcome.metric,
        "scored": outcome.scored,
        "seconds": outcome.seconds,
        "seconds_by_step": outcome.seconds_by_step,
        "run": str(outcome.run),
        "finalists": [asdict(one) for one in outcome.finalists],
        **{name: estimate.to_json() for name, estimate in outcome.agreement.items()},
    }
