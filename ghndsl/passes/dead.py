"""A graph goes in; the graph without the nodes that no output needs comes out."""

from __future__ import annotations

from dataclasses import replace

from ghndsl.ir import Graph, Node


def dead(graph: Graph) -> Graph:
    """Leaves out every node that feeds no output; graph inputs stay, needed or not.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> (unused,) = build.add(ops.Linear(2), [x], "a", scope)
    >>> (used,) = build.add(ops.Linear(2), [x], "b", scope)
    >>> build.output("y", used)
    >>> [node.path for node in dead(build.finish()).nodes]
    ['b']
    """
    needed = {port.value.id for port in graph.results}
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if any(value.id in needed for value in node.results):
            needed.update(value.id for value in node.inputs)
            kept.append(node)
    return graph if len(kept) == len(graph.nodes) else replace(graph, nodes=tuple(reversed(kept)))
