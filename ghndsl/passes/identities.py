"""A graph goes in; the graph without the operators that give back their one input comes out."""

from __future__ import annotations

from ghndsl import ops
from ghndsl.ir import Graph, Node, Value
from ghndsl.passes.rewrite import rewrite


def identities(graph: Graph) -> Graph:
    """Leaves out `identity`, and `add`, `mul` and `concat` of a single tensor; dropout stays, it acts in training.

    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> (same,) = build.add(ops.Identity(), [x], "0", scope)
    >>> (alone,) = build.add(ops.Add(), [same], "1", scope)
    >>> build.output("y", alone)
    >>> graph = identities(build.finish())
    >>> graph.nodes, graph.results[0].value == x
    ((), True)
    """
    return rewrite(graph, _without)


def _without(node: Node) -> Node | Value:
    alone = isinstance(node.op, ops.Add | ops.Mul | ops.Concat) and len(node.inputs) == 1
    return node.inputs[0] if alone or isinstance(node.op, ops.Identity) else node
