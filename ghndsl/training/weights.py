"""Weights by path go in; a safetensors file comes out, and the other way round, checked against a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.passes.dead import dead
from ghndsl.training.files import read_tensors, write_tensors
from ghndsl.types import show_shape


def save_weights(path: str | Path, weights: Mapping[str, torch.Tensor], graph: Graph | None = None) -> None:
    """Writes weights and buffers; the graph's id goes into the metadata. The file is whole or not there."""
    metadata = {"format": "pt", "ghndsl": version("ghndsl")}
    if graph is not None:
        metadata |= {"graph": graph.name, "id": graph.id}
    write_tensors(Path(path), weights, metadata)


def load_weights(path: str | Path, graph: Graph) -> dict[str, torch.Tensor]:
    """The weights of a graph from a file, in the graph's order; nothing is unpickled.

    Weights that no output needs may be missing. Errors: G410 with the reason (no such file, not safetensors, names
    missing or too many, shapes that differ).
    """
    tensors, _ = read_tensors(Path(path), "G410")
    check_weights(str(path), tensors, graph)
    return {name: tensors[name] for name in graph.weights if name in tensors}


def check_weights(source: str, tensors: Mapping[str, torch.Tensor], graph: Graph) -> None:
    """Refuses (G410) weights that are not a graph's, by name, shape and element type."""
    wanted = {name: weight for name, weight in graph.weights.items() if name in tensors}
    faults = {
        "missing": [name for name in dead(graph).weights if name not in tensors],
        "unexpected": [name for name in tensors if name not in wanted],
        "of another shape": [
            f"{name} {show_shape(tuple(tensors[name].shape))} instead of {show_shape(weight.shape)}"
            for name, weight in wanted.items()
            if tuple(tensors[name].shape) != weight.shape
        ],
        "of another type": [
            f"{name} {tensors[name].dtype}".replace("torch.", "")
            for name, weight in wanted.items()
            if tensors[name].dtype != getattr(torch, weight.dtype.torch_name)
        ],
    }
    notes = tuple(f"{kind}: {_some(names)}" for kind, names in faults.items() if names)
    if notes:
        raise CompileError(Diagnostic("G410", f"{source} does not hold the weights of `{graph.name}`", notes=notes))


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
