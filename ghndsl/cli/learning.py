"""The commands that learn: train, evaluate, train-ghn."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.networks import network
from ghndsl.cli.output import emit, note, note_resized, steps
from ghndsl.cli.scenes import scene


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(train)
    app.command()(evaluate)
    app.command(name="train-ghn")(train_ghn)


def train(
    net: options.Net,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="W.safetensors", help="The weights to write.")],
    data: options.Data = "digits",
    preset: Annotated[str, typer.Option("--preset", help="`quick`, `standard` or `cifar`.")] = "standard",
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="Passes, instead of the preset's.")] = None,
    weights: options.WeightsFile = None,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Trains one network and reports its accuracy on test images.

    Examples: `ghndsl train digits@17 --data digits -o w.safetensors`,
    `ghndsl train resnet18 --set classes=10 --data cifar10 --data-root ~/data -o w.safetensors`.
    """
    from ghndsl.data import load
    from ghndsl.files import check_writable
    from ghndsl.search.scale import fitting_graph
    from ghndsl.training import evaluate as measure
    from ghndsl.training import load_weights, save_weights
    from ghndsl.training import preset as named
    from ghndsl.training import train as learn

    check_writable(output)
    graph = network(net, set_, limit)
    loaded = load(data, data_root, seed, download=download)
    images = fitting_graph(graph, loaded)
    note_resized(loaded, images)
    settings = named(preset) if epochs is None else replace(named(preset), epochs=epochs)
    start = None if weights is None else load_weights(weights, graph)
    with steps() as begin:
        trained = learn(graph, images, settings, seed, weights=start, progress=begin("Training"))
    metrics = measure(graph, trained.weights, images.test)
    save_weights(output, trained.weights, graph)
    found = {"accuracy": metrics.accuracy, "loss": metrics.loss, "seconds": trained.seconds, "file": str(output)}
    words = f"test accuracy {metrics.accuracy:.2%}, loss {metrics.loss:.3f}, {trained.seconds:.1f} s; wrote {output}"
    emit({**found, "diverged": trained.diverged}, as_json=as_json, show=lambda: print(words))
    if trained.diverged:
        note("warning: the loss was no longer a number, and training stopped")


def evaluate(
    net: options.Net,
    weights: Annotated[Path, typer.Option("--weights", metavar="W.safetensors", help="The network's weights.")],
    data: options.Data = "digits",
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Measures a network's accuracy and loss on test images.

    `--seed` splits the data as `train --seed` did. Example:
    `ghndsl evaluate digits@17 --weights w.safetensors --data digits`.
    """
    from ghndsl.data import load
    from ghndsl.search.scale import fitting_graph
    from ghndsl.training import evaluate as measure
    from ghndsl.training import load_weights

    graph = network(net, set_, limit)
    loaded = load(data, data_root, seed, download=download)
    images = fitting_graph(graph, loaded)
    note_resized(loaded, images)
    tensors = load_weights(weights, graph)
    started = time.perf_counter()
    metrics = measure(graph, tensors, images.test)
    seconds = time.perf_counter() - started
    found = {"accuracy": metrics.accuracy, "loss": metrics.loss, "seconds": seconds}
    emit(found, as_json=as_json, show=lambda: print(f"test accuracy {metrics.accuracy:.2%}, loss {metrics.loss:.3f}"))


def train_ghn(
    space: options.SpaceAddress,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="G.safetensors", help="The checkpoint to write.")],
    data: options.Data = "digits",
    steps_: Annotated[
        int | None,
        typer.Option(
            "--steps",
            min=1,
            help="Steps of training: 1000, or 4000 where the space is trained on at a reduced scale.",
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", help="Time to train for, instead of steps.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")] = False,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Trains a graph hypernetwork on random candidates of a space, at a scale that is cheap to search.

    Examples: `ghndsl train-ghn digits --data digits -o ghn.safetensors`,
    `ghndsl train-ghn nasbench201 --data cifar10 --data-root ~/data --minutes 15 -o ghn.safetensors`.
    """
    from ghndsl.files import check_writable
    from ghndsl.ghn import GHNSettings, Origin
    from ghndsl.ghn import train_ghn as learn
    from ghndsl.search.draw import training_sample

    check_writable(output)
    found = scene(space, set_, limit, data, data_root, seed, download=download)
    scale = found.scale
    note_resized(found.images, scale.data)
    note(f"training at {scale.description or 'the default scale'}")
    with steps() as begin:
        trained = learn(
            training_sample(scale.cheap, seed),
            scale.data,
            GHNSettings(steps=steps_ or max(scale.steps, GHNSettings().steps), minutes=minutes),
            seed,
            origin=Origin(found.space.name, found.space.text_hash),
            progress=begin("Training the hypernetwork"),
            checkpoint=output,
            resume=output if resume and output.is_file() else None,
        )
    recent = trained.losses[-50:]
    loss = sum(recent) / len(recent) if recent else None
    keys = {"steps": len(trained.losses), "loss": loss, "seconds": trained.seconds, "file": str(output)}
    words = f"{len(trained.losses):,} steps in {trained.seconds:.1f} s, loss {loss or float('nan'):.3f}; wrote {output}"
    emit({**keys, "scale": scale.description}, as_json=as_json, show=lambda: print(words))
