"""A graph and inputs go in; how long it takes, by torch and ONNX Runtime on this machine, comes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles

import torch

from ghndsl.ir import Graph
from ghndsl.passes.until import until
from ghndsl.training.threads import threads

WARM = 5
"""Runs that are not counted: the first ones find memory and choose kernels."""
LEAST, MOST = 15, 200
"""How many runs are counted."""
SECONDS = 0.5
"""How long is measured at least, unless there are `MOST` runs before."""


@dataclass(frozen=True)
class Latency:
    """The median of single runs, and the distance from their lower to their upper quartile, in milliseconds."""

    milliseconds: float
    spread: float
    runs: int


def latency(graph: Graph, inputs: Mapping[str, torch.Tensor], engine: str = "latency") -> Latency:
    """How long a network with first weights takes for inputs by name on one thread, in evaluation mode.

    `latency` is that of its PyTorch module, `latency_onnx` that of its ONNX model in ONNX Runtime. Times are by the
    clock: what else the machine does shows in the spread.
    """
    with threads(1), torch.inference_mode():
        return timed(RUNNERS[engine](graph, inputs))


def latencies(graph: Graph) -> tuple[dict[str, int], dict[str, dict[str, Latency]]]:
    """Values of the open sizes beside the batch, and how long a sample of them takes up to each exit and output, by its
    name and by engine; inputs are drawn.

    Errors: G507 when no sizes are found with which the network runs.
    """
    from ghndsl.emit.initial import initial_weights
    from ghndsl.emit.onnx.comparison import example

    sizes, inputs = example(graph, initial_weights(graph, 0))
    parts = {port.name: until(graph, port.name) for port in graph.results}
    found = {name: {engine: latency(part, inputs, engine) for engine in RUNNERS} for name, part in parts.items()}
    return sizes, found


def timed(run: Callable[[], object]) -> Latency:
    """The latency of a function, warmed up."""
    for _ in range(WARM):
        run()
    found: list[float] = []
    while len(found) < LEAST or (sum(found) < 1e3 * SECONDS and len(found) < MOST):
        start = time.perf_counter()
        run()
        found.append(1e3 * (time.perf_counter() - start))
    lower, _, upper = quantiles(found, n=4)
    return Latency(median(found), upper - lower, len(found))


def _torch(graph: Graph, inputs: Mapping[str, torch.Tensor]) -> Callable[[], object]:
    from ghndsl.emit.module import to_torch

    module, given = to_torch(graph, seed=0).eval(), list(inputs.values())
    return lambda: module(*given)


def _onnx(graph: Graph, inputs: Mapping[str, torch.Tensor]) -> Callable[[], object]:
    from ghndsl.emit.onnx import to_onnx
    from ghndsl.emit.onnx.comparison import session_of

    session = session_of(to_onnx(graph), 1)
    names = [one.name for one in session.get_inputs()]
    given = dict(zip(names, (value.numpy() for value in inputs.values()), strict=True))
    return partial(session.run, None, given)


RUNNERS: Mapping[str, Callable[[Graph, Mapping[str, torch.Tensor]], Callable[[], object]]] = {
    "latency": _torch,
    "latency_onnx": _onnx,
}
