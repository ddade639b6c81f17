"""A run's folder goes in; how far the run is, as anybody may look at it while it is written, comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.folder import RunFolder
from ghndsl.search.store import Reading, Status, Store, runs_in

_LATEST = 50
"""Results whose times say how fast it goes."""


@dataclass(frozen=True)
class RunState:
    """How far a run is: `scored` and `failed` of so many `candidates`, `trained` of so many trainings; `rate` is in
    candidates a second, `left` in seconds until all are scored. `best` is the winner's line once there is one, else
    that of the best value so far, and `value` its `metric` on test samples, or that value."""

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
    rate: float | None = None
    left: float | None = None
    best: str | None = None
    value: float | None = None
    metric: str | None = None

    def to_json(self) -> dict[str, object]:
        """All of it."""
        return {**vars(self), "run": str(self.run)}


def state_of(folder: Path) -> RunState:
    """The state of the run in a folder. Errors: G601, G604, G609, G007 of the store."""
    with Store.read(folder) as store, store.snapshot():
        run, found, rungs = store.run(), store.summary(), store.rungs()
        plan = run.asked.plan
        candidates = _number(plan, "candidates")
        full = [one for one in rungs if one.rung == "full"]
        rate = _rate(store) if run.status == "running" else None
        best, value, metric = _best(folder, store)
    waiting = max(0, candidates - found.queries)
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
        (_number(plan, "finalists") + _number(plan, "controls")) * max(1, _number(plan, "seeds")),
        len(full),
        rate,
        waiting / rate if rate and waiting else None,
        best,
        value,
        metric,
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


def _number(plan: object, name: str) -> int:
    value = cast("dict[str, object]", plan).get(name)
    return value if isinstance(value, int) else 0


def _rate(store: Reading) -> float | None:
    times = store.latest(_LATEST)
    return (len(times) - 1) / (times[0] - times[-1]) if len(times) > 1 and times[0] > times[-1] else None


def _best(folder: Path, store: Reading) -> tuple[str | None, float | None, str | None]:
    """The winner and its accuracy, or the best so far, and the first of its values."""
    results = RunFolder(folder)
    if results.has_results:
        found = results.results()
        best = cast("dict[str, object]", found["best"])
        return str(best["line"]), cast("float", best["accuracy"]), str(found["metric"])
    told = store.best_told()
    return (None, None, None) if told is None else (told.line, (told.values or (None,))[0], None)
