"""A graph, an opset and how to export go in; what ONNX Runtime computes otherwise than torch comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import onnx
import onnxruntime
import onnxruntime.capi.onnxruntime_pybind11_state as runtime
import torch

from exported.grow import SIZES, drawn_input
from exported.weigh import weights_of
from ghndsl.diagnostics import CompileError
from ghndsl.emit.onnx import to_onnx
from ghndsl.emit.run import run
from ghndsl.ir import Graph
from ghndsl.ops import Mode

BATCHES = (1, 2, 7)
TOLERANCE = 1e-4
_BITS = 2e-7
_NOTHING = 1e-5
_CRASHES = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, AssertionError),
    *(onnx.checker.ValidationError, onnx.shape_inference.InferenceError),
)
_REFUSALS = (
    *(runtime.NotImplemented, runtime.Fail, runtime.InvalidGraph),
    *(runtime.InvalidArgument, runtime.RuntimeException, runtime.EPFail),
)


@dataclass(frozen=True)
class Verdict:
    """The failure, if there is one; what was refused by name instead of being exported; the runs that were compared."""

    failure: str | None = None
    refusal: str | None = None
    runs: int = 0


def judged(graph: Graph, opset: int, *, fold: bool) -> Verdict:
    """Exports a graph and compares it at every batch with which torch runs it."""
    weights = weights_of(graph)
    try:
        model = to_onnx(graph, weights, opset, fold_batch_norm=fold)
    except CompileError as error:
        (told, *_) = error.diagnostics
        return Verdict(refusal=told.message) if told.code == "G502" else Verdict(f"refused: {told.code}")
    except _CRASHES as error:
        return Verdict(f"crash: {type(error).__name__}: {str(error).splitlines()[0]}")
    if [entry.version for entry in model.opset_import] != [opset]:
        return Verdict("another opset")
    try:
        return _compared(_session(model), graph, weights)
    except _REFUSALS as error:
        return Verdict(f"runtime: {str(error).splitlines()[0]}")


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _compared(session: onnxruntime.InferenceSession, graph: Graph, weights: Mapping[str, torch.Tensor]) -> Verdict:
    generator = torch.Generator().manual_seed(5)
    names = [value.name for value in session.get_inputs()]
    runs = 0
    for batch in BATCHES:
        given = [drawn_input(kind, {**SIZES, "N": batch}, generator) for kind in graph.inputs.values()]
        try:
            wanted = list(run(graph, given, weights).values())
            shaken = _shaken(graph, given, weights, {**SIZES, "N": batch}, generator)
        except (ValueError, RuntimeError, IndexError):
            continue
        if not all(bool(one.isfinite().all()) for one in wanted):
            continue
        found = session.run(None, dict(zip(names, [x.numpy() for x in given], strict=True)))
        for one, other, array in zip(wanted, shaken, found, strict=True):
            told = difference(one, other, torch.from_numpy(array))
            if told is not None:
                return Verdict(f"other numbers: {told} at batch {batch}")
        runs += 1
    return Verdict(runs=runs)


def _shaken(
    graph: Graph,
    given: Sequence[torch.Tensor],
    weights: Mapping[str, torch.Tensor],
    sizes: Mapping[str, int],
    generator: torch.Generator,
) -> list[torch.Tensor]:
    """The outputs when every result of every node is rounded otherwise: what a graph makes of its own rounding.

    Raises ValueError where some result is no number: what becomes of that is the runtime's own (a maximum forgets it).
    """
    values = {port.value: tensor for port, tensor in zip(graph.arguments, given, strict=True)}
    for node in graph.nodes:
        own = {weight.name: weights[node.weight_path(weight)] for weight in node.weights}
        inputs = [values[value] for value in node.inputs]
        if node.op.name == "div" and bool((inputs[1].abs() < _NOTHING).any()):
            raise ValueError(f"{node} divides by what may be rounding alone")
        results = node.op.run(inputs, own, Mode(sizes=sizes))
        if not all(bool(result.isfinite().all()) for result in results):
            raise ValueError(f"{node} comes to no number")
        values.update(zip(node.results, [_rounded(result, generator) for result in results], strict=True))
    return [values[port.value] for port in graph.results]


def _rounded(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Numbers that differ from these by a few of their last bits, or of those of a sum of ones."""
    if not x.is_floating_point():
        return x
    return x + _BITS * x.abs().clamp(min=1) * torch.randn(x.shape, generator=generator)


def difference(wanted: torch.Tensor, shaken: torch.Tensor, found: torch.Tensor) -> str | None:
    """What differs beyond what rounding may make of it."""
    if wanted.shape != found.shape or wanted.dtype != found.dtype:
        return f"{found.dtype}{list(found.shape)} for {wanted.dtype}{list(wanted.shape)}"
    both, nearly, there = wanted.double(), shaken.double(), found.double()
    allowed = TOLERANCE * both.abs().clamp(min=1) + 20 * (both - nearly).nan_to_num(0.0, 0.0, 0.0).abs().max()
    wrong = ~((there - both).abs() <= allowed) & ~(both.isnan() & there.isnan()) & (both != there)
    return f"{there[wrong][0]:.6g} for {both[wrong][0]:.6g}" if bool(wrong.any()) else None
