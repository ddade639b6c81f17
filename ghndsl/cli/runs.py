"""The commands that look at runs: `runs` lists them, `watch` shows how one goes on, `report` writes a page on it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.output import emit, note, say, table
from ghndsl.cli.stage_words import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ghndsl.search.state import RunState
    from ghndsl.stages import Stage


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(runs)
    app.command()(watch)
    app.command()(report)


def runs(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A run, or a folder of runs.")] = Path(),
    as_json: options.Json = False,
) -> None:
    """Lists the runs in a folder, the latest first: how far each is, and its best.

    A run that is `stopped` was killed; like one that was `interrupted`, it goes on with `search ... --resume`.
    Examples: `ghndsl runs`, `ghndsl runs experiments --json`.
    """
    from ghndsl.search.state import states_in

    found = states_in(folder, lambda error: note(error.diagnostics[0].message))
    emit({"runs": [one.to_json() for one in found]}, as_json=as_json, show=lambda: _print(folder, found))


def _print(folder: Path, found: list[RunState]) -> None:
    columns = ("run", "space", "data", "begun", "status", "scored", "trained", "best")
    rows = [
        (
            str(one.run),
            one.space,
            one.data,
            datetime.fromtimestamp(one.begun, UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
            one.status,
            _of(one.scored + one.failed, one.candidates),
            _of(one.trained + one.trainings_failed, one.trainings),
            _best(one),
        )
        for one in found
    ]
    table("" if rows else f"there is no run in {folder}", columns, rows, left=columns)


def _of(done: int, all_: int) -> str:
    return f"{done:,} of {all_:,}"


def _best(one: RunState) -> str:
    if one.value is None:
        return ""
    return f"{one.metric or 'value'} {one.value:.4f}"


def watch(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)],
    every: Annotated[float, typer.Option("--every", min=0.1, help="Seconds from look to look.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    as_json: options.Json = False,
) -> None:
    """Shows how a run goes on that another process writes, until it ends: each stage of it, from the training of the
    hypernetwork to the passes of the last trainings, how fast it goes, the time left, and the best so far.

    Bars in a terminal, elsewhere about ten lines a stage; `--once` and `--json` look once. Nothing is changed, and the
    run does not wait. Examples: `ghndsl watch run`, `ghndsl watch run --once`.
    """
    from ghndsl.cli.following import followed
    from ghndsl.search.state import state_of

    state = state_of(run)
    goes_on = state.status == "running" and not once and not as_json
    if goes_on:
        state = followed(run, state, every)
    emit(state.to_json(), as_json=as_json, show=lambda: _tell(state, () if goes_on else state.stages))


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="F.html", help="The page: RUN/report.html by default.", show_default=False
        ),
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--plots", metavar="DIR", help="Where to write the plots as SVG.", show_default=False)
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Writes one page of HTML on a run: the winner, whether scores can be trusted, fronts, what good ones share.

    The page needs nothing beside it. It can be written while the run goes on. Examples: `ghndsl report run`,
    `ghndsl report run -o page.html --plots figures`.
    """
    from ghndsl.files import write_atomically
    from ghndsl.search.report import facts, page, plots

    found = facts(run)
    path = output or run / "report.html"
    write_atomically(path, page(found).encode("utf-8", "backslashreplace"))
    written: list[str] = []
    if svg is not None:
        svg.mkdir(parents=True, exist_ok=True)
        for name, drawn in plots(found).items():
            write_atomically(svg / f"{name}.svg", drawn.encode())
            written.append(str(svg / f"{name}.svg"))
    emit(
        {"file": str(path), "plots": written},
        as_json=as_json,
        show=lambda: say(f"wrote {path}" + (f", and {len(written)} plots in {svg}" if svg is not None else "")),
    )


def _tell(state: RunState, stages: Sequence[Stage]) -> None:
    scored = _of(state.scored + state.failed, state.candidates)
    trained = _of(state.trained + state.trainings_failed, state.trainings)
    say(f"{state.run}: {state.space} on {state.data}, {state.status}; {scored} scored, {trained} trained")
    for stage in stages:
        say(f"{'>' if stage.is_under_way else ' '} {in_words(stage)}")
    if state.failed:
        note(f"{state.failed:,} candidates failed: the table `candidates` of run.sqlite says why")
    if state.trainings_failed:
        note(f"{state.trainings_failed:,} trainings failed: the table `rungs` of run.sqlite says why")
    if state.best is not None:
        say(f"{_best(state)}: {state.best}")
    if state.status in ("stopped", "interrupted"):
        say("`ghndsl search ... --resume` goes on with it")
