"""A run's folder goes in; all that a report tells of it comes out, of one moment, whether the run has ended or not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, cast

from ghndsl.search.choosing import front
from ghndsl.search.correlation import WORST, Estimate, correlations
from ghndsl.search.folder import RunFolder
from ghndsl.search.kept_curves import Standings, rival_records, standings
from ghndsl.search.objectives import COUNTED, TIMED, Objective
from ghndsl.search.report.shared import Choice, choices
from ghndsl.search.store import Run, Rung, Store, Stored, Summary

Row: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class Trained:
    """A candidate that was trained from scratch: its accuracy on validation samples, the mean over seeds."""

    candidate: Stored
    accuracy: float
    loss: float
    seeds: int
    is_control: bool = False


@dataclass(frozen=True)
class Facts:
    """What a run holds. `done` are the candidates that were measured, in the order of proposals; `score` is the name of
    the number that orders them: the final score once there is one, else the first measured."""

    folder: Path
    run: Run
    summary: Summary
    done: Sequence[Stored]
    failed: Sequence[Stored]
    score: str
    goals: Sequence[Objective]
    trained: Sequence[Trained]
    rungs: Sequence[Rung]
    results: Row | None = None
    agreement: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    choices: Sequence[Choice] = ()
    picture: str = ""
    standings: Standings | None = None
    rivals: Sequence[Row] = ()

    @property
    def task_metric(self) -> str:
        """What the metric of one answer is called, where the run's is a mean over budgets."""
        return self.metric.removeprefix("anytime ")

    @property
    def unit(self) -> float:
        """What the metric is multiplied by where it is drawn: shares stand in per cent."""
        return 1.0 if self.metric.endswith("r2") else 100.0

    def in_units(self, title: str) -> str:
        """The title of an axis of a metric that is multiplied so."""
        return title if self.unit == 1 else f"{title}, %"

    @property
    def metric(self) -> str:
        """What the data's metric is called."""
        return str((self.results or {}).get("metric", self.run.asked.metric))

    @property
    def is_timed(self) -> bool:
        """Whether findings depend on times, which never come twice."""
        return any(goal.name in TIMED for goal in self.goals)

    @cached_property
    def scored(self) -> list[tuple[Stored, float]]:
        """The candidates whose score is known."""
        pairs = zip(self.done, self.column("score"), strict=True)
        return [(one, score) for one, score in pairs if score is not None]

    @cached_property
    def short(self) -> Mapping[int, float]:
        """The loss after short training of each candidate of the middle rung, by its place."""
        return {one.candidate: one.loss for one in self.rungs if one.rung == "short" and one.loss is not None}

    def column(self, name: str) -> list[float | None]:
        """A number of each candidate, by the name of an objective; while a run goes on, what it is ordered by so far
        stands for the score."""
        if name in COUNTED:
            return [getattr(one, name) for one in self.done]
        key = self.score if name == "score" else name
        return [_known(one.measures.get(key)) for one in self.done]

    def front(self, name: str) -> list[int]:
        """The places of those that no other is better than in both the score and another number."""
        known = {goal.name: goal for goal in self.goals}
        sign = -1 if known.get(name, Objective(name, is_least=True)).is_least else 1
        rows = zip(self.done, self.column("score"), self.column(name), strict=True)
        points = {
            one.place: (score, sign * value) for one, score, value in rows if score is not None and value is not None
        }
        return front(points)


def facts(folder: Path) -> Facts:
    """Reads a run. Errors: G601, G604, G609, G007 of the store."""
    with Store.read(folder) as store, store.snapshot():
        run, summary, rungs = store.run(), store.summary(), store.rungs()
        done, failed = store.candidates(state="done"), store.candidates(state="failed")
    found = RunFolder(folder)
    results = found.results() if found.has_results else None
    score = _score_of(done, run)
    trained = _trained(done, rungs, _controls(run, done, results))
    pairs = [(_known(one.candidate.measures.get(score)), one.accuracy) for one in trained]
    known = [(value, accuracy) for value, accuracy in pairs if value is not None]
    picture = folder / "best.svg"
    return Facts(
        folder,
        run,
        summary,
        done,
        failed,
        score,
        _goals(run),
        trained,
        rungs,
        results,
        correlations([value for value, _ in known], [accuracy for _, accuracy in known]),
        choices([(one.line, value) for one in done if (value := _known(one.measures.get(score))) is not None]),
        picture.read_text(encoding="utf-8") if results is not None and picture.is_file() else "",
        standings(found) if results is not None else None,
        [record for _, record in rival_records(found)],
    )


def _score_of(done: Sequence[Stored], run: Run) -> str:
    """The name of the number that orders candidates; while a run goes on, that of the scorer's first estimator."""
    if done and all("score" in one.measures for one in done):
        return "score"
    first = re.search(r"[a-z_]+", str(run.asked.plan.get("scorer", "")))
    return first.group() if first and done else "score"


def _known(value: float | None) -> float | None:
    """The number, or none where a candidate could not be measured."""
    return None if value is None or value <= WORST else value


def _goals(run: Run) -> list[Objective]:
    words = cast("list[str]", run.asked.plan.get("objectives", ["score"]))
    return [Objective(word.removeprefix("-"), is_least=word.startswith("-")) for word in words]


def _controls(run: Run, done: Sequence[Stored], results: Row | None) -> set[int]:
    """The places of the controls, as the run keeps them; one of an older version says so in its results alone."""
    if run.controls is not None:
        return {*run.controls}
    finalists = cast("list[Row]", (results or {}).get("finalists", []))
    lines = {one["line"] for one in finalists if one["is_control"]}
    return {one.place for one in done if one.line in lines}


def _trained(done: Sequence[Stored], rungs: Sequence[Rung], controls: set[int]) -> list[Trained]:
    """The trainings from scratch that are done, those of one candidate together, the best first; one that failed once
    does not count, as in the results."""
    full = [one for one in rungs if one.rung == "full"]
    failed = {one.candidate for one in full if one.state == "failed"}
    candidates = {one.place: one for one in done if one.place not in failed}
    found: dict[int, list[Rung]] = {}
    for rung in full:
        if rung.accuracy is not None and rung.candidate in candidates:
            found.setdefault(rung.candidate, []).append(rung)
    trained = [
        Trained(
            candidates[place],
            sum(one.accuracy or 0 for one in seeds) / len(seeds),
            sum(one.loss or 0 for one in seeds) / len(seeds),
            len(seeds),
            place in controls,
        )
        for place, seeds in found.items()
    ]
    return sorted(trained, key=lambda one: -one.accuracy)
