"""A graph goes in; the graph in which no zeros are added comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from ghndsl import ops
from ghndsl.ir import Graph, Node, Value
from ghndsl.ir.identity import canonical_places
from ghndsl.passes.rewrite import rewrite
from ghndsl.types import TensorType


def zeros(graph: Graph) -> Graph:
    """Leaves `zeros_like` out of sums; a sum of nothing else is one of its zeros, which depends on as little as any.

    Zeros that give a sum its shape stay. Operators that map zeros to zeros are not looked into. A term of -0.0 is no
    longer made 0.0, which is equal to it.

    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> (nothing,) = build.add(ops.ZerosLike(), [x], "0", scope)
    >>> (total,) = build.add(ops.Add(), [x, nothing], "1", scope)
    >>> build.output("y", total)
    >>> zeros(build.finish()).results[0].value == x
    True
    """
    ages, zero = _Ages(graph), set[int]()

    def without(node: Node) -> Node | Value:
        nothing = isinstance(node.op, ops.ZerosLike)
        if isinstance(node.op, ops.Add):
            found = _sum_without(node, zero, ages)
            if not isinstance(found, Node):
                return found
            node, nothing = found, zero.issuperset([value.id for value in found.inputs])
        if nothing:
            zero.add(node.results[0].id)
        return node

    return rewrite(graph, without)


_Age: TypeAlias = tuple[int, int, int]


class _Ages:
    """Which of several values depends on less: by the steps from an input to it; of those alike, what more nodes use,
    since it is there anyhow; then by its place in an order that graphs alike share, so that graphs alike stay alike."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def _by_value(self) -> dict[int, _Age]:
        ages: dict[int, _Age] = {}
        users = Counter([value.id for node in self.graph.nodes for value in node.inputs])
        for node, place in zip(self.graph.nodes, canonical_places(self.graph), strict=True):
            steps = 1 + max([ages[value.id][0] for value in node.inputs if value.id in ages], default=0)
            ages.update((value.id, (steps, -users[value.id], place)) for value in node.results)
        return ages

    def sorted(self, values: list[Value]) -> list[Value]:
        """Those that depend on least first."""
        return sorted(values, key=lambda value: self._by_value[value.id]) if len(values) > 1 else values


def _sum_without(node: Node, zero: Container[int], ages: _Ages) -> Node | Value:
    """A sum without the zeros that do not change its type, or its one term."""
    nothing = [value for value in node.inputs if value.id in zero]
    if not nothing:
        return node
    terms = [value for value in node.inputs if value.id not in zero]
    if terms and node.op.infer(*(value.type for value in terms)) == (node.results[0].type,):
        return terms[0] if len(terms) == 1 else replace(node, inputs=tuple(terms))
    earliest: dict[TensorType, Value] = {}
    for value in ages.sorted(nothing):
        earliest.setdefault(value.type, value)
    kept = [*terms, *earliest.values()]
    for value in reversed(earliest.values()):
        rest = [other for other in kept if other is not value]
        if rest and node.op.infer(*(other.type for other in rest)) == (node.results[0].type,):
            kept = rest
    if len(kept) == 1:
        return kept[0]
    return node if len(kept) == len(node.inputs) else replace(node, inputs=tuple(kept))
