"""A graph goes in; the graph in which what was computed twice is computed once comes out."""

from __future__ import annotations

from ghndsl.ir import Graph, Node
from ghndsl.passes.chance import is_function
from ghndsl.passes.rewrite import Outcome, rewrite


def common(graph: Graph) -> Graph:
    """Keeps the first of the nodes that apply one operator to the same values.

    The order of a commutative operator's inputs does not count, so that a sum of three may differ in its last bit.
    Nodes with parameters are the same when they share them. Nodes that draw random numbers differ in training, and
    those that keep statistics count their uses: both are left alone.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> values = [build.add(ops.Relu(), [x], path, scope)[0] for path in ("0", "1")]
    >>> build.output("y", *build.add(ops.Add(), values, "2", scope))
    >>> graph = common(build.finish())
    >>> [node.path for node in graph.nodes], len(set(graph.nodes[1].inputs))
    (['0', '2'], 1)
    """
    first: dict[tuple[object, ...], Node] = {}

    def once(node: Node) -> Outcome:
        if not is_function(node):
            return node
        known = first.setdefault(_key(node), node)
        return node if known is node else known.results

    return rewrite(graph, once)


def _key(node: Node) -> tuple[object, ...]:
    inputs = [value.id for value in node.inputs]
    # Written out, for 1 and 1.0, or 0.0 and -0.0, are equal but not the same attribute.
    path = node.path if node.weights else None
    return repr(node.op), path, *(sorted(inputs) if node.op.commutative else inputs)
