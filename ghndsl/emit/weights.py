"""A graph and arrays by path go in; tensors for exactly the graph's weights come out, or a refusal that names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.ir import Graph
from ghndsl.ops import Role, Weight

Array: TypeAlias = torch.Tensor | npt.NDArray[np.generic]


def matched(graph: Graph, weights: Mapping[str, Array], *, also: Graph | None = None) -> dict[str, torch.Tensor]:
    """The tensors of the graph's weights by path, in its order and of its element types.

    A missing count of batches is zero, and a missing table holds what follows from its operator. Names that neither
    this graph nor the one it was pruned from (`also`) knows, a name that is missing and a wrong shape are refused:
    G503, one diagnostic each.
    """
    known = graph.weights.keys() | (also.weights.keys() if also else set())
    faults = [_unknown(path, known) for path in weights if path not in known]
    found: dict[str, torch.Tensor] = {}
    for path, weight in graph.weights.items():
        if path in weights:
            value = _tensor(weights[path])
            if tuple(value.shape) == weight.shape:
                found[path] = value.to(torch_type(weight))
            else:
                faults.append(_refusal(f"weight `{path}` must be of shape {weight.shape}, not {tuple(value.shape)}"))
        elif weight.role in (Role.COUNT, Role.TABLE):
            found[path] = buffer(weight)
        else:
            faults.append(_refusal(f"weight `{path}` is missing"))
    if faults:
        raise CompileError(*faults)
    return found


def buffer(weight: Weight) -> torch.Tensor:
    """The first value of a buffer: mean zero, variance one, nothing counted, or the numbers of its table."""
    if weight.table is not None:
        return torch.from_numpy(weight.table.numbers()).to(torch_type(weight))
    return torch.full(weight.shape, weight.drawn.scale, dtype=torch_type(weight))


def torch_type(weight: Weight) -> torch.dtype:
    """torch's element type of a weight."""
    kind: torch.dtype = getattr(torch, weight.dtype.torch_name)
    return kind


def _tensor(value: Array) -> torch.Tensor:
    # A copy, for torch warns of arrays that cannot be written to, as those read from files often are.
    return value if isinstance(value, torch.Tensor) else torch.from_numpy(np.array(value))


def _unknown(path: str, known: set[str]) -> Diagnostic:
    return _refusal(f"the graph has no weight `{path}`", did_you_mean(path, known))


def _refusal(message: str, help: str | None = None) -> Diagnostic:  # noqa: A002
    return Diagnostic("G503", message, help=help)
