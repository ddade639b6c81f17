"""An ONNX model and the graph it was made from go in; the largest difference between what the two compute comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
import torch

from ghndsl.emit.run import run
from ghndsl.ir import Graph, Port, batch_symbol
from ghndsl.ir.sizes import linear
from ghndsl.types import SymbolicSize


def check(
    model: onnx.ModelProto,
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    batches: Sequence[int] = (1, 2, 7),
) -> float:
    """The largest absolute difference between ONNX Runtime and `run`, on normal inputs of each batch size.

    Symbolic sizes beside the batch get the least values with which the dimensions they are in have 32 places.
    """
    options = onnxruntime.SessionOptions()
    # Threads in a recurrent layer wait for each other in busy loops, which on a busy machine is for ever.
    recurrent = any(node.op_type in ("LSTM", "GRU") for node in model.graph.node)
    options.intra_op_num_threads = 1 if recurrent else torch.get_num_threads()
    options.log_severity_level = 3
    # A waiting thread that spins holds up everybody on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    batch = batch_symbol(graph)
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for count in batches if batch else batches[:1]:
        sizes = {**_sizes(graph), **({batch: count} if batch else {})}
        given = [_drawn(port, sizes, generator) for port in graph.arguments]
        with torch.no_grad():
            wanted = run(graph, given, weights)
        found = session.run(None, {name: value.numpy() for name, value in zip(names, given, strict=True)})
        for array, tensor in zip(found, wanted.values(), strict=True):
            worst = max(worst, _difference(tensor, torch.from_numpy(np.asarray(array))))
    return worst


def _difference(wanted: torch.Tensor, found: torch.Tensor) -> float:
    """The largest absolute difference; infinite when the shapes differ or only one of two numbers is one."""
    if wanted.shape != found.shape:
        return float("inf")
    gap = (wanted.double() - found.double()).abs()
    gap = gap.masked_fill((wanted == found) | (wanted.isnan() & found.isnan()), 0.0)
    return float(gap.nan_to_num(nan=float("inf")).max()) if gap.numel() else 0.0


def _sizes(graph: Graph) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for port in graph.arguments:
        for size in port.value.type.shape:
            form = linear(size) if isinstance(size, SymbolicSize) else None
            if form is not None:
                name, factor, rest = form
                sizes[name] = max(sizes.get(name, 1), -(-(32 - rest) // factor))
    return sizes


def _drawn(port: Port, sizes: Mapping[str, int], generator: torch.Generator) -> torch.Tensor:
    kind = port.value.type.substitute(sizes)
    shape = [size for size in kind.shape if isinstance(size, int)]
    if len(shape) < kind.rank:
        raise ValueError(f"no sizes can be chosen for the input `{port.name}` of type {port.value.type}")
    element = getattr(torch, kind.dtype.torch_name)
    if kind.dtype.is_float:
        return torch.randn(shape, generator=generator).to(element)
    return torch.randint(2, shape, generator=generator).to(element)
