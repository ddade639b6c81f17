"""The command `rival`, which sets a network that a search did not find beside those it found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from ghndsl.cli import options
from ghndsl.cli.anytime import print_standings
from ghndsl.cli.bars import steps
from ghndsl.cli.networks import network
from ghndsl.cli.output import emit, note_resized, say, table
from ghndsl.cli.resuming import note_new, resumable

if TYPE_CHECKING:
    from ghndsl.ir import Graph
    from ghndsl.search.folder import RunFolder
    from ghndsl.search.rivals import Rival

RunPath: TypeAlias = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a run that is done.", show_default=False)
]
Name: TypeAlias = Annotated[
    str | None, typer.Option("--name", help="What it is called: by default as the network is.", show_default=False)
]
Data: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--data", help="The data that the run was begun with, where it lies elsewhere now.", show_default=False
    ),
]
Device: TypeAlias = Annotated[
    options.Processor | None, typer.Option("--device", help="What computes: the run's by default.", show_default=False)
]
Resume: TypeAlias = Annotated[
    bool, typer.Option("--resume", help="Go on after the last whole pass of an interrupted training.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(rival)


def rival(
    run: RunPath,
    net: options.Net,
    name: Name = None,
    data: Data = None,
    device: Device = None,
    resume: Resume = False,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Trains a network that a search did not find exactly as its finalists were, and keeps how it does beside them.

    Samples, settings, seeds and budgets are the run's; other samples are refused. `RUN/rivals` gets its results and
    weights, and `ghndsl report RUN` shows it. Examples:
    `ghndsl rival run msdnet --data cifar10 --data-root ~/data`,
    `ghndsl rival run resnet_exits --set width=8 --name narrow`, `ghndsl rival run mine.arch --resume`.
    """
    from ghndsl.data import fitted, load
    from ghndsl.search.rivals import Course, train_rival

    course = Course.of(run, None if device is None else device.value)
    entrant = _entrant(network(net, set_, limit), name, net, set_)
    given = data or course.asked.data
    loaded = load(given, data_root, course.plan.seed, download=download)
    note_resized(loaded, fitted(loaded, entrant.graph))
    kept = course.files(entrant).checkpoints[0]
    with resumable(kept, resume=resume), steps() as begin:
        note_new(kept, resume=resume)
        found = train_rival(course, entrant, loaded, begin, resume=resume)
    path = course.files(entrant).results
    emit({**found, "file": str(path)}, as_json=as_json, show=lambda: _print(course.folder, path, found))


def _entrant(graph: Graph, name: str | None, net: str, words: list[str] | None) -> Rival:
    """The network with its name; one that is no name is wrong usage."""
    from ghndsl.language.values import text
    from ghndsl.search.rivals import Rival
    from ghndsl.space.load import parse_settings

    settings = {key: text(value) for key, value in parse_settings(words or []).items()}
    try:
        return Rival(graph, graph.name if name is None else name, net, settings)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--name") from None


def _print(folder: RunFolder, path: Path, found: Mapping[str, object]) -> None:
    """The rival beside the winner and the mean of the controls."""
    from ghndsl.search.kept_curves import standings

    known, name, metric = standings(folder), str(found["name"]), str(found["metric"])
    if known is None:
        _print_beside(folder.results(), found)
    else:
        mine = [one for one in known.rivals if one.name == name]
        mean = [] if known.mean is None else [known.mean]
        print_standings(known.budgets, [known.winner, *mean, *mine], metric)
    say(f"wrote {path}, and its weights beside it")


def _print_beside(results: Mapping[str, object], found: Mapping[str, object]) -> None:
    """Where networks are judged by their main output."""
    from statistics import fmean

    from ghndsl.data import figure

    metric, best = str(results["metric"]), cast("Mapping[str, float]", results["best"])
    finalists = cast("list[dict[str, float]]", results["finalists"])
    controls = [one["accuracy"] for one in finalists if one["is_control"]]
    mine = cast("Mapping[str, float]", found)

    def shown(value: float, deviation: float | None = None) -> str:
        return figure(metric, value) + (f" ±{figure(metric, deviation)}" if deviation else "")

    validation = shown(best["validation_accuracy"], best.get("validation_spread"))
    rows: list[tuple[object, ...]] = [
        ("winner", best["params"], best["macs"], validation, figure(metric, best["accuracy"]))
    ]
    if controls:
        rows.append((f"random, mean of {len(controls)}", "", "", shown(fmean(controls)), ""))
    validation = shown(mine["validation_accuracy"], mine["validation_spread"])
    rows.append((found["name"], mine["params"], mine["macs"], validation, shown(mine["accuracy"], mine["spread"])))
    columns = ("network", "params", "MACs", f"validation {metric}", f"test {metric}")
    table("Trained alike", columns, rows, left=("network",))
