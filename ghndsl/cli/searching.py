"""The command `search`, from a space to the network that is best on the data."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options, recipes
from ghndsl.cli.anytime import print_curves
from ghndsl.cli.following import following
from ghndsl.cli.output import emit, note, note_resized, say, table
from ghndsl.cli.ranges import ranges
from ghndsl.cli.scenes import Scene, scene

if TYPE_CHECKING:
    from ghndsl.search.outcome import Outcome
    from ghndsl.training import Settings
    from ghndsl.training.anytime import Budgets


class Goals(StrEnum):
    """What networks are judged by."""

    ACCURACY = "accuracy"
    ANYTIME = "anytime"


Run: TypeAlias = Annotated[Path, typer.Option("-o", "--output", metavar="RUN", help="The run's folder.")]
Candidates: TypeAlias = Annotated[
    int | None, typer.Option("--candidates", min=1, help="Candidates to score: 600 by default.", show_default=False)
]
Finalists: TypeAlias = Annotated[
    int | None,
    typer.Option("--finalists", min=1, help="Best candidates to train from scratch: 5 by default.", show_default=False),
]
Rungs: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--rungs",
        metavar="N,M,K",
        help="Score N candidates, train the M best for a few hundred steps from generated weights, and the K best of "
        "these from scratch; instead of `--candidates` and `--finalists`.",
        show_default=False,
    ),
]
ShortSteps: TypeAlias = Annotated[int, typer.Option("--short-steps", min=1, help="Steps of the second of three rungs.")]
Algorithm: TypeAlias = Annotated[
    str,
    typer.Option(
        "--algorithm",
        help="What proposes candidates: `random`, `evolution`, `local`, `nsga2`, `all`, or `optuna:NAME` for a sampler "
        "of Optuna; with options as in `'evolution population=20'`.",
    ),
]
Maximize: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--maximize",
        metavar="NAME",
        help="What is to be large: `score` (the default), `params`, `macs`, `memory`, `latency` (of PyTorch), "
        "`latency_onnx` (of ONNX Runtime); repeatable.",
        show_default=False,
    ),
]
Minimize: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--minimize", metavar="NAME", help="What is to be small, likewise; repeatable.", show_default=False),
]
Goal: TypeAlias = Annotated[
    Goals,
    typer.Option(
        "--objective",
        help="What networks are judged by: the main output's `accuracy`, or `anytime`: that of the exits at what may "
        "be spent between `--budgets`.",
    ),
]
Controls: TypeAlias = Annotated[
    int, typer.Option("--controls", min=0, help="Candidates that were not chosen, to train alike.")
]
Batch: TypeAlias = Annotated[
    int, typer.Option("--batch", min=1, help="Candidates on their way at any time, however many workers there are.")
]
EngineName: TypeAlias = Annotated[
    str, typer.Option("--engine", help="Where candidates are scored: `local` processes, or a `ray` cluster.")
]
Address: TypeAlias = Annotated[
    str | None,
    typer.Option("--address", metavar="HOST:PORT", help="That of the Ray cluster.", show_default=False),
]
Longest: TypeAlias = Annotated[
    float,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        min=0.1,
        help="A candidate that is scored, or trained for a few steps, for longer has failed.",
    ),
]
Device: TypeAlias = Annotated[
    options.Processor,
    typer.Option("--device", help="What networks train on; of several GPUs each trains a candidate, or all train one."),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes that score and train candidates; as many as are worth it, by default. With `--device cuda` "
        "they only score: one for each GPU trains.",
        show_default=False,
    ),
]
Seeds: TypeAlias = Annotated[
    int, typer.Option("--seeds", min=1, max=1000, help="Trainings from scratch of each finalist, with mean and spread.")
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(search)


def search(
    space: options.SpaceAddress,
    output: Run = Path("run"),
    data: options.Data = "digits",
    objective: Goal = Goals.ACCURACY,
    budgets: options.Budgets = None,
    algorithm: Algorithm = "random",
    maximize: Maximize = None,
    minimize: Minimize = None,
    candidates: Candidates = None,
    ghn_steps: options.GHNSteps = None,
    vary: options.Vary = None,
    scorer: options.Scorer = "best",
    finalists: Finalists = None,
    rungs: Rungs = None,
    short_steps: ShortSteps = 300,
    controls: Controls = 5,
    preset: recipes.Preset = "standard",
    epochs: recipes.Epochs = None,
    precision: recipes.Precision = None,
    ema: recipes.Average = None,
    seeds: Seeds = 1,
    batch: Batch = 16,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    workers: Workers = None,
    engine: EngineName = "local",
    address: Address = None,
    time_limit: Longest = 3600.0,
    device: Device = options.Processor.CPU,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Finds a good architecture: trains a hypernetwork, scores candidates, trains the best, writes the winner.

    Each stage shows how far it is, how fast it goes, the time left and the best so far: bars in a terminal, about ten
    lines elsewhere; `ghndsl watch RUN` shows the same in another terminal. The run's folder keeps each result as it
    comes: whatever ends the search, `--resume` goes on. Examples:
    `ghndsl search digits -o run`,
    `ghndsl search space.nas --data images.npz --rungs 2000,40,5 -o run`,
    `ghndsl search nasbench201 --algorithm nsga2 --maximize score --minimize latency_onnx -o run`,
    `ghndsl search ghn_anytime --data cifar10 --objective anytime --budgets 10M..140M -o run`.
    """
    from ghndsl.ghn import GHNSettings
    from ghndsl.search.algorithms import parsed
    from ghndsl.search.budgets import scorer_between
    from ghndsl.search.crew import Crew
    from ghndsl.search.engines import gpus
    from ghndsl.search.objectives import objectives
    from ghndsl.search.outcome import to_json
    from ghndsl.search.pipeline import search as run
    from ghndsl.search.plan import Plan
    from ghndsl.search.scorers import scorer_name
    from ghndsl.search.store import is_run

    between = _budgets(objective, budgets)
    scorer = scorer_between(scorer, between)
    scorer_name(scorer)
    varied = ranges(vary, "--vary")
    first, short, last = _rungs(rungs, candidates, finalists)
    name, given = parsed(algorithm)
    goals = objectives(maximize or [], minimize or [])
    final = recipes.recipe(preset, epochs, precision, ema)
    found = scene(space, set_, limit, data, data_root, seed, download=download)
    plan = Plan(
        candidates=first,
        short=short,
        finalists=last,
        controls=controls,
        scorer=scorer_name(scorer, found.images),
        ghn=GHNSettings(steps=ghn_steps or found.scale.steps),
        final=final,
        seed=seed,
        algorithm=name,
        options=given,
        objectives=goals,
        batch=batch,
        short_steps=short_steps,
        seeds=seeds,
        device=device.value,
        processes=1 if device is options.Processor.CPU else max(1, len(gpus())),
        budgets=between,
        vary=varied,
    )
    _note_scene(found, final)
    if resume and not is_run(output):
        note(f"there is no run in {output} to go on with: this begins anew")
    crew = Crew(workers, engine, address, seconds=time_limit)
    try:
        with following(output) as watch:
            outcome = run(
                found.space,
                found.images,
                output,
                plan,
                watch,
                resume=resume,
                crew=crew,
                command=("ghndsl", *sys.argv[1:]),
            )
    except KeyboardInterrupt:
        if is_run(output):
            note(f"{output} holds what was done; `--resume` goes on with it")
        raise
    emit(to_json(outcome), as_json=as_json, show=lambda: _print_outcome(outcome))


