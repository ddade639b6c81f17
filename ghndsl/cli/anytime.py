"""How a network with exits does goes in; what is printed of it, and what JSON has, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from ghndsl.cli.output import say, table

if TYPE_CHECKING:
    from ghndsl.passes.facts import Exit
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
        print_batches(judged)


def print_batches(judged: Judged) -> None:
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
    """The curves of a search on test samples: what each network reaches at its exits, and the area."""
    from ghndsl.data import figure
    from ghndsl.training.anytime import Budgets
    from ghndsl.training.anytime.budgets import short

    budgets = Budgets(*cast("list[float]", found["budgets"]))
    rows: list[tuple[object, ...]] = []
    for curve in cast("list[dict[str, object]]", found["curves"]):
        points = cast("list[dict[str, float]]", curve["points"])
        area, spread = cast("float", curve["area"]), cast("float", curve["spread"])
        words = figure(metric, area) + (f" ±{figure(metric, spread)}" if spread else "")
        path = " ".join(f"{short(point['macs'])}: {figure(metric, point['accuracy'], 1)}" for point in points)
        rows.append((curve["name"], words, path))
    columns = ("network", metric, "at MACs")
    table(f"Test samples, at budgets of {budgets} MACs", columns, rows, left=("network", "at MACs"))
