"""A graph goes in; the graph in which no zeros are added comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ghndsl import ops
from ghndsl.ir import Graph, Node, Value
from ghndsl.passes.rewrite import rewrite
from ghndsl.types import TensorType


def zeros(graph: Graph) -> Graph:
    """Leaves `zeros_like` out of sums; a sum of nothing else is the first of its zeros that has its type.

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
    # When each was made: of several zeros that would do, the first depends on least.
    made: dict[int, int] = {}

    def without(node: Node) -> Node | Value:
        nothing = isinstance(node.op, ops.ZerosLike)
        if isinstance(node.op, ops.Add):
            found = _sum_without(node, made)
            if not isinstance(found, Node):
                return found
            node, nothing = found, all(value.id in made for value in found.inputs)
        if nothing:
            made[node.results[0].id] = len(made)
        return node

    return rewrite(graph, without)


def _sum_without(node: Node, made: Mapping[int, int]) -> Node | Value:
    """A sum without the zeros that do not change its type, or its one term."""
    nothing = sorted((value for value in node.inputs if value.id in made), key=lambda value: made[value.id])
    if not nothing:
        return node
    earliest: dict[TensorType, Value] = {}
    for value in nothing:
        earliest.setdefault(value.type, value)
    kept = [*(value for value in node.inputs if value.id not in made), *earliest.values()]
    for value in reversed(earliest.values()):
        rest = [other for other in kept if other is not value]
        if rest and node.op.infer(*(other.type for other in rest)) == (node.results[0].type,):
            kept = rest
    if len(kept) == 1:
        return kept[0]
    return node if len(kept) == len(node.inputs) else replace(node, inputs=tuple(kept))
