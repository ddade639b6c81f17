"""A winner and its weights go in; its text, weights, ONNX model and picture lie in the run's folder then."""

from __future__ import annotations

from pathlib import Path

import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.onnx import Comparison, compare
from ghndsl.emit.onnx.comparison import Seen
from ghndsl.emit.onnx.file import save_onnx
from ghndsl.emit.picture.render import render
from ghndsl.files import write_atomically
from ghndsl.ir import Graph
from ghndsl.language import format_graph
from ghndsl.passes import dead
from ghndsl.training import save_weights


def write_findings(folder: Path, title: str, graph: Graph, weights: dict[str, torch.Tensor]) -> str | None:
    """Writes `best.arch`, which begins with the title, `.safetensors`, `.svg` and `.onnx` (compared with torch in ONNX
    Runtime); where the network has no ONNX model, returns why."""
    pruned = dead(graph)
    kept = {path: weights[path] for path in pruned.weights}
    write_atomically(folder / "best.arch", f"{title}\n{format_graph(pruned)}".encode())
    save_weights(folder / "best.safetensors", kept, pruned)
    render(pruned, folder / "best.svg")
    try:
        write_checked_onnx(folder / "best.onnx", pruned, kept)
    except CompileError as error:
        first = error.diagnostics[0]
        return f"[{first.code}] {first.message}"
    return None


def write_checked_onnx(
    path: Path,
    graph: Graph,
    weights: dict[str, torch.Tensor],
    opset: int | None = None,
    *,
    fold_batch_norm: bool = False,
    external_data: bool | None = None,
    see: Seen | None = None,
) -> Comparison:
    """Writes an ONNX model that ONNX Runtime computes as torch does; returns how the two were compared."""
    found: list[Comparison] = []

    def approve(made: Path) -> None:
        one = compare(made, graph, weights, see=see)
        if not one.is_close:
            message = f"the ONNX model is not written: {one.words}"
            raise CompileError(Diagnostic("G506", message))
        found.append(one)

    save_onnx(
        path, graph, weights, opset, fold_batch_norm=fold_batch_norm, external_data=external_data, approve=approve
    )
    return found[0]
