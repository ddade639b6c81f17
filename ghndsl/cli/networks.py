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


Depth: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--depth", min=0, help="Levels of blocks to open; by default, what stays legible.", show_default=False
    ),
]
Expand: TypeAlias = Annotated[bool, typer.Option("--expand", help="Open all blocks, each repeat of them too.")]


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


def depth_of(depth: int | None, *, expand: bool) -> int | None:
    """The depth that `--depth` and `--expand` ask for."""
    from ghndsl.emit.outline.folding import EVERYTHING

    if depth is not None and expand:
        raise typer.BadParameter("give either --depth or --expand", param_hint="--expand")
    return EVERYTHING if expand else depth


def refuse_depth(depth: int | None) -> None:
    """Refuses `--depth` and `--expand` of a space."""
    if depth is not None:
        raise typer.BadParameter("a space has choices, not blocks to open", param_hint="--depth")


def render(
    what: options.NetOrSpace,
    output: Annotated[Path, typer.Option("-o", "--output", help="`F.svg`, `F.png` or `F.dot`.")],
    depth: Depth = None,
    expand: Expand = False,
    optimized: Optimized = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Draws a network, its blocks folded and each kind of them open beside it, or the choices of a space.

    Examples: `ghndsl render resnet18 -o resnet18.svg`, `ghndsl render digits@17 -o cell.png --depth 3`,
    `ghndsl render nasbench201 -o choices.svg`.
    """
    from ghndsl.passes import optimize
    from ghndsl.space.load import find_space, is_space, parse_settings

    if is_space(what):
        from ghndsl.space.picture import render as draw_space

        refuse_optimized(optimized)
        refuse_depth(depth_of(depth, expand=expand))
        draw_space(find_space(what, parse_settings(set_ or []), options.limits_of(limit)), output)
    else:
        from ghndsl.emit.picture.render import render as draw

        graph = network(what, set_, limit)
        draw(optimize(graph) if optimized else graph, output, depth_of(depth, expand=expand))
    emit({"file": str(output)}, as_json=as_json, show=lambda: note(f"wrote {output}"))


def export(
    net: options.Net,
    onnx: Annotated[Path | None, typer.Option("--onnx", metavar="F.onnx", help="The model to write.")] = None,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="F.py", help="The Python file to write; it imports torch alone.")
    ] = None,
    weights: options.WeightsFile = None,
    ghn: options.GHNFile = None,
    seed: options.Seed = 0,
    opset: Annotated[int | None, typer.Option("--opset", help="ONNX opset; by default a widely read one.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Run ONNX Runtime against torch at batches 1, 2 and 7.")
    ] = False,
    fold_batch_norm: Annotated[
        bool, typer.Option("--fold-batch-norm", help="Put batch normalisations into the layers before them.")
    ] = False,
    external_data: Annotated[
        bool, typer.Option("--external-data", help="Weights in `F.onnx.data` beside the model; always above 1.5 GB.")
    ] = False,
    optimized: Optimized = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Writes a network with its weights as an ONNX model, or without them as a Python file, or both.

    Weights come from `--weights`, from a hypernetwork with `--ghn`, or are initial ones drawn by `--seed`; a run's
    finding brings its own. Examples: `ghndsl export run:best --onnx best.onnx --check`,
    `ghndsl export resnet18 --weights w.safetensors --onnx resnet18.onnx`.
    """
    if onnx is None and source is None:
        raise typer.BadParameter("name the file to write", param_hint="--onnx or --source")
    given = {"--weights": weights, "--ghn": ghn, "--opset": opset, "--check": check}
    _refuse_without_onnx(onnx, {**given, "--fold-batch-norm": fold_batch_norm, "--external-data": external_data})
    from ghndsl.emit.onnx import DEFAULT_OPSET
    from ghndsl.emit.onnx.file import save_onnx
    from ghndsl.files import check_writable
    from ghndsl.passes import optimize
    from ghndsl.search.findings import write_checked_onnx

    for path in (onnx, source):
        if path is not None:
            check_writable(path)
    graph = network(net, set_, limit)
    tensors = _weights(net, graph, weights, ghn, seed) if onnx is not None else {}
    if optimized:
        graph = optimize(graph)
        tensors = {path: tensors[path] for path in graph.weights if onnx is not None}
    if source is not None:
        _write_source(source, graph)
    checked = None
    if onnx is not None:
        write = write_checked_onnx if check else save_onnx
        checked = write(
            onnx, graph, tensors, opset, fold_batch_norm=fold_batch_norm, external_data=external_data or None
        )
    found = {
        "file": str(onnx or source),
        "source": source and str(source),
        "params": graph.params,
        "opset": onnx and (opset or DEFAULT_OPSET),
        "max_difference": checked and checked.difference,
        "checked_sizes": checked and dict(checked.sizes),
    }
    words = "" if checked is None else f"; the largest difference to torch is {checked.difference:.3g}"
    if checked is not None and checked.sizes:
        words += f" (with {', '.join(f'{name} = {size}' for name, size in checked.sizes.items())})"
    files = " and ".join([str(path) for path in (source, onnx) if path is not None])
    emit(found, as_json=as_json, show=lambda: note(f"wrote {files}{words}"))


def _refuse_without_onnx(onnx: Path | None, given: dict[str, object]) -> None:
    for name, value in given.items():
        if onnx is None and value not in (None, False):
            raise typer.BadParameter("a file of source holds no weights: this goes with --onnx", param_hint=name)


def _write_source(path: Path, graph: Graph) -> None:
    from ghndsl.emit.source import to_source
    from ghndsl.files import write_atomically

    write_atomically(path, to_source(graph).encode())


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
