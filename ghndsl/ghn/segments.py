"""A graph goes in; its segments, each use of a motif and what lies between them, come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ghndsl.ir import Graph, Node, Value

Edges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Segment:
    """A run of nodes in program order that one hypernetwork sees as a graph of its own.

    `inputs` are the values it takes from elsewhere, each a virtual node; `sources` names, for each of them, the
    segment that made it, by index (None: an input of the graph). `edges` are (from, to) where the virtual nodes
    are numbered first, then the nodes. `depth` is the length of the longest way here through other segments.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[Value, ...]
    sources: tuple[int | None, ...]
    edges: Edges
    depth: int

    @property
    def size(self) -> int:
        """Virtual nodes and nodes together."""
        return len(self.inputs) + len(self.nodes)


def cut(graph: Graph) -> tuple[Segment, ...]:
    """The segments in program order. A graph without motifs is one segment.

    The stacked GHN (Zhang et al., ICLR 2019, section 4.3) has one graph for each use of a motif; here the stem, the
    head and all that is written between the uses are graphs too, so that every weight is generated.
    """
    made_by: dict[int, int] = {}
    segments: list[Segment] = []
    for nodes in _runs(graph.nodes):
        segments.append(_segment(nodes, made_by, segments))
        made_by |= {value.id: len(segments) - 1 for node in nodes for value in node.results}
    return tuple(segments)


def _runs(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    """Neighbours in program order with the same outermost use of a motif."""
    for _, run in groupby(nodes, key=lambda node: id(node.scope.motif)):
        yield tuple(run)


def _segment(nodes: tuple[Node, ...], made_by: dict[int, int], before: Sequence[Segment]) -> Segment:
    inside = {value.id for node in nodes for value in node.results}
    inputs: dict[int, Value] = {}
    for node in nodes:
        inputs |= {value.id: value for value in node.inputs if value.id not in inside}
    place = {name: index for index, name in enumerate(inputs)}
    place |= {value.id: len(inputs) + i for i, node in enumerate(nodes) for value in node.results}
    edges = tuple((place[value.id], len(inputs) + i) for i, node in enumerate(nodes) for value in node.inputs)
    sources = tuple(made_by.get(name) for name in inputs)
    depth = max((before[source].depth + 1 for source in sources if source is not None), default=0)
    return Segment(nodes, tuple(inputs.values()), sources, edges, depth)
