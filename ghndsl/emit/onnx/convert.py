"""A graph and its weights go in; an ONNX model made from the graph itself, in evaluation, comes out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx.fold import fold_batch_norms
from ghndsl.emit.onnx.model import Skeleton, skeleton
from ghndsl.emit.weights import Array, matched
from ghndsl.ir import Graph
from ghndsl.language import format_graph
from ghndsl.passes.dead import dead

OPSETS = range(17, min(28, onnx.defs.onnx_opset_version()) + 1)
"""The opsets that can be asked for: up to the newest that ONNX Runtime (1.32) runs, and that the onnx here knows."""

DEFAULT_OPSET = 20
"""The first with a native `Gelu`; runtimes since early 2024 take it."""

_MOST_NODES = 10_000
"""Nodes of the largest graph whose text goes into the model."""


def to_onnx(
    graph: Graph,
    weights: Mapping[str, Array] | None = None,
    opset: int | None = None,
    *,
    fold_batch_norm: bool = False,
) -> onnx.ModelProto:
    """The model of the pruned graph: symbolic sizes stay, initialisers are named by the paths of the weights.

    Without `weights` it has initial ones of seed 0. With `fold_batch_norm` each batch normalisation that is all that
    uses a convolution or a linear layer goes into its weights. A model above 2 GB cannot be made one message of bytes:
    `save_onnx` writes it. Refused (`CompileError`): an opset outside `OPSETS` (G501), an operator that cannot be
    lowered exactly (G502), weights that do not fit (G503).

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType, symbol
    >>> build = GraphBuilder("net")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> (y,) = build.add(ops.Linear(2), [x], "fc", Scope("arch", "net"))
    >>> build.output("y", y)
    >>> model = to_onnx(build.finish())
    >>> [(node.op_type, list(node.input), list(node.output)) for node in model.graph.node]
    [('Gemm', ['x', 'fc.weight', 'fc.bias'], ['y'])]
    """
    made, tensors = lowered(graph, weights, opset, fold_batch_norm=fold_batch_norm)
    for initialiser, tensor in made.tensors(tensors):
        initialiser.raw_data = numbers(tensor).tobytes()
    return made.model


def lowered(
    graph: Graph, weights: Mapping[str, Array] | None, opset: int | None, *, fold_batch_norm: bool
) -> tuple[Skeleton, dict[str, torch.Tensor]]:
    """The model without the weights' numbers, and the tensors that hold them; see `to_onnx`."""
    chosen = DEFAULT_OPSET if opset is None else opset
    if chosen not in OPSETS:
        raise CompileError(Diagnostic("G501", f"ONNX opset {chosen} is outside {OPSETS[0]} to {OPSETS[-1]}"))
    pruned = dead(graph)
    tensors = initial_weights(pruned, 0) if weights is None else matched(pruned, weights, also=graph)
    if fold_batch_norm:
        pruned, tensors = fold_batch_norms(pruned, tensors)
    made = skeleton(pruned, chosen)
    made.model.producer_name, made.model.producer_version = "ghndsl", _versions()["ghndsl"]
    helper.set_model_props(made.model, _facts(graph))
    return made, tensors


def numbers(tensor: torch.Tensor) -> npt.NDArray[np.uint8]:
    """The bytes of a tensor's numbers in order, not copied where they lie so already; numpy lacks some element types.

    >>> numbers(torch.tensor([1, 2], dtype=torch.int16))
    array([1, 0, 2, 0], dtype=uint8)
    """
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()


def _facts(graph: Graph) -> dict[str, str]:
    """What the model tells of where it comes from: the graph's id and text, and the versions that made it."""
    facts = {"name": graph.name, "id": graph.id, **_versions()}
    # What was elaborated has a text; what was built by hand may have names that none can write.
    with suppress(ValueError):
        facts |= {"source": format_graph(graph)} if len(graph.nodes) <= _MOST_NODES else {}
    return facts


@cache
def _versions() -> dict[str, str]:
    return {"ghndsl": version("ghndsl"), "onnx": onnx.__version__, "torch": torch.__version__}
