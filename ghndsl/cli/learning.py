"""The commands `train` and `evaluate`, which know one network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options, recipes
from ghndsl.cli.bars import steps
from ghndsl.cli.networks import network
from ghndsl.cli.output import emit, note, note_resized, table
from ghndsl.cli.resuming import note_new, resumable

if TYPE_CHECKING:
    from ghndsl.training import Run
    from ghndsl.training.clock import Clock

Output: TypeAlias = Annotated[
    Path, typer.Option("-o", "--output", metavar="W.safetensors", help="The weights to write.")
]
Seeds: TypeAlias = Annotated[
    int, typer.Option("--seeds", min=1, max=1000, help="Train from so many seeds, `--seed` and those after it.")
]
Resume: TypeAlias = Annotated[
    bool, typer.Option("--resume", help="Go on after the last whole pass of an interrupted training.")
]
Profile: TypeAlias = Annotated[bool, typer.Option("--profile", help="Say where the time goes.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(train)
    app.command()(evaluate)


def train(
    net: options.Net,
    output: Output,
    data: options.Data = "digits",
    preset: recipes.Preset = "standard",
    epochs: recipes.Epochs = None,
    precision: recipes.Precision = None,
    ema: recipes.Average = None,
    weights: options.WeightsFile = None,
    device: options.Device = options.Processor.CPU,
    resume: Resume = False,
    seeds: Seeds = 1,
    profile: Profile = False,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Trains one network and reports its metric on test samples.

    Until the weights are written, what was done lies beside them, for `--resume`. Of several seeds the weights that do
    best on validation samples are kept; the metric is the mean.

    Examples: `ghndsl train digits@17 --data digits -o w.safetensors`,
    `ghndsl train resnet18 --set classes=10 --data cifar10 --data-root ~/data --preset cifar -o r.safetensors`,
    `ghndsl train resnet18 --set classes=10 --data photographs --seeds 3 -o w.safetensors`.
    """
    from ghndsl.data import fitted, image_size, load
    from ghndsl.files import check_writable
    from ghndsl.search.address import parameters
    from ghndsl.training import best, load_weights, save_weights, train_several
    from ghndsl.training.clock import Clock
    from ghndsl.training.team import team

    check_writable(output)
    graph = network(net, set_, limit)
    settings = recipes.recipe(preset, epochs, precision, ema)
    loaded = load(data, data_root, seed, download=download, size=image_size(graph))
    images = fitted(loaded, graph)
    start = None if weights is None else load_weights(weights, graph)
    kept = [_kept(output, number) for number in range(seeds)]
    for path in kept:
        check_writable(path)
    with (
        team(device.value) as together,
        resumable(kept[0], resume=resume, speaks=together.is_first),
        steps() as begin,
    ):
        clock = Clock(together.device if profile else None)
        if together.is_first:
            note_resized(loaded, images)
            recipes.note_idle(graph, settings, parameters(net))
            note_new(kept[0], resume=resume)
        runs = train_several(
            graph,
            images,
            settings,
            range(seed, seed + seeds),
            weights=start,
            together=together,
            checkpoints=kept,
            resume=resume,
            clock=clock,
            watch=begin,
        )
    if not together.is_first:
        return
    save_weights(output, best(runs).trained.weights, graph)
    for path in kept:
        path.unlink(missing_ok=True)
    _report(runs, output, clock if profile else None, as_json=as_json)
    if images.task.note:
        note(images.task.note)


def _kept(output: Path, number: int) -> Path:
    """Where the training of one of several seeds is kept: `w.training.safetensors`, then `w.training.2.safetensors`."""
    which = f".{number + 1}" if number else ""
    return output.with_name(f"{output.stem}.training{which}.safetensors")


def _report(runs: Sequence[Run], output: Path, clock: Clock | None, *, as_json: bool) -> None:
    """Says how the runs did, and which was kept."""
    from ghndsl.data import figure
    from ghndsl.training import Metrics, best, spread

    chosen, metric = best(runs), runs[0].test.metric
    mean, deviation = spread([run.test.accuracy for run in runs])
    loss, _ = spread([run.test.loss for run in runs])
    seconds = sum(run.trained.seconds for run in runs)
    diverged = any(run.trained.diverged for run in runs)
    found: dict[str, object] = {**asdict(Metrics(mean, loss, metric)), "seconds": seconds, "file": str(output)}
    found |= {"diverged": diverged, "resumed_at": runs[0].trained.resumed_at}
    if len(runs) > 1:
        found |= {"spread": deviation, "seed": chosen.seed, "runs": [_row(run) for run in runs]}
    if clock is not None:
        found["profile"] = clock.shares()
    words = f"test {runs[0].test}" if len(runs) == 1 else f"test {Metrics(mean, loss, metric)}"
    if len(runs) > 1:
        words += f"; {len(runs)} seeds, spread {figure(metric, deviation)}; kept seed {chosen.seed}"
    emit(found, as_json=as_json, show=lambda: print(f"{words}, {seconds:.1f} s; wrote {output}"))
    if clock is not None and not as_json:
        rows = [(work, f"{share:.1%}", f"{clock.seconds[work]:.2f}") for work, share in clock.shares().items()]
        table("", ("work", "share", "seconds"), rows, left=("work",))
    if diverged:
        note("warning: the loss was no longer a number, and training stopped")


def _row(run: Run) -> dict[str, object]:
    return {
        "seed": run.seed,
        "accuracy": run.test.accuracy,
        "loss": run.test.loss,
        "validation_accuracy": run.validation.accuracy,
        "validation_loss": run.validation.loss,
        "seconds": run.trained.seconds,
        "diverged": run.trained.diverged,
    }


def evaluate(
    net: options.Net,
    weights: Annotated[Path, typer.Option("--weights", metavar="W.safetensors", help="The network's weights.")],
    data: options.Data = "digits",
    budgets: options.Budgets = None,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Measures a network's metric and loss on test samples; of one with exits, those of each.

    `--budgets` says how it does between two costs: the area under its curve, and what mean budgets buy where easy
    samples leave early. `--seed` splits the data as `train --seed` did. Examples:
    `ghndsl evaluate digits@17 --weights w.safetensors --data digits`,
    `ghndsl evaluate msdnet --weights w.safetensors --data cifar10 --budgets 10M..50M`.
    """
    from ghndsl.cli.anytime import print_exits, with_exits
    from ghndsl.data import check_fit, fitted, image_size, load
    from ghndsl.training import load_weights
    from ghndsl.training.anytime import answers, check_within, judged, parse_budgets
    from ghndsl.training.evaluate import evaluate_each

    between = None if budgets is None else parse_budgets(budgets)
    graph = network(net, set_, limit)
    asked = answers(graph)
    if between is not None:
        check_within(between, graph.name, [asked.reached(graph)])
    loaded = load(data, data_root, seed, download=download, size=image_size(graph))
    images = fitted(loaded, graph)
    check_fit(images, graph)
    note_resized(loaded, images)
    tensors = load_weights(weights, graph)
    started = time.perf_counter()
    found = None if between is None else judged(graph, tensors, images, between)
    metrics = evaluate_each(graph, tensors, images.test, asked.names) if found is None else found.metrics(images)
    seconds = time.perf_counter() - started
    main, reached = metrics[asked.main], asked.reached(graph)

    def printed() -> None:
        print(f"test {main}")
        if asked.exits:
            print_exits(reached, metrics, found)

    facts = {**asdict(main), "seconds": seconds, **with_exits(reached, metrics, found)}
    emit(facts, as_json=as_json, show=printed)
