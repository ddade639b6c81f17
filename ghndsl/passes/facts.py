"""A graph goes in; what people ask of it comes out: each node's part, memory, what exits take, what a pass took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ghndsl.ir import Graph, Node, per_sample
from ghndsl.passes.dead import dead
from ghndsl.records import record
from ghndsl.types import Dim, TensorType


@record
class Layer:
    """A node's part of a network's params and of its MACs for one sample, unknown while sizes are.

    The weights of one that `is_shared` were counted with an earlier node.
    """

    node: Node
    params: int
    macs: int | None
    is_shared: bool


@record
class Exit:
    """What a network takes up to one of its exits, and without what other outputs need."""

    name: str
    params: int
    macs: int | None


@record
class Memory:
    """Bytes for one sample: of the inputs, of every value that is made, and of all weights; None while unknown."""

    inputs: int | None
    values: int | None
    weights: int

    @property
    def total(self) -> int | None:
        """All of them together: what training takes at least, which keeps every value."""
        return None if self.inputs is None or self.values is None else self.inputs + self.values + self.weights


def memory(graph: Graph) -> Memory:
    """What a network takes, as `torchinfo` divides it.

    >>> import ghndsl
    >>> memory(ghndsl.load("resnet18")).inputs == 3 * 224 * 224 * 4
    True
    """
    given = [port.value.type for port in graph.arguments]
    made = [value.type for node in graph.nodes for value in node.results]
    weights = sum(weight.numel * weight.dtype.bytes for weight in graph.weights.values())
    return Memory(_bytes(graph, given), _bytes(graph, made), weights)


def _bytes(graph: Graph, kinds: Sequence[TensorType]) -> int | None:
    total: Dim = 0
    for kind in kinds:
        total = total + kind.numel * kind.dtype.bytes
    return per_sample(graph, total)


def layers(graph: Graph) -> list[Layer]:
    """Every node in order."""
    found: list[Layer] = []
    seen: set[str] = set()
    for node in graph.nodes:
        params = sum(weight.numel for weight in node.weights if weight.trainable)
        macs = per_sample(graph, node.op.macs(*node.input_types))
        found.append(Layer(node, params, macs, bool(node.weights) and node.path in seen))
        seen.add(node.path)
    return found


def exits(graph: Graph) -> list[Exit]:
    """The exits in order."""
    parts = {port.name: dead(replace(graph, results=(port,))) for port in graph.results if port.is_exit}
    return [Exit(name, part.params, part.macs) for name, part in parts.items()]


def gone(before: Graph, after: Graph) -> dict[str, int]:
    """How many nodes of each operator there are no more, by the operators' names.

    >>> import ghndsl
    >>> graph = ghndsl.load("resnet18")
    >>> gone(graph, graph)
    {}
    """
    left = Counter(node.op.name for node in before.nodes)
    left.subtract(node.op.name for node in after.nodes)
    return {name: count for name, count in sorted(left.items()) if count > 0}
