"""An ONNX model and the graph it was made from go in; the largest difference between what the two compute comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.run import run
from ghndsl.ir import Graph, Port, batch_symbol
from ghndsl.ir.sizes import linear
from ghndsl.types import DType, SymbolicSize, is_empty, product

if TYPE_CHECKING:
    import onnx
    import onnxruntime

_PLACES = (32, 16, 8, 4, 2, 1, 64, 128, 256)
"""How many places dimensions of symbolic size get, tried in this order until the graph runs."""
_MOST_ELEMENTS = 30_000_000
"""Numbers in the largest tensor with which larger sizes are tried."""
_MOST_PLACES = 2**16


@dataclass(frozen=True)
class Comparison:
    """The largest absolute difference, and the values of the symbolic sizes beside the batch."""

    difference: float
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class _Trial:
    """Inputs, and what torch makes of them."""

    given: Sequence[torch.Tensor]
    wanted: Sequence[torch.Tensor]


def check(
    model: onnx.ModelProto | Path,
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    batches: Sequence[int] = (1, 2, 7),
) -> float:
    """The largest absolute difference between ONNX Runtime and `run`; see `compare`."""
    return compare(model, graph, weights, batches).difference


def compare(
    model: onnx.ModelProto | Path,
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    batches: Sequence[int] = (1, 2, 7),
) -> Comparison:
    """ONNX Runtime, with a model or a file of one, against `run`, on normal inputs of each batch size.

    Symbolic sizes beside the batch get the least values with which the dimensions they are in have 32 places; where the
    graph does not run with so many, fewer, then more, and last the fewest with which no tensor is empty.
    Raises `CompileError` (G507) when it runs with none of them, or when ONNX Runtime refuses the model.
    """
    sizes, trials = _trials(graph, weights, batches)
    try:
        # Threads in a recurrent layer wait for each other in busy loops, which on a busy machine is for ever.
        recurrent = any(node.op.name in ("lstm", "gru") for node in graph.nodes)
        session = _session(model, 1 if recurrent else torch.get_num_threads())
        worst = max([_difference_in(session, trial) for trial in trials], default=0.0)
    except _refusals() as error:
        reason = str(error).rsplit(" : ", maxsplit=1)[-1].strip()
        raise CompileError(Diagnostic("G507", f"ONNX Runtime refuses the model: {reason}")) from error
    return Comparison(worst, sizes)


def _refusals() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises; what exports loads it only to compare."""
    import onnxruntime.capi.onnxruntime_pybind11_state as runtime

    return (
        *(runtime.NotImplemented, runtime.Fail, runtime.InvalidGraph),
        *(runtime.InvalidArgument, runtime.RuntimeException, runtime.EPFail),
    )


def _session(model: onnx.ModelProto | Path, threads: int) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # A waiting thread that spins holds up everybody on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    content = str(model) if isinstance(model, Path) else model.SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _difference_in(session: onnxruntime.InferenceSession, trial: _Trial) -> float:
    names = [value.name for value in session.get_inputs()]
    found = session.run(None, {name: value.numpy() for name, value in zip(names, trial.given, strict=True)})
    arrays = [torch.from_numpy(np.asarray(array)) for array in found]
    return max(map(_difference, trial.wanted, arrays), default=0.0)


def _difference(wanted: torch.Tensor, found: torch.Tensor) -> float:
    """The largest absolute difference; infinite when the shapes differ or only one of two numbers is one."""
    if wanted.shape != found.shape:
        return float("inf")
    gap = (wanted.double() - found.double()).abs()
    gap = gap.masked_fill((wanted == found) | (wanted.isnan() & found.isnan()), 0.0)
    return float(gap.nan_to_num(nan=float("inf")).max()) if gap.numel() else 0.0


def _trials(
    graph: Graph, weights: Mapping[str, torch.Tensor], batches: Sequence[int]
) -> tuple[dict[str, int], list[_Trial]]:
    """Sizes beside the batch with which the graph runs, and its runs with each batch."""
    for port in (*graph.arguments, *graph.results):
        if port.value.type.dtype is DType.BF16:
            message = f"ONNX Runtime takes and gives no bf16 here, and `{port.name}` is {port.value.type}"
            raise CompileError(Diagnostic("G507", message, port.span))
    batch = batch_symbol(graph)
    reason, largest = "", 0
    for places in chain(_PLACES, _larger(graph, batches)):
        sizes = _sizes(graph, places)
        sizes.pop(batch or "", None)
        largest = max(largest, places)
        generator = torch.Generator().manual_seed(0)
        every = [{**sizes, batch: count} for count in batches] if batch else [sizes]
        try:
            return sizes, [_trial(graph, weights, one, generator) for one in every]
        except (ValueError, RuntimeError, IndexError) as error:
            reason = reason or str(error)
        if not sizes:
            break
    most = ", ".join(f"{name} = {size}" for name, size in _sizes(graph, largest).items() if name != batch)
    tried = f", up to {most}" if most else ""
    raise CompileError(Diagnostic("G507", f"the network ran with none of the sizes that were tried{tried}: {reason}"))


def _larger(graph: Graph, batches: Sequence[int]) -> Iterator[int]:
    """The fewest places with which no tensor is empty, if more than the usual ones, and tensors are not too large."""
    low = high = max(_PLACES)
    while not _is_filled(graph, high) and high < _MOST_PLACES:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _is_filled(graph, middle) else (middle, high)
    is_found = high > max(_PLACES) and _is_filled(graph, high)
    if is_found and max(batches, default=1) * _elements(graph, high) <= _MOST_ELEMENTS:
        yield high


def _is_filled(graph: Graph, places: int) -> bool:
    """Whether no tensor is certain to be empty; the batch is one of the sizes here."""
    sizes = _sizes(graph, places)
    types = [value.type.substitute(sizes) for node in graph.nodes for value in node.results]
    return not any(is_empty(size) for kind in types for size in kind.shape)


def _elements(graph: Graph, places: int) -> int:
    """The numbers in the largest tensor of one example."""
    sizes = {**_sizes(graph, places), (batch_symbol(graph) or ""): 1}
    values = [port.value for port in graph.arguments] + [value for node in graph.nodes for value in node.results]
    counts = [product(value.type.substitute(sizes).shape) for value in values]
    return max([count for count in counts if isinstance(count, int)], default=0)


def _trial(
    graph: Graph, weights: Mapping[str, torch.Tensor], sizes: Mapping[str, int], generator: torch.Generator
) -> _Trial:
    given = [_drawn(port, sizes, generator) for port in graph.arguments]
    with torch.no_grad():
        return _Trial(given, list(run(graph, given, weights).values()))


def _sizes(graph: Graph, places: int) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for port in graph.arguments:
        for size in port.value.type.shape:
            form = linear(size) if isinstance(size, SymbolicSize) else None
            if form is not None:
                name, factor, rest = form
                sizes[name] = max(sizes.get(name, 1), -(-(places - rest) // factor))
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
