"""The commands `train` and `evaluate`, which know one network."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.networks import network
from ghndsl.cli.output import emit, note, note_resized, steps


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(train)
    app.command()(evaluate)


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
    """Trains one network and reports its metric on test samples.

    Examples: `ghndsl train digits@17 --data digits -o w.safetensors`,
    `ghndsl train resnet18 --set classes=10 --data cifar10 --data-root ~/data -o w.safetensors`.
    """
    from ghndsl.data import fitted, load
    from ghndsl.files import check_writable
    from ghndsl.training import evaluate as measure
    from ghndsl.training import load_weights, save_weights
    from ghndsl.training import preset as named
    from ghndsl.training import train as learn

    check_writable(output)
    graph = network(net, set_, limit)
    loaded = load(data, data_root, seed, download=download)
    images = fitted(loaded, graph)
    note_resized(loaded, images)
    settings = named(preset) if epochs is None else replace(named(preset), epochs=epochs)
    start = None if weights is None else load_weights(weights, graph)
    with steps() as begin:
        trained = learn(graph, images, settings, seed, weights=start, progress=begin("Training"))
    metrics = measure(graph, trained.weights, images.test)
    save_weights(output, trained.weights, graph)
    found = {**asdict(metrics), "seconds": trained.seconds, "file": str(output)}
    words = f"test {metrics}, {trained.seconds:.1f} s; wrote {output}"
    emit({**found, "diverged": trained.diverged}, as_json=as_json, show=lambda: print(words))
    if images.task.note:
        note(images.task.note)
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
    """Measures a network's metric and loss on test samples.

    `--seed` splits the data as `train --seed` did. Example:
    `ghndsl evaluate digits@17 --weights w.safetensors --data digits`.
    """
    from ghndsl.data import check_fit, fitted, load
    from ghndsl.training import evaluate as measure
    from ghndsl.training import load_weights

    graph = network(net, set_, limit)
    loaded = load(data, data_root, seed, download=download)
    images = fitted(loaded, graph)
    check_fit(images, graph)
    note_resized(loaded, images)
    tensors = load_weights(weights, graph)
    started = time.perf_counter()
    metrics = measure(graph, tensors, images.test)
    seconds = time.perf_counter() - started
    emit({**asdict(metrics), "seconds": seconds}, as_json=as_json, show=lambda: print(f"test {metrics}"))
