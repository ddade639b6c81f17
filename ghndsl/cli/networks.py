"""The commands that make files of one network: render, export, generate."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options
from ghndsl.cli.output import emit, note

if TYPE_CHECKING:
    import torch

    from ghndsl.ir import Graph

Optimized: TypeAlias = Annotated[
    bool, typer.Option("--optimized", help="Without parts that do nothing or are computed twice.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(render)
    app.command()(export)
    app.command()(generate)


def network(net: str, words: list[str] | None, limit: list[str] | None = None) -> Graph:
    """The verified graph of an address, a run's finding included."""
    from ghndsl.ir import verify
    from ghndsl.search.address import find_network
    from ghndsl.space.load import parse_settings

    graph = find_network(net, parse_settings(words or []), options.limits_of(limit))
    verify(graph)
    return graph


def refuse_optimized(optimized: bool) -> None:
    """Refuses `--optimized` of a space."""
    if optimized:
        raise typer.BadParameter("a space is no network, and its candidates are as written", param_hint="--optimized")


def render(
    what: options.NetOrSpace,
    output: Annotated[Path, typer.Option("-o", "--output", help="`F.svg`, `F.png` or `F.dot`.")],
    depth: Annotated[
        int | None,
        typer.Option("--depth", min=0, help="Levels of blocks to draw open; by default, what stays legible."),
    ] = None,
    optimized: Optimized = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Draws a network, or the choices of a space.

    Examples: `ghndsl render resnet18 -o resnet18.svg`, `ghndsl render digits@17 -o cell.png --depth 3`,
    `ghndsl render nasbench201 -o choices.svg`.
    """
    from ghndsl.passes import optimize
    from ghndsl.space.load import find_space, is_space, parse_settings

    if is_space(what):
        from ghndsl.space.picture import render as draw_space

        refuse_optimized(optimized)
        draw_space(find_space(what, parse_settings(set_ or []), options.limits_of(limit)), output)
    else:
        from ghndsl.emit.render import render as draw

        graph = network(what, set_, limit)
        draw(optimize(graph) if optimized else graph, output, depth)
    emit({"file": str(output)}, as_json=as_json, show=lambda: note(f"wrote {output}"))


def export(
    net: options.Net,
    onnx: Annotated[Path | None, typer.Option("--onnx", metavar="F.onnx", help="The model to write.")] = None,
    weights: options.WeightsFile = None,
    ghn: options.GHNFile = None,
    seed: options.Seed = 0,
    opset: Annotated[int | None, typer.Option("--opset", help="ONNX opset; by default a widely read one.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Run ONNX Runtime against torch at batches 1, 2 and 7.")
    ] = False,
    optimized: Optimized = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Writes a network with its weights as an ONNX model.

    Weights come from `--weights`, from a hypernetwork with `--ghn`, or are initial ones drawn by `--seed`; a run's
    finding brings its own. Examples: `ghndsl export run:best --onnx best.onnx --check`,
    `ghndsl export resnet18 --weights w.safetensors --onnx resnet18.onnx`.
    """
    if onnx is None:
        raise typer.BadParameter("name the model to write", param_hint="--onnx")
    from ghndsl.emit.onnx import DEFAULT_OPSET, to_onnx
    from ghndsl.files import check_writable, write_atomically
    from ghndsl.passes import optimize
    from ghndsl.search.findings import write_checked_onnx

    check_writable(onnx)
    graph = network(net, set_, limit)
    tensors = _weights(net, graph, weights, ghn, seed)
    if optimized:
        graph = optimize(graph)
        tensors = {path: tensors[path] for path in graph.weights}
    checked = None
    if check:
        checked = write_checked_onnx(onnx, graph, tensors, opset)
    else:
        write_atomically(onnx, to_onnx(graph, tensors, opset).SerializeToString())
    found = {
        "file": str(onnx),
        "params": graph.params,
        "opset": opset or DEFAULT_OPSET,
        "max_difference": checked and checked.difference,
        "checked_sizes": checked and dict(checked.sizes),
    }
    words = "" if checked is None else f"; the largest difference to torch is {checked.difference:.3g}"
    if checked is not None and checked.sizes:
        words += f" (with {', '.join(f'{name} = {size}' for name, size in checked.sizes.items())})"
    emit(found, as_json=as_json, show=lambda: note(f"wrote {onnx}{words}"))


def _weights(net: str, graph: Graph, weights: Path | None, ghn: Path | None, seed: int) -> dict[str, torch.Tensor]:
    from ghndsl.emit.initial import initial_weights
    from ghndsl.ghn import GHN
    from ghndsl.search.address import own_weights
    from ghndsl.training import load_weights

    if weights is not None and ghn is not None:
        raise typer.BadParameter("give either --weights or --ghn", param_hint="--ghn")
    found = weights or (own_weights(net) if ghn is None else None)
    if found is not None:
        return load_weights(found, graph)
    if ghn is not None:
        return {path: tensor.detach() for path, tensor in GHN.load(ghn)(graph).items()}
    return initial_weights(graph, seed)


def generate(
    net: options.Net,
    ghn: Annotated[Path, typer.Option("--ghn", metavar="G.safetensors", help="A hypernetwork (of `train-ghn`).")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="W.safetensors", help="The weights to write.")],
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Generates all weights of a network with a hypernetwork, without training it.

    Example: `ghndsl generate digits@17 --ghn run/ghn.safetensors -o weights.safetensors`.
    """
    from ghndsl.files import check_writable
    from ghndsl.ghn import GHN
    from ghndsl.training import save_weights

    check_writable(output)
    graph = network(net, set_, limit)
    maker = GHN.load(ghn)
    started = time.perf_counter()
    tensors = {path: tensor.detach() for path, tensor in maker(graph).items()}
    seconds = time.perf_counter() - started
    save_weights(output, tensors, graph)
    found = {"file": str(output), "weights": len(tensors), "params": graph.params, "seconds": seconds}
    words = f"wrote {len(tensors):,} weights, {graph.params:,} params, to {output} in {seconds:.2f} s"
    emit(found, as_json=as_json, show=lambda: note(words))
