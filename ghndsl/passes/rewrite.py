"""A graph and a rule for nodes go in; the graph with nodes changed, or replaced by earlier values, comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ghndsl.ir import Graph, Node, Value


def rewrite(graph: Graph, rule: Callable[[Node], Node | Value]) -> Graph:
    """Gives each node in order, its inputs already replaced, to a rule.

    The rule returns the node, another with the same results, or, for a node with one result, an earlier value of the
    same type that takes its place. What no rule changes stays the same object; so does the graph if nothing changes.
    """
    instead: dict[int, Value] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        if any(value.id in instead for value in node.inputs):
            given = replace(node, inputs=tuple(instead.get(value.id, value) for value in node.inputs))
        else:
            given = node
        found = rule(given)
        if isinstance(found, Node):
            nodes.append(found)
        else:
            instead[node.results[0].id] = found
    if len(nodes) == len(graph.nodes) and all(a is b for a, b in zip(nodes, graph.nodes, strict=True)):
        return graph
    results = tuple(replace(port, value=instead.get(port.value.id, port.value)) for port in graph.results)
    return replace(graph, nodes=tuple(nodes), results=results)
