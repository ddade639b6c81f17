"""A graph goes in; the same graph, whose branches are left out with a chance that can be changed, comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from ghndsl.ir import Graph, Node, Value
from ghndsl.ops import Mode, NamedTensors, Operator, Results, StochasticDepth, Tensors
from ghndsl.ops.pass_through import dropped
from ghndsl.records import altered, record
from ghndsl.types import TensorType


@dataclass
class Chance:
    """The greatest probability with which a branch is left out; it changes as training goes on."""

    p: float = 0.0


@record
class _Branch(Operator):
    """x, or zeros for a sample left out, in training: by a share of the chance."""

    chance: Chance
    share: float = 1.0
    rowwise: bool = True

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        return types

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x,) = inputs
        shape = (x.shape[0] if self.rowwise else 1, *[1] * (x.dim() - 1))
        return (dropped(x, self.chance.p * self.share, mode, shape),)


def with_drop_path(graph: Graph, chance: Chance) -> Graph:
    """The graph with its `stochastic_depth` at a share of the chance: the greatest `p` at all of it, others in
    proportion, all alike where each is 0.

    Where a graph has none, each branch of a sum is left out by the chance, as in DARTS and the GHN paper: operands that
    nothing else reads, so not what is passed on beside them, in sums of values of one type.
    """
    depths = [node.op for node in graph.nodes if isinstance(node.op, StochasticDepth)]
    if not depths:
        return _with_branches(graph, chance)
    most = max(op.p for op in depths)
    return replace(graph, nodes=tuple(_led(node, chance, most) for node in graph.nodes))


def can_drop(graph: Graph) -> bool:
    """Whether the graph has branches that can be left out."""
    return with_drop_path(graph, Chance()) is not graph


def _led(node: Node, chance: Chance, most: float) -> Node:
    if not isinstance(node.op, StochasticDepth):
        return node
    return replace(node, op=_Branch(chance, node.op.p / most if most else 1.0, node.op.mode == "row"))


def _with_branches(graph: Graph, chance: Chance) -> Graph:
    reads = Counter(value.id for node in graph.nodes for value in node.inputs)
    reads.update(port.value.id for port in graph.results)
    given = {port.value.id for port in graph.arguments}
    single = {number for number, times in reads.items() if times == 1 and number not in given}
    made = {value.id for node in graph.nodes for value in node.results}
    fresh = count(1 + max(made | given, default=0))
    nodes = [one for node in graph.nodes for one in _dropping(node, chance, single, fresh)]
    return graph if len(nodes) == len(graph.nodes) else replace(graph, nodes=tuple(nodes))


def _dropping(node: Node, chance: Chance, single: set[int], fresh: Iterator[int]) -> Iterator[Node]:
    """The node after those that leave its branches out; itself where it has none."""
    types = {value.type for value in (*node.inputs, *node.results)}
    if node.op.name != "add" or len(node.inputs) < 2 or len(types) != 1 or not node.results[0].type.rank:
        yield node
        return
    inputs: list[Value] = []
    for value in node.inputs:
        if value.id not in single:
            inputs.append(value)
            continue
        inputs.append(Value(next(fresh), value.type))
        yield Node(_Branch(chance), (value,), (inputs[-1],), "", node.scope)
    yield altered(node, inputs=tuple(inputs))
