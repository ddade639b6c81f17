"""The command `generate`: a hypernetwork makes a network's weights."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.networks import network
from ghndsl.cli.output import emit, note

if TYPE_CHECKING:
    import torch

    from ghndsl.ir import Graph


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(generate)


def generate(
    net: options.Net,
    ghn: Annotated[Path, typer.Option("--ghn", metavar="G.safetensors", help="A hypernetwork (of `train-ghn`).")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="W.safetensors", help="The weights to write.")],
    noise: Annotated[
        float,
        typer.Option(
            "--noise",
            min=0,
            callback=options.finite,
            help="Noise in kernels, as a share of their size; helps training.",
        ),
    ] = 0.0,
    orthogonal: Annotated[
        bool, typer.Option("--orthogonal", help="The nearest kernels with orthogonal rows; helps training.")
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="Take statistics of normalisation from these training samples (named as for `train`), so that the "
            "network works as it is.",
            show_default=False,
        ),
    ] = None,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Generates all weights of a network with a hypernetwork, without training it.

    Examples: `ghndsl generate digits@17 --ghn run/ghn.safetensors --data digits -o weights.safetensors`, and as a start
    `ghndsl generate resnet18 --ghn ghn.safetensors --noise 0.3 --orthogonal -o start.safetensors`.
    """
    import torch

    from ghndsl.files import check_writable
    from ghndsl.ghn import GHN
    from ghndsl.ghn.starting import noisy
    from ghndsl.ghn.starting import orthogonal as straightened
    from ghndsl.training import save_weights

    if output.resolve() == ghn.resolve():
        raise typer.BadParameter("the hypernetwork itself would be written over", param_hint="--output")
    check_writable(output)
    graph = network(net, set_, limit)
    maker = GHN.load(ghn)
    started = time.perf_counter()
    with torch.no_grad():
        tensors = maker(graph)
    seconds = time.perf_counter() - started
    _refuse_what_is_no_number(ghn, tensors)
    tensors = noisy(graph, tensors, noise, seed) if noise else tensors
    tensors = straightened(graph, tensors, seed) if orthogonal else tensors
    tensors = _calibrated(graph, tensors, data, data_root, seed, download=download) if data else tensors
    save_weights(output, tensors, graph)
    found = {"file": str(output), "weights": len(tensors), "params": graph.params, "seconds": seconds}
    words = f"wrote {len(tensors):,} weights, {graph.params:,} params, to {output} in {seconds:.2f} s"
    emit(found, as_json=as_json, show=lambda: note(words))


def _refuse_what_is_no_number(ghn: Path, tensors: dict[str, torch.Tensor]) -> None:
    from ghndsl.diagnostics import CompileError, Diagnostic

    strange = next((path for path, tensor in tensors.items() if not bool(tensor.isfinite().all())), None)
    if strange is not None:
        message = f"{ghn} makes weights that are no numbers, `{strange}` first: its training diverged"
        raise CompileError(Diagnostic("G421", message, help="train it again, with a smaller --lr"))


def _calibrated(
    graph: Graph, tensors: dict[str, torch.Tensor], data: str, root: str | None, seed: int, *, download: bool
) -> dict[str, torch.Tensor]:
    """The weights with statistics of normalisation as the data's first training samples give them."""
    from ghndsl.data import check_fit, fitted, load
    from ghndsl.training.score import calibrated

    loaded = load(data, root, seed, download=download)
    samples = fitted(loaded, graph)
    check_fit(samples, graph)
    return calibrated(graph, tensors, samples.train)
