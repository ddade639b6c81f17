"""A graph that fails and a test go in; the smallest part of it that was found to fail alike comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ghndsl.ir import Graph, Port, Value
from ghndsl.passes import dead


def shrunk(graph: Graph, fails: Callable[[Graph], bool]) -> Graph:
    """Parts are cut off at the end and at the beginning, as long as what is left fails."""
    while True:
        smaller = next((one for one in _smaller(graph) if fails(one)), None)
        if smaller is None:
            return graph
        graph = smaller


def _smaller(graph: Graph) -> Iterator[Graph]:
    """Graphs with less in them, the smallest first: one value as the output, or as an input instead of its node."""
    cuts: list[Graph] = []
    for node in graph.nodes:
        for value in node.results:
            if [port.value for port in graph.results] != [value]:
                cuts.append(_tidy(replace(graph, results=(Port("y", value),))))
    for node in graph.nodes:
        if len(graph.nodes) > 1:
            rest = tuple(other for other in graph.nodes if other is not node)
            taken = tuple(Port(f"in{value.id}", value) for value in node.results if value.type.dtype.is_float)
            if len(taken) == len(node.results):
                cuts.append(_tidy(replace(graph, nodes=rest, arguments=(*graph.arguments, *taken))))
    yield from sorted((cut for cut in cuts if _size(cut) < _size(graph)), key=_size)


def _size(graph: Graph) -> tuple[int, int, int]:
    return len(graph.nodes), len(graph.arguments), len(graph.results)


def _tidy(graph: Graph) -> Graph:
    """Without what no output needs, inputs too, but for one that tells the size of the batch."""
    pruned = dead(graph)
    used: set[Value] = {value for node in pruned.nodes for value in node.inputs}
    used |= {port.value for port in pruned.results}
    needed = tuple(port for port in pruned.arguments if port.value in used) or pruned.arguments[:1]
    return replace(pruned, arguments=needed)
