"""A space's flow, or that inside a block with choices, goes in; its boxes and edges are in a Graphviz picture then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import graphviz

from ghndsl.emit.outline.boxes import Box
from ghndsl.emit.outline.words import tooltip
from ghndsl.emit.picture.flow import Flow, plain
from ghndsl.emit.picture.labels import beside
from ghndsl.emit.picture.palette import BLOCK, MOTIF, REPEAT
from ghndsl.ir import Scope
from ghndsl.space.drawing.common import Flowing
from ghndsl.space.drawing.sketch import StandIn

_MANY = 3
"""How many edges between two boxes are drawn one by one."""


@dataclass(eq=False)
class SpaceFlow(Flow):
    """Draws blocks with choices as folded blocks."""

    def inside(self, flowing: Flowing, frame: graphviz.Digraph) -> tuple[str, str]:
        """Draws what a block holds into its frame, between what it takes and what it returns; its ends."""
        for port in flowing.graph.arguments:
            self.owners[port.value.id] = self._end(frame, port.value, "in")
        self._fill(flowing.cluster, frame, flowing.cluster.scopes)
        self.edges += [(port.value, self._end(frame, port.value, "out")) for port in flowing.graph.results]
        ends = next(iter(self.owners.values())), self.edges[-1][1]
        self._connect(frame)
        return ends

    def _box(self, box: Box, dot: graphviz.Digraph, around: Sequence[Scope]) -> None:
        node = box.nodes[0]
        if box.scopes or not isinstance(node.op, StandIn):
            super()._box(box, dot, around)
            return
        name = self._name("node")
        paint = MOTIF if node.op.kind == "motif" else BLOCK
        self.seen.update([paint, REPEAT] if box.times > 1 else [paint])
        tip = plain(tooltip(node.span, ", ".join(map(str, node.op.kinds))))
        look = {"fillcolor": paint.fill, "color": paint.line, "peripheries": "2"}
        dot.node(name, self.labels.node(box, around), tooltip=tip, **look)
        self._wire(box, name)

    def _connect(self, dot: graphviz.Digraph | None = None) -> None:
        """Draws the edges, one with their number where many go from one box to another."""
        ways = [(self.owners[value.id], user) for value, user in self.edges]
        many = {way: number for way, number in Counter(ways).items() if number > _MANY}
        for (first, last), number in many.items():
            (dot or self.dot).edge(first, last, label=beside(f"{number:,} tensors"), tooltip=" ", labeltooltip=" ")
        self.edges = [edge for edge, way in zip(self.edges, ways, strict=True) if way not in many]
        super()._connect(dot)
