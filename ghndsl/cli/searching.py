"""The commands that choose among candidates: rank, search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.output import emit, note, note_resized, say, steps, table
from ghndsl.cli.scenes import scene

if TYPE_CHECKING:
    from ghndsl.ghn import Origin
    from ghndsl.search.pipeline import Outcome
    from ghndsl.search.rank import Ranking
    from ghndsl.space import Space


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(rank)
    app.command()(search)


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
    `ghndsl rank nasbench201 --data cifar10 --truth accuracies.csv --scorer ghn+params`.
    """
    from ghndsl.ghn import GHN
    from ghndsl.search.rank import pick, read_candidates, read_truth
    from ghndsl.search.rank import rank as ranked
    from ghndsl.search.scorers import Setting, prepare, scorer_name, uses_ghn

    scorer_name(scorer)
    found = scene(space, set_, limit, data, data_root, seed, download=download)
    scale, metric = found.scale, found.images.task.metric
    name = scorer_name(scorer, found.images)
    # What can be refused is refused before anything is trained.
    chosen = None if candidates is None else read_candidates(candidates, found.space)
    known = None if truth is None else read_truth(truth, found.space)
    maker = GHN.load(ghn) if ghn is not None and uses_ghn(name) else None
    note_resized(found.images, scale.data)
    if maker is not None:
        _note_origin(maker.origin, found.space)
    note(f"scoring by {name} at {scale.description or 'the default scale'}")
    with steps() as begin:
        prepared = prepare(scorer, Setting(scale, seed, steps_, sgd_steps, maker, begin))
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


def search(
    space: options.SpaceAddress,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="RUN", help="The run's folder.")] = Path("run"),
    data: options.Data = "digits",
    candidates: Annotated[int, typer.Option("--candidates", min=1, help="Candidates to score.")] = 600,
    ghn_steps: options.GHNSteps = None,
    scorer: options.Scorer = "best",
    finalists: Annotated[int, typer.Option("--finalists", min=1, help="Best candidates to train from scratch.")] = 5,
    controls: Annotated[int, typer.Option("--controls", min=0, help="Random candidates to train alike.")] = 5,
    preset: Annotated[
        str, typer.Option("--preset", help="How to train them: `quick`, `standard` or `cifar`.")
    ] = "standard",
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="Passes, instead of the preset's.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    workers: options.Workers = None,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Finds a good architecture: trains a hypernetwork, scores candidates, trains the best, writes the winner.

    Ctrl-C keeps what was done, and `--resume` goes on. Examples: `ghndsl search digits -o run`,
    `ghndsl search space.nas --data images.npz --candidates 2000 -o run`.
    """
    from ghndsl.dags import in_words
    from ghndsl.ghn import GHNSettings
    from ghndsl.search.folder import ASKED
    from ghndsl.search.pipeline import Plan, to_json
    from ghndsl.search.pipeline import search as run
    from ghndsl.search.scorers import scorer_name
    from ghndsl.training import preset as named

    scorer_name(scorer)
    final = named(preset) if epochs is None else replace(named(preset), epochs=epochs)
    found = scene(space, set_, limit, data, data_root, seed, download=download)
    name = scorer_name(scorer, found.images)
    learning = GHNSettings(steps=ghn_steps or found.scale.steps)
    plan = Plan(candidates, finalists, controls, name, learning, final, seed)
    where = found.scale.description if found.scale.is_reduced else "full scale"
    note(f"{found.space.name}: {in_words(found.space.size)} candidates; training and scoring at {where}")
    note_resized(found.images, found.scale.data)
    try:
        with steps() as begin:
            outcome = run(found.space, found.images, output, plan, begin, resume=resume, workers=workers)
    except KeyboardInterrupt:
        if (output / ASKED).is_file():
            note(f"{output} holds what was done; `--resume` goes on with it")
        raise
    emit(to_json(outcome), as_json=as_json, show=lambda: _print_outcome(outcome))


def _print_outcome(outcome: Outcome) -> None:
    from ghndsl.data import figure

    metric = outcome.metric
    rows = [
        (
            one.place or "random",
            one.number,
            f"{one.score:.3f}",
            "" if one.predicted_accuracy is None else figure(metric, one.predicted_accuracy, 1),
            figure(metric, one.accuracy, 1),
            f"{one.loss:.4f}",
            one.params,
            one.macs,
        )
        for one in outcome.finalists
    ]
    columns = ("place", "number", "score", "untrained", "trained", "loss", "params", "MACs")
    table(f"Ranked by score, and trained from scratch ({metric} and loss on validation samples)", columns, rows)
    agreement = outcome.agreement["spearman"]
    say(f"rank correlation of score and trained {metric}: Spearman {agreement}")
    winner = outcome.winner
    say(f"winner: {winner.line}")
    say(
        f"test {metric} {figure(metric, outcome.test_accuracy)}, {winner.params:,} params, "
        f"{outcome.scored:,} candidates scored, {outcome.seconds:.0f} s"
    )
    say(f"wrote {outcome.run}/best.arch, .safetensors, .onnx and .svg")
