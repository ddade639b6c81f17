"""A graph goes in; what people ask of it comes out: each node's part, memory, what exits take, what a pass took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ghndsl.ir import Graph, Node, Port, per_sample
from ghndsl.passes.until import until
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
    """What a network takes up to one of its exits or outputs, and without what others need; MACs for one sample, None
    while sizes are open."""

    name: str
    params: int
    macs: int | None
    is_exit: bool = True


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
    return [reach(graph, port) for port in graph.results if port.is_exit]


def reach(graph: Graph, port: Port) -> Exit:
    """What it takes to reach one of the exits or outputs."""
    part = until(graph, port.name)
    return Exit(port.name, part.params, part.macs, port.is_exit)


def within(exits: Sequence[Exit], budget: float) -> Exit:
    """The most costly of exits and outputs that takes at most so many MACs, the last of equals.

    Raises ValueError where none costs so little, where there are no exits, and where costs are not known.

    >>> within([Exit("early", 9, 100), Exit("logits", 20, 300, is_exit=False)], 299.5).name
    'early'
    """
    if not any(one.is_exit for one in exits):
        raise ValueError("the network has no exits, so there is nothing to choose by a budget")
    costs = {one: one.macs for one in exits if one.macs is not None}
    if len(costs) < len(exits):
        raise ValueError("what exits cost is not known while sizes are open")
    able = [one for one, cost in costs.items() if cost <= budget]
    if not able:
        cheapest = min(costs, key=costs.__getitem__)
        raise ValueError(f"no exit costs so little: `{cheapest.name}` takes {cheapest.macs:,} MACs")
    return max(reversed(able), key=costs.__getitem__)


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
