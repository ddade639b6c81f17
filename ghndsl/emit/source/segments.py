"""Nodes of a graph go in; what they take and give comes out, and whether they could be computed as one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from ghndsl.ir import Graph
from ghndsl.records import record


@record
class Segment:
    """Nodes by number, in order; the values by id that they take from others and give to others."""

    nodes: tuple[int, ...]
    inputs: tuple[int, ...]
    results: tuple[int, ...]

    @cached_property
    def places(self) -> dict[int, int]:
        """The place of each node among the nodes."""
        return {number: place for place, number in enumerate(self.nodes)}


class Segments:
    """The segments of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self.maker = {value.id: number for number, node in enumerate(graph.nodes) for value in node.results}
        self.users: dict[int, list[int]] = {}
        for number, node in enumerate(graph.nodes):
            for value in node.inputs:
                self.users.setdefault(value.id, []).append(number)
        self.outputs = {port.value.id for port in graph.results}

    def segment(self, numbers: Iterable[int]) -> Segment:
        """Some nodes as a segment."""
        nodes = tuple(sorted(numbers))
        own = set(nodes)
        made = [value.id for number in nodes for value in self.nodes[number].results]
        inside = set(made)
        inputs = dict.fromkeys(v.id for number in nodes for v in self.nodes[number].inputs if v.id not in inside)
        results = [one for one in made if one in self.outputs or not own.issuperset(self.users.get(one, ()))]
        return Segment(nodes, tuple(inputs), tuple(results))

    def hull(self, numbers: Iterable[int], around: Segment) -> Segment | None:
        """The nodes and all that lie between them; none when some of these lie outside of the segment around."""
        own = sorted(numbers)
        before, after = self._reached(own), self._reaching(own)
        between = before & after
        if not between <= around.places.keys():
            return None
        return self.segment(between.union(own))

    def _reached(self, own: list[int]) -> set[int]:
        """The nodes up to the last of some that need one of them, themselves included."""
        reached = set(own)
        for number in range(own[0], own[-1] + 1):
            if any(self.maker.get(value.id) in reached for value in self.nodes[number].inputs):
                reached.add(number)
        return reached

    def _reaching(self, own: list[int]) -> set[int]:
        """The nodes from the first of some on that one of them needs, themselves included."""
        reaching = set(own)
        for number in range(own[-1], own[0] - 1, -1):
            uses = [user for value in self.nodes[number].results for user in self.users.get(value.id, ())]
            if not reaching.isdisjoint(uses):
                reaching.add(number)
        return reaching

    def are_alike(self, first: Segment, other: Segment) -> bool:
        """Whether two segments do the same, node for node, to what they are given."""
        if len(first.nodes) != len(other.nodes) or len(first.inputs) != len(other.inputs):
            return False
        same = dict(zip(first.inputs, other.inputs, strict=True))
        for number, twin in zip(first.nodes, other.nodes, strict=True):
            a, b = self.nodes[number], self.nodes[twin]
            if a.op != b.op or (a.weights and a.path != b.path):
                return False
            if [same.get(value.id) for value in a.inputs] != [value.id for value in b.inputs]:
                return False
            same.update((x.id, y.id) for x, y in zip(a.results, b.results, strict=True))
        return [same[one] for one in first.results] == list(other.results)
