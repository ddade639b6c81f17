"""How a network with exits does goes in; what is printed of it, and what JSON has, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ghndsl.cli.output import say, table

if TYPE_CHECKING:
    from ghndsl.passes.facts import Exit
    from ghndsl.search.kept_curves import Standing
    from ghndsl.training import Metrics
    from ghndsl.training.anytime import Judged


def with_exits(reached: Sequence[Exit], metrics: Mapping[str, Metrics], judged: Judged | None) -> dict[str, object]:
    """The keys of JSON: each exit, and what lies between the budgets if there are any."""
    exits = [
        {"name": one.name, "params": one.params, "macs": one.macs, **asdict(metrics[one.name])}
        for one in reached
        if one.is_exit
    ]
    if judged is None:
        return {"exits": exits}
    return {"exits": exits, "area": judged.area, "batches": [asdict(one) for one in judged.batches]}


def print_exits(reached: Sequence[Exit], metrics: Mapping[str, Metrics], judged: Judged | None) -> None:
    """A table of exits, the area under their curve, and a table of budgeted batches."""
    from ghndsl.data import figure

    metric = metrics[reached[-1].name].metric
    rows = [
        (one.name, one.params, one.macs, figure(metric, metrics[one.name].accuracy), f"{metrics[one.name].loss:.3f}")
        for one in reached
    ]
    table("Each answer alone", ("exit or output", "params", "MACs", metric, "loss"), rows, left=("exit or output",))
    if judged is None:
        return
    say(f"area under the curve between the budgets: mean {metric} {figure(metric, judged.area)}")
    if judged.batches:
        _print_batches(judged)


def _print_batches(judged: Judged) -> None:
    """What mean budgets buy where easy samples leave early."""
    from ghndsl.training.anytime.budgets import short

    names = [*judged.batches[0].shares]
    rows = [
        (
            short(one.budget),
            short(one.macs),
            f"{one.accuracy:.2%}",
            " ".join(f"{one.shares[name]:.0%}" for name in names),
        )
        for one in judged.batches
    ]
    title = "Easy samples leave early, at thresholds set on validation samples"
    table(title, ("mean budget", "MACs spent", "accuracy", f"leaving at {', '.join(names)}"), rows, left=())


def print_curves(found: Mapping[str, object], metric: str) -> None:
    """The curves of a search on test samples."""
    from ghndsl.search.kept_curves import read_curves

    print_standings(*read_curves(found, {}), metric)


def print_standings(budgets: tuple[float, float], standings: Sequence[Standing], metric: str) -> None:
    """What each network reaches at its exits on test samples, and the area between the budgets."""
    from ghndsl.data import figure
    from ghndsl.training.anytime import Budgets
    from ghndsl.training.anytime.budgets import short

    rows: list[tuple[object, ...]] = []
    for one in standings:
        words = figure(metric, one.area) + (f" ±{figure(metric, one.spread)}" if one.spread else "")
        path = " ".join(f"{short(stop.macs)}: {figure(metric, stop.accuracy, 1)}" for stop in one.stops)
        rows.append((one.name, words, path))
    columns = ("network", metric, "at MACs")
    table(f"Test samples, at budgets of {Budgets(*budgets)} MACs", columns, rows, left=("network", "at MACs"))
