"""The command `rank`, which puts candidates in order without training them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.bars import steps
from ghndsl.cli.output import emit, note, note_resized, say, table
from ghndsl.cli.scenes import scene

if TYPE_CHECKING:
    from ghndsl.ghn import Origin
    from ghndsl.search.rank import Ranking
    from ghndsl.space import Space


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(rank)


def rank(
    space: options.SpaceAddress,
    data: options.Data = "digits",
    ghn: options.GHNFile = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many candidates to draw.")] = 100,
    candidates: Annotated[
        Path | None, typer.Option("--candidates", metavar="F", help="Candidates to rank: a line or number a row.")
    ] = None,
    scorer: options.Scorer = "best",
    steps_: options.Steps = None,
    budgets: options.Budgets = None,
    sgd_steps: Annotated[int, typer.Option("--sgd-steps", min=1, help="Steps of each candidate for `sgd`.")] = 100,
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="F.csv", help="Known values: `line` or `number`, and `value`.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Rows to print.")] = 10,
    workers: options.Workers = None,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Ranks candidates without training them, and says how right the ranking is where the truth is known.

    Scorers that need a hypernetwork take that of `--ghn`, or train one. Examples:
    `ghndsl rank digits --ghn run/ghn.safetensors -n 200`,
    `ghndsl rank nasbench201 --data cifar10 --truth accuracies.csv --scorer ghn+params`,
    `ghndsl rank ghn_anytime --data cifar10 --budgets 10M..140M`.
    """
    from ghndsl.ghn import GHN
    from ghndsl.search.budgets import check_budgets, scorer_between
    from ghndsl.search.rank import pick, read_candidates, read_truth
    from ghndsl.search.rank import rank as ranked
    from ghndsl.search.scorers import Setting, prepare, scorer_name, uses_ghn
    from ghndsl.training.anytime import parse_budgets

    between = None if budgets is None else parse_budgets(budgets)
    scorer = scorer_between(scorer, between)
    scorer_name(scorer)
    found = scene(space, set_, limit, data, data_root, seed, download=download)
    scale, metric = found.scale, found.images.task.metric
    name = scorer_name(scorer, found.images)
    check_budgets(between, name, scale)
    # What can be refused is refused before anything is trained.
    chosen = None if candidates is None else read_candidates(candidates, found.space)
    known = None if truth is None else read_truth(truth, found.space)
    maker = GHN.load(ghn) if ghn is not None and uses_ghn(name) else None
    note_resized(found.images, scale.data)
    if maker is not None:
        _note_origin(maker.origin, found.space)
    note(f"scoring by {name} at {scale.description or 'the default scale'}")
    with steps() as begin:
        prepared = prepare(scorer, Setting(scale, seed, steps_, sgd_steps, maker, between, begin))
        picks = pick(scale.cheap, n, seed, chosen=chosen, truth=known, progress=begin("Drawing candidates"))
        ranking = ranked(scale, prepared, picks, seed, truth=known, workers=workers, watch=begin)
    keys = {**ranking.to_json(), "scorer": name, "metric": metric}
    emit(keys, as_json=as_json, show=lambda: _print_ranking(ranking, name, metric, top))


def _note_origin(origin: Origin, space: Space) -> None:
    """A remark when a hypernetwork has not learned from the space that it is to rank."""
    from ghndsl.search.teaching import has_learned

    if not has_learned(origin, space):
        other = f"`{origin.space}`" if origin.space != space.name else "another text of it"
        note(f"the hypernetwork learned from {other}, not from `{space.name}`")


def _print_ranking(ranking: Ranking, name: str, metric: str, top: int) -> None:
    from ghndsl.data import figure

    rows = [
        (
            place,
            one.number,
            f"{one.score:.4f}",
            figure(metric, one.measured["accuracy"], 1) if "accuracy" in one.measured else "",
            one.params,
            one.macs,
            "" if one.truth is None else f"{one.truth:g}",
        )
        for place, one in enumerate(ranking.candidates[:top], start=1)
    ]
    columns = ("rank", "number", "score", f"untrained {metric}", "params", "MACs", "truth")
    table(f"{len(ranking.candidates):,} candidates by {name}", columns, rows)
    for measure, estimate in ranking.agreement.items():
        by_params = ranking.params_agreement[measure]
        say(f"{measure} {estimate}; by params alone {by_params}")
