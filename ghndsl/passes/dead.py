"""A graph goes in; the graph without the nodes that no output needs comes out."""

from __future__ import annotations

from dataclasses import replace

from ghndsl.ir import Graph


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
    needed = graph.needed
    kept = tuple([node for node in graph.nodes if not needed.isdisjoint([value.id for value in node.results])])
    return graph if len(kept) == len(graph.nodes) else replace(graph, nodes=kept)
