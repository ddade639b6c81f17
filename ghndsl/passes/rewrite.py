"""A graph and a rule for nodes go in; the graph with nodes changed, or replaced by earlier values, comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from ghndsl.ir import Graph, Node, Value
from ghndsl.records import altered

Outcome: TypeAlias = Node | Value | tuple[Value, ...]
"""A node with the same results, or earlier values of the same types that take the places of its results."""


def rewrite(graph: Graph, rule: Callable[[Node], Outcome]) -> Graph:
    """Gives each node in order, its inputs already replaced, to a rule.

    What no rule changes stays the same object; so does the graph if nothing changes.
    """
    instead: dict[int, Value] = {}
    nodes: list[Node] = []
    is_same = True
    for node in graph.nodes:
        found = rule(_renewed(node, instead) if instead else node)
        is_same = is_same and found is node
        if isinstance(found, Node):
            nodes.append(found)
            continue
        values = found if isinstance(found, tuple) else (found,)
        instead.update(zip([value.id for value in node.results], values, strict=True))
    if is_same:
        return graph
    results = tuple(replace(port, value=instead.get(port.value.id, port.value)) for port in graph.results)
    return replace(graph, nodes=tuple(nodes), results=results)


def _renewed(node: Node, instead: Mapping[int, Value]) -> Node:
    """A node with its inputs replaced; itself where none is."""
    if instead.keys().isdisjoint([value.id for value in node.inputs]):
        return node
    return altered(node, inputs=tuple([instead.get(value.id, value) for value in node.inputs]))


def rewrite_knowing(graph: Graph, rule: Callable[[Node, Mapping[int, Node]], Outcome]) -> Graph:
    """As `rewrite`; the rule is also told the node that makes each earlier value, by the value's id."""
    makers: dict[int, Node] = {}

    def informed(node: Node) -> Outcome:
        found = rule(node, makers)
        if isinstance(found, Node):
            makers.update((value.id, found) for value in found.results)
        return found

    return rewrite(graph, informed)
