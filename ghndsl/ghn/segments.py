"""A graph goes in; its segments, each use of a motif and what lies between them, come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from ghndsl.ghn.units import Unit, is_bottleneck, joins, units, uses
from ghndsl.ir import Graph, Node, Value

Edges: TypeAlias = tuple[tuple[int, int], ...]

Structure: TypeAlias = tuple[int, Edges]
"""How many nodes a segment has, virtual ones included, and its edges."""


@dataclass(frozen=True, eq=False)
class Segment:
    """A run of nodes in program order that one hypernetwork sees as a graph of its own.

    `inputs` are the values it takes from elsewhere, each a virtual node; `sources` names, for each of them, the
    segment that made it, by index (None: an input of the graph). `edges` are (from, to) where the virtual nodes
    are numbered first, then the units. `depth` is the length of the longest way here through other segments.
    `bottlenecks` are units that are no nodes but edges, each with the nodes it leads from and to.
    """

    units: tuple[Unit, ...]
    inputs: tuple[Value, ...]
    sources: tuple[int | None, ...]
    edges: Edges
    depth: int
    bottlenecks: tuple[tuple[Unit, int, int], ...] = ()

    @property
    def size(self) -> int:
        """Virtual nodes and units together."""
        return len(self.inputs) + len(self.units)

    @property
    def structure(self) -> Structure:
        """Its size and its edges."""
        return self.size, self.edges


def cut(graph: Graph, *, fused: bool = True, stacked: bool = True, bottlenecks: bool = False) -> tuple[Segment, ...]:
    """The segments in program order; one, unless `stacked` or without motifs. `fused` as in `units`; with `bottlenecks`
    pointwise convolutions between two nodes are edges.

    The stacked GHN (Zhang et al., ICLR 2019, section 4.3) has one graph for each use of a motif; here the stem, the
    head and all that is written between the uses are graphs too, so that every weight is generated.
    """
    taken = uses(graph)
    made_by: dict[int, int] = {}
    segments: list[Segment] = []
    for nodes in _runs(graph.nodes) if stacked else filter(None, [graph.nodes]):
        segments.append(_segment(nodes, taken, made_by, segments, fused, bottlenecks))
        made_by |= {value.id: len(segments) - 1 for node in nodes for value in node.results}
    return tuple(segments)


def _runs(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    """Neighbours in program order with the same outermost use of a motif."""
    motifs = {scope: id(scope.motif) for scope in {node.scope for node in nodes}}
    for _, run in groupby(nodes, key=lambda node: motifs[node.scope]):
        yield tuple(run)


def _segment(
    nodes: tuple[Node, ...],
    taken: Counter[int],
    made_by: dict[int, int],
    before: Sequence[Segment],
    fused: bool,
    bottlenecks: bool,
) -> Segment:
    inside = {value.id for node in nodes for value in node.results}
    inputs: dict[int, Value] = {}
    for node in nodes:
        inputs |= {value.id: value for value in node.inputs if value.id not in inside}
    found = units(nodes, taken, fused=fused, begins=bottlenecks)
    kept, narrow = _apart(found, taken) if bottlenecks else (found, list[Unit]())
    place = {name: index for index, name in enumerate(inputs)}
    for index, unit in enumerate(kept, start=len(inputs)):
        place |= {value.id: index for node in unit for value in node.results}
    # What a bottleneck makes stands for what it takes: its edge leads on from there.
    passed = {unit[-1].results[0].id: unit for unit in narrow}
    place |= {name: place[unit[0].inputs[0].id] for name, unit in passed.items()}
    to = {value.id: index for index, unit in enumerate(kept, start=len(inputs)) for value in unit[0].inputs}
    edges = tuple(
        (place[value.id], index) for index, unit in enumerate(kept, start=len(inputs)) for value in unit[0].inputs
    )
    sources = tuple(made_by.get(name) for name in inputs)
    depth = max((before[source].depth + 1 for source in sources if source is not None), default=0)
    between = tuple((unit, place[name], to[name]) for name, unit in passed.items())
    return Segment(tuple(kept), tuple(inputs.values()), sources, edges, depth, between)


def _apart(found: Sequence[Unit], taken: Counter[int]) -> tuple[list[Unit], list[Unit]]:
    """The units that are nodes, and those that are edges: one unit alone takes what they make, and what they take no
    edge makes. Several values that an edge takes are joined by a node of their own.
    """
    takers = {value.id for unit in found for value in unit[0].inputs}
    kept, narrow, made = list[Unit](), list[Unit](), set[int]()
    for unit in found:
        join, rest = (unit[:1], unit[1:]) if len(unit[0].inputs) > 1 and joins(unit[0]) else ((), unit)
        result = unit[-1].results[0].id
        is_alone = taken[result] == 1 and result in takers and made.isdisjoint(value.id for value in unit[0].inputs)
        if is_alone and is_bottleneck(rest):
            made.add(result)
            narrow.append(rest)
            kept += [join] if join else []
        else:
            kept.append(unit)
    return kept, narrow
