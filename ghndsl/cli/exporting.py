"""The command `export`: the network of an address becomes an ONNX model, a file of Python, or both."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.bars import steps
from ghndsl.cli.networks import Optimized, network
from ghndsl.cli.output import emit, note

if TYPE_CHECKING:
    import torch

    from ghndsl.emit.onnx import Comparison
    from ghndsl.emit.onnx.comparison import Seen
    from ghndsl.ir import Graph


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(export)


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
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="NAME", help="Up to this exit or output alone.", show_default=False),
    ] = None,
    optimized: Optimized = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Writes a network with its weights as an ONNX model, or without them as a Python file, or both.

    Weights come from `--weights`, from a hypernetwork with `--ghn`, or are initial ones drawn by `--seed`; a run's
    finding brings its own. A network with exits gives all its answers, or one with `--until`. Examples:
    `ghndsl export run:best --onnx best.onnx --check`,
    `ghndsl export resnet18 --weights w.safetensors --onnx resnet18.onnx`,
    `ghndsl export msdnet --until early1 --onnx early1.onnx`.
    """
    _refuse_files(onnx, source)
    given = {"--weights": weights, "--ghn": ghn, "--opset": opset, "--check": check}
    _refuse_without_onnx(onnx, {**given, "--fold-batch-norm": fold_batch_norm, "--external-data": external_data})
    from ghndsl.emit.onnx import DEFAULT_OPSET, save_onnx
    from ghndsl.files import check_writable, write_atomically
    from ghndsl.passes import optimize
    from ghndsl.passes import until as up_to

    for path in filter(None, (onnx, source)):
        check_writable(path)
    whole = network(net, set_, limit)
    part = whole if until is None else up_to(whole, until)
    graph = optimize(part) if optimized else part
    # What is refused is refused before anything is written.
    text = _source(graph) if source is not None else ""
    checked = None
    if onnx is not None:
        tensors = _weights(net, whole, weights, ghn, seed)
        write = _write_checked if check else save_onnx
        kept = {path: tensors[path] for path in graph.weights}
        checked = write(onnx, graph, kept, opset, fold_batch_norm=fold_batch_norm, external_data=external_data or None)
    if source is not None:
        write_atomically(source, text.encode())
    files = {"file": str(onnx or source), "source": source and str(source)}
    facts = {**files, "params": graph.params, "opset": onnx and (opset or DEFAULT_OPSET)}
    written = " and ".join([str(path) for path in (source, onnx) if path is not None])
    _tell(f"wrote {written}", facts, checked, as_json=as_json)


def _tell(wrote: str, facts: Mapping[str, object], checked: Comparison | None, *, as_json: bool) -> None:
    """Says what was written, and how far the model is from torch where that was asked."""
    found = {
        **facts,
        "max_difference": checked and checked.difference,
        "checked_sizes": checked and dict(checked.sizes),
        "spread": checked and checked.spread,
    }
    words = wrote if checked is None else f"{wrote}; {checked.words}"
    emit(found, as_json=as_json, show=lambda: note(words))
    if checked is not None and not checked.is_telling and checked.difference:
        note("with these weights the outputs hardly depend on the inputs, so that this tells little: give --weights")


def _write_checked(
    path: Path,
    graph: Graph,
    weights: dict[str, torch.Tensor],
    opset: int | None,
    *,
    fold_batch_norm: bool,
    external_data: bool | None,
) -> Comparison:
    """Writes a model that was compared with torch, a bar on the terminal meanwhile."""
    from ghndsl.search.findings import write_checked_onnx

    see: Seen | None = None
    with ExitStack() as stack:
        if sys.stderr.isatty():
            bar = stack.enter_context(steps())("Comparing with torch")
            see = lambda done, total: bar(done, total, "")  # noqa: E731
        return write_checked_onnx(
            path, graph, weights, opset, fold_batch_norm=fold_batch_norm, external_data=external_data, see=see
        )


def _refuse_files(onnx: Path | None, source: Path | None) -> None:
    """Refuses files that are none, one for both, and names that say something else than what is written."""
    if onnx is None and source is None:
        raise typer.BadParameter("name the file to write", param_hint="--onnx or --source")
    if onnx is not None and source is not None and os.path.realpath(onnx) == os.path.realpath(source):
        raise typer.BadParameter("the model and the source need two files", param_hint="--onnx and --source")
    if source is not None and source.suffix.lower() != ".py":
        raise typer.BadParameter(f"a Python file is named `F.py`, not `{source.name}`", param_hint="--source")
    if onnx is not None and onnx.suffix.lower() == ".py":
        raise typer.BadParameter(f"`{onnx.name}` would be a Python file: this writes a model", param_hint="--onnx")


def _refuse_without_onnx(onnx: Path | None, given: dict[str, object]) -> None:
    for name, value in given.items():
        if onnx is None and value not in (None, False):
            raise typer.BadParameter("a file of source holds no weights: this goes with --onnx", param_hint=name)


def _source(graph: Graph) -> str:
    from ghndsl.emit.source import to_source

    return to_source(graph)


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