def _note_scene(found: Scene, final: Settings) -> None:
    """Tells what is searched and at which scale, and which settings of the last rung do nothing there."""
    from ghndsl.dags import in_words

    where = found.scale.description if found.scale.is_reduced else "full scale"
    note(f"{found.space.name}: {in_words(found.space.size)} candidates; training and scoring at {where}")
    note_resized(found.images, found.scale.data)
    if final.drop_path or final.auxiliary:
        full = found.scale.full
        recipes.note_idle(full.build(full.draw(Random(0))), final, full.settings)


def _budgets(objective: Goals, budgets: str | None) -> Budgets | None:
    """The budgets between which networks are judged, where they are. Errors: G615."""
    from ghndsl.training.anytime import parse_budgets

    if (objective is Goals.ANYTIME) != (budgets is not None):
        raise typer.BadParameter("`--objective anytime` and `--budgets` go together", param_hint="--budgets")
    return None if budgets is None else parse_budgets(budgets)


def _rungs(rungs: str | None, candidates: int | None, finalists: int | None) -> tuple[int, int, int]:
    """How many candidates are on each rung."""
    from ghndsl.search.plan import rungs as read

    if rungs is None:
        return candidates or 600, 0, finalists or 5
    if candidates is not None or finalists is not None:
        raise typer.BadParameter("it says what `--candidates` and `--finalists` say", param_hint="--rungs")
    return read(rungs)


def _print_outcome(outcome: Outcome) -> None:
    from ghndsl.data import figure
    from ghndsl.search.folder import RunFolder

    def named(number: int) -> object:
        # One of hundreds of digits goes by the name of its files.
        return number if str(number) == (stem := RunFolder.stem(number)) else stem

    metric = outcome.metric
    rows = [
        (
            one.place or "control",
            named(one.number),
            f"{one.score:.3f}",
            "" if one.untrained_accuracy is None else figure(metric, one.untrained_accuracy, 1),
            figure(metric, one.accuracy, 1) + (f" ±{figure(metric, one.spread, 1)}" if one.seeds > 1 else ""),
            f"{one.loss:.4f}",
            one.params,
            one.macs,
        )
        for one in outcome.finalists
    ]
    columns = ("place", "number", "score", "untrained", "trained", "loss", "params", "MACs")
    last = ", controls last" if any(one.is_control for one in outcome.finalists) else ""
    title = f"Trained from scratch, the best {metric} first{last} ({metric} and loss on validation samples)"
    table(title, columns, rows)
    agreement = outcome.agreement["spearman"]
    say(f"rank correlation of score and trained {metric}: Spearman {agreement}")
    if outcome.anytime is not None:
        print_curves(outcome.anytime, metric)
    winner = outcome.winner
    if outcome.front:
        say(f"{len(outcome.front):,} candidates are best in one way or another: `results.json` lists this front")
    failed = f"{outcome.failed:,} failed, " if outcome.failed else ""
    if outcome.failed_trainings:
        note(f"{outcome.failed_trainings:,} trainings failed: `ghndsl report {outcome.run}` says why")
    say(f"winner: {winner.line}")
    say(
        f"test {metric} {figure(metric, outcome.test_accuracy)}, {winner.params:,} params, "
        f"{outcome.scored:,} candidates scored, {failed}{outcome.seconds:.0f} s"
    )
    onnx = "" if outcome.refusal else ", .onnx"
    say(f"wrote {outcome.run}/best.arch, .safetensors{onnx} and .svg")
    if outcome.refusal:
        note(f"the winner has no ONNX model: {outcome.refusal}")
