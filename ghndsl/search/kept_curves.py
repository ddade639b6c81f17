"""A run's folder goes in; what is kept of its curves, those of its rivals included, comes out, for whoever compares."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import TypeAlias, cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.folder import RESULTS, RunFolder

Row: TypeAlias = Mapping[str, object]
_WRONG = (LookupError, TypeError, ValueError, AttributeError)
"""What reading raises where a file holds something else."""


@dataclass(frozen=True)
class Stop:
    """An exit or output, or a mean budget: the multiply-adds a sample that it takes, the metric on test samples, the
    mean over seeds, and its deviation."""

    name: str
    macs: float
    accuracy: float
    spread: float


@dataclass(frozen=True)
class Standing:
    """A network between budgets: the area under its curve, the curve, and what mean budgets buy."""

    name: str
    role: str
    params: int | None
    area: float
    spread: float
    seeds: int
    stops: tuple[Stop, ...]
    batches: tuple[Stop, ...]

    def at(self, budget: float) -> float | None:
        """The metric of the last answer that a budget allows; None where it allows none."""
        known = [stop.accuracy for stop in self.stops if stop.macs <= budget]
        return known[-1] if known else None


@dataclass(frozen=True)
class Standings:
    """Those of the winner, of the controls and of the rivals of a run."""

    budgets: tuple[float, float]
    winner: Standing
    controls: tuple[Standing, ...]
    rivals: tuple[Standing, ...]

    @property
    def mean(self) -> Standing | None:
        """That of a control in the mean, at the multiply-adds of the winner's exits; its deviation is that among the
        controls. What has no answer counts as 0."""
        if not self.controls:
            return None
        name, areas = f"random, mean of {len(self.controls)}", [one.area for one in self.controls]
        stops = tuple(
            Stop(stop.name, stop.macs, *_mean([one.at(stop.macs) or 0.0 for one in self.controls]))
            for stop in self.winner.stops
        )
        return Standing(name, "mean", None, *_mean(areas), len(areas), stops, ())


def standings(folder: RunFolder) -> Standings | None:
    """Those of a run that judges networks between budgets and has come to its end; None of another.

    Errors: G601 for a file that holds something else.
    """
    results = folder.results() if folder.has_results else {}
    anytime = cast("Row | None", results.get("anytime"))
    if anytime is None:
        return None
    try:
        finalists = cast("Sequence[Row]", results["finalists"])
        params = {str(one["line"]): cast("int", one["params"]) for one in finalists}
        budgets, found = read_curves(anytime, params)
        winner = next(one for one in found if one.role == "winner")
    except (*_WRONG, StopIteration):
        raise _damaged(folder.path / RESULTS, "`search --resume` writes it anew") from None
    controls = tuple(one for one in found if one.role == "control")
    return Standings(budgets, winner, controls, _rivals(folder))


def read_curves(anytime: Row, params: Mapping[str, int]) -> tuple[tuple[float, float], list[Standing]]:
    """The budgets and the curves that a search found; `params` by line. Raises one of `_WRONG` where they are none."""
    low, high = map(_number, cast("Sequence[object]", anytime["budgets"]))
    curves = cast("Sequence[Row]", anytime["curves"])
    return (low, high), [_standing(one, params.get(str(one["line"]))) for one in curves]


def rival_records(folder: RunFolder) -> list[tuple[Path, Row]]:
    """What is kept of each rival, by name. Errors: G601 for a file that holds something else."""
    found: list[tuple[Path, Row]] = []
    for path in sorted(folder.rivals.glob("*.json")):
        try:
            record: object = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            record = None
        if not isinstance(record, Mapping):
            raise _no_rival(path)
        found.append((path, cast("Row", record)))
    return found


def _rivals(folder: RunFolder) -> tuple[Standing, ...]:
    found: list[Standing] = []
    for path, record in rival_records(folder):
        try:
            found.append(_standing(record, cast("int", record["params"])))
        except _WRONG:
            raise _no_rival(path) from None
    return tuple(found)


def _standing(row: Row, params: int | None) -> Standing:
    """Raises one of `_WRONG` where it is none."""
    points, seeds = cast("Sequence[Row]", row["points"]), cast("Sequence[Row]", row["seeds"])
    stops = [
        Stop(str(one["name"]), _number(one["macs"]), _number(one["accuracy"]), _number(one["spread"])) for one in points
    ]
    if not stops:
        raise ValueError("a curve has a point")
    return Standing(
        str(row["name"]),
        str(row["role"]),
        params,
        _number(row["area"]),
        _number(row["spread"]),
        len(seeds),
        tuple(stops),
        tuple(_bought([cast("Sequence[Row]", one["batches"]) for one in seeds])),
    )


def _bought(seeds: Sequence[Sequence[Row]]) -> list[Stop]:
    """What each mean budget buys: the means over seeds of what is spent and of the metric."""
    found: list[Stop] = []
    for alike in zip(*seeds, strict=True):
        mean, deviation = _mean([_number(one["accuracy"]) for one in alike])
        budget, spent = _number(alike[0]["budget"]), fmean(_number(one["macs"]) for one in alike)
        found.append(Stop(f"{budget:.0f}", spent, mean, deviation))
    return found


def _mean(values: Sequence[float]) -> tuple[float, float]:
    return fmean(values), stdev(values) if len(values) > 1 else 0.0


def _number(value: object) -> float:
    return float(cast("float", value))


def _no_rival(path: Path) -> CompileError:
    return _damaged(path, "remove it, and train the rival again by `ghndsl rival`")


def _damaged(path: Path, help_: str) -> CompileError:
    return CompileError(Diagnostic("G601", f"{path} is damaged", help=help_))
