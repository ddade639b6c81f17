"""A network with its weights and inputs goes in; how large each of its values is in training comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch

from ghndsl.emit.run import run
from ghndsl.ir import Graph, Node
from ghndsl.ops import Mode
from ghndsl.passes.dead import dead


class Size(NamedTuple):
    """The root mean square of a value, with the operator that made it and its path."""

    size: float
    operator: str
    path: str


def sizes(graph: Graph, weights: Mapping[str, torch.Tensor], inputs: Mapping[str, torch.Tensor]) -> list[Size]:
    """The sizes of all values of floats that depend on inputs, with batch statistics and dropout, in program order.

    What stochastic depth leaves of a branch is not among them: it may drop all samples at once, whatever the weights.
    """
    seen: list[tuple[torch.Tensor, ...]] = []
    with torch.no_grad():
        mode = Mode("train", torch.Generator().manual_seed(0))
        run(graph, inputs, weights, mode, see=lambda results: seen.append(tuple(map(_size, results))))
    depending = set(_depending(dead(graph)))
    return [
        Size(float(size), node.op.name, node.path)
        for node, results in zip(dead(graph).nodes, seen, strict=True)
        if node in depending and node.op.name != "stochastic_depth"
        for size, value in zip(results, node.results, strict=True)
        if value.type.dtype.is_float
    ]


def _size(value: torch.Tensor) -> torch.Tensor:
    return value.float().norm() / max(value.numel(), 1) ** 0.5


def _depending(graph: Graph) -> Iterator[Node]:
    """The nodes to which a way leads from an input."""
    led = {port.value.id for port in graph.arguments}
    for node in graph.nodes:
        if any(value.id in led for value in node.inputs):
            led |= {value.id for value in node.results}
            yield node
