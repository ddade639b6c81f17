"""A run's folder goes in; how far the run is, as anybody may look at it while it is written, comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.counts import Counts
from ghndsl.search.folder import RunFolder
from ghndsl.search.leading import leader
from ghndsl.search.store import Reading, Status, Store, runs_in
from ghndsl.search.telling import looked_at
from ghndsl.stages import LATEST, Stage


@dataclass(frozen=True)
class RunState:
    """How far a run is: `scored` and `failed` of so many `candidates`, `trained` and `trainings_failed` of so many
    `trainings`, as many as were asked for until it is known how many there are; `rate` is in candidates a second,
    `left` in seconds until all are scored. `best` is the winner's line once there is one, else that of the best so far.
    `value` is its `metric` on test samples, or what it is the best by: a measure of the name `metric`, None for what
    the algorithm was told. `stages` are all that the search does, in order; where nobody writes the run, as far as what
    is kept of them."""

    run: Path
    space: str
    data: str
    status: Status
    begun: float
    candidates: int
    scored: int
    failed: int
    repeats: int
    trainings: int
    trained: int
    trainings_failed: int
    rate: float | None = None
    left: float | None = None
    best: str | None = None
    value: float | None = None
    metric: str | None = None
    stages: tuple[Stage, ...] = ()

    def to_json(self) -> dict[str, object]:
        """All of it."""
        return {**vars(self), "run": str(self.run), "stages": [one.to_json() for one in self.stages]}


def state_of(folder: Path) -> RunState:
    """The state of the run in a folder. Errors: G601, G604, G609, G007 of the store."""
    with Store.read(folder) as store, store.snapshot():
        counts, times, best = Counts.of(store), store.latest(LATEST), _best(folder, store)
        stages = _stages(counts, RunFolder(folder))
    run, found = counts.run, counts.summary
    candidates = next((one.total for one in stages if one.name == "score"), counts.candidates)
    waiting = max(0, candidates - found.queries)
    rate = _rate(times, run.begun) if run.status == "running" and waiting else None
    return RunState(
        folder,
        run.asked.space,
        run.asked.data,
        run.status,
        run.created,
        candidates,
        found.done,
        found.failed,
        found.repeats,
        counts.trainings,
        counts.trained("full", "done"),
        counts.trained("full", "failed"),
        rate,
        waiting / rate if rate else None,
        *best,
        stages,
    )


def states_in(folder: Path, refused: Callable[[CompileError], None]) -> list[RunState]:
    """Those of the runs that are a folder, or lie in it, the latest first; `refused` hears of each that cannot be read.

    Errors: G601 where there is no folder.
    """
    if not folder.is_dir():
        raise CompileError(Diagnostic("G601", f"there is no folder {folder}"))
    found: list[RunState] = []
    for one in runs_in(folder):
        try:
            found.append(state_of(one))
        except CompileError as error:
            refused(error)
    return sorted(found, key=lambda one: -one.begun)


def _stages(counts: Counts, folder: RunFolder) -> tuple[Stage, ...]:
    """All stages as far as they are kept; of a search that goes on also what it tells of them."""
    # Read after the store: a training that ends meanwhile is in neither, and in none twice.
    told, run = looked_at(folder), counts.run
    if told is None:
        return tuple(map(counts.filled, counts.asked))
    if run.status != "running" or told.session != run.begun:
        return tuple(counts.filled(Stage(one.name, one.title, total=one.total)) for one in told.stages)
    return tuple(_joined(one, counts.filled(one)) for one in told.stages)


def _joined(told: Stage, kept: Stage) -> Stage:
    """What is told of a stage, with what is kept of it: that is known at once, and told of a second later."""
    done = max(told.done, kept.done)
    return replace(told, done=done, total=max(done, min(told.total, kept.total)))


def _rate(times: Sequence[float], begun: float) -> float | None:
    """Results a second, from the times of the latest, the last first: of those since the session began."""
    mine = [time for time in times if time >= begun]
    return (len(mine) - 1) / (mine[0] - mine[-1]) if len(mine) > 1 and mine[0] > mine[-1] else None


def _best(folder: Path, store: Reading) -> tuple[str | None, float | None, str | None]:
    """The winner and its accuracy, or who leads so far, and by what."""
    results = RunFolder(folder)
    if results.has_results:
        found = results.results()
        best = cast("dict[str, object]", found["best"])
        return str(best["line"]), cast("float", best["accuracy"]), str(found["metric"])
    first = leader(store)
    return (None, None, None) if first is None else (first.line, first.value, first.name)
