"""What a run holds of networks between budgets goes in; plots of them, a table, and what they come to in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ghndsl.search.kept_curves import Standing, Standings, Stop
from ghndsl.search.report.facts import Facts
from ghndsl.search.report.strokes import Mark, Role, Stroke, draw
from ghndsl.search.report.svg import Axis, short
from ghndsl.search.report.words import figure

_ROOM = 1.12
"""How far beyond the outermost points the axis of multiply-adds goes."""


@dataclass(frozen=True)
class Sheet:
    """A table with its heading, and a few words on it."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: str


def curves(facts: Facts) -> str:
    """The metric on test samples against multiply-adds: a line for each network, the last answer at any budget."""
    found = facts.standings
    if found is None:
        return ""
    strokes = _strokes(facts, found, {id(one): one.stops for one in _all(found)}, "{}: {} MACs")
    return _drawn(facts, found, strokes, "MACs a sample", "at any budget", is_stepped=True)


def batches(facts: Facts) -> str:
    """The mean metric against the mean multiply-adds spent where easy samples leave early."""
    found = facts.standings
    if found is None or not found.winner.batches:
        return ""
    strokes = _strokes(facts, found, {id(one): one.batches for one in _all(found)}, "mean budget {}: {} MACs spent")
    return _drawn(
        facts, found, strokes, "mean MACs spent on a sample", "where easy samples leave early", is_stepped=False
    )


def sheet(facts: Facts) -> Sheet | None:
    """The table under the plots; None where networks are not judged between budgets."""
    found = facts.standings
    if found is None:
        return None
    at = _budgets(found)
    head = [
        "network",
        "params",
        "MACs of the last answer",
        f"mean {facts.task_metric}",
        *(f"at {short(one)}" for one in at),
    ]
    mean = [] if found.mean is None else [found.mean]
    rows = [_row(facts, one, at) for one in (found.winner, *found.rivals, *mean, *found.controls)]
    return Sheet(head, rows, _words(facts, found))


def beside(facts: Facts) -> Sheet | None:
    """A table of the rivals of a run whose networks are judged by their main output; None where there are none."""
    best = cast("Mapping[str, float]", (facts.results or {}).get("best", {}))
    if facts.standings is not None or not facts.rivals or not best:
        return None
    metric = facts.metric
    validation = figure(metric, best["validation_accuracy"], best.get("validation_spread", 0.0))
    rows = [["winner", _count(best["params"]), _count(best["macs"]), validation, figure(metric, best["accuracy"])]]
    for one in cast("Sequence[Mapping[str, float]]", facts.rivals):
        validation = figure(metric, one["validation_accuracy"], one["validation_spread"])
        test = figure(metric, one["accuracy"], one["spread"])
        rows.append([str(one["name"]), _count(one["params"]), _count(one["macs"]), validation, test])
    return Sheet(["network", "params", "MACs", f"validation {metric}", f"test {metric}"], rows, "")


def _all(found: Standings) -> list[Standing]:
    return [found.winner, *found.rivals, *found.controls]


def _strokes(facts: Facts, found: Standings, points: Mapping[int, Sequence[Stop]], said: str) -> list[Stroke]:
    """A line for each network that has points."""
    numbers = {id(one): number for number, one in enumerate(found.rivals)}
    unit = facts.unit
    return [
        Stroke(
            one.name,
            cast("Role", one.role),
            [
                Mark(stop.macs, unit * stop.accuracy, unit * stop.spread, _tip(facts, one, stop, said))
                for stop in points[id(one)]
            ],
            numbers.get(id(one), 0),
        )
        for one in _all(found)
        if points[id(one)]
    ]


def _tip(facts: Facts, one: Standing, stop: Stop, said: str) -> str:
    value = figure(facts.task_metric, stop.accuracy, stop.spread)
    return f"{one.name}\n{said.format(stop.name, short(stop.macs))}, {facts.task_metric} {value}"


def _drawn(
    facts: Facts, found: Standings, strokes: Sequence[Stroke], cost: str, where: str, *, is_stepped: bool
) -> str:
    marks = [mark for one in strokes for mark in one.marks]
    costs = [*(mark.x for mark in marks), *found.budgets]
    x = Axis.of(cost, [max(min(costs), 1.0) / _ROOM, max(costs) * _ROOM])
    values = [mark.y + sign * mark.spread for mark in marks for sign in (-1, 1)]
    y = Axis.of(facts.in_units(f"{facts.task_metric} on test samples"), values, straight=True)
    return draw(f"The {facts.task_metric} on test samples {where}", x, y, strokes, found.budgets, is_stepped=is_stepped)


def _budgets(found: Standings) -> tuple[float, float, float]:
    """The least, one in the middle, as plots show it, and the most."""
    low, high = found.budgets
    middle = math.sqrt(low * high) if low > 0 and Axis.of("", [low, high]).is_log else (low + high) / 2
    return low, middle, high


def _row(facts: Facts, one: Standing, at: Sequence[float]) -> list[str]:
    is_mean = one.role == "mean"
    last = "" if is_mean else short(one.stops[-1].macs)
    values = [one.at(budget) for budget in at] if not is_mean else [_mean_at(facts, budget) for budget in at]
    shown = ["–" if value is None else figure(facts.task_metric, value) for value in values]
    params = "" if one.params is None else short(one.params)
    return [one.name, params, last, figure(facts.metric, one.area, one.spread), *shown]


def _mean_at(facts: Facts, budget: float) -> float | None:
    """The mean of the controls at a budget; none where none of them answers."""
    controls = () if facts.standings is None else facts.standings.controls
    values = [one.at(budget) for one in controls]
    known = [value for value in values if value is not None]
    return sum(known) / len(values) if known else None


def _words(facts: Facts, found: Standings) -> str:
    """Whether the winner is above each rival, and above the random ones in the mean."""
    winner, metric = found.winner, facts.metric
    others = [(one.name, one) for one in found.rivals]
    if found.mean is not None:
        others.append((f"the mean of {len(found.controls)} random candidates", found.mean))
    parts = [f"{_side(winner, one)} {name} ({figure(metric, one.area, one.spread)})" for name, one in others]
    low, high = (short(one) for one in found.budgets)
    first = f"At a budget between {low} and {high} MACs the winner has a mean {facts.task_metric} of "
    first += figure(metric, winner.area, winner.spread)
    words = first + (f": {', '.join(parts)}." if parts else ".")
    return f"{words} {_spreads(found)}".rstrip()


def _spreads(found: Standings) -> str:
    """What the numbers behind ± are, if there are any."""
    many, seeds = len(found.controls) > 1, found.winner.seeds
    if seeds == 1 and not many:
        return ""
    about = [f"over {seeds} seeds"] if seeds > 1 else []
    about += ["of the random ones among them"] if many else []
    return f"± is the standard deviation {', '.join(about)}; whether a difference is more than chance is not tested."


def _side(winner: Standing, other: Standing) -> str:
    if winner.area == other.area:
        return "level with"
    return "above" if winner.area > other.area else "below"


def _count(value: float | None) -> str:
    return "?" if value is None else short(value)
