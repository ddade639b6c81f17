"""A graph goes in; its multiply-accumulates and memory, for one sample, come out."""

from __future__ import annotations

from collections.abc import Mapping

from ghndsl.ir.graph import Graph
from ghndsl.types import Dim, SymbolicSize


def batch_symbol(graph: Graph) -> str | None:
    """The name that stands first in the shape of the first input, if it is a name: the batch."""
    for port in graph.arguments:
        if port.value.type.shape:
            first = port.value.type.shape[0]
            return str(first) if isinstance(first, SymbolicSize) and str(first) in first.symbols else None
    return None


def per_sample(graph: Graph, total: Dim, sizes: Mapping[str, int] | None = None) -> int | None:
    """A total at batch 1, or None while it depends on further names than those of `sizes`."""
    batch = batch_symbol(graph)
    known = {**(sizes or {}), **({batch: 1} if batch is not None else {})}
    value = total if isinstance(total, int) else total.substitute(known)
    return value if isinstance(value, int) else None


def graph_macs(graph: Graph, sizes: Mapping[str, int] | None = None) -> int | None:
    """Multiply-accumulates of convolutions, linear layers and matrix products, bias not counted; of symbolic sizes with
    these values."""
    total: Dim = 0
    for node in graph.nodes:
        total = total + node.macs if node.macs != 0 else total
    return per_sample(graph, total, sizes)


def graph_memory(graph: Graph) -> int | None:
    """Bytes of every value made and of every weight."""
    total: Dim = sum(weight.numel * weight.dtype.bytes for weight in graph.weights.values())
    for node in graph.nodes:
        for value in node.results:
            total = total + value.type.numel * value.type.dtype.bytes
    return per_sample(graph, total)
