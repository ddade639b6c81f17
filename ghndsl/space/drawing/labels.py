"""Boxes of a space's flow go in; their labels come out: what holds for all candidates, and what is left to choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.words import spanned, times
from ghndsl.emit.picture.labels import Labels, chip, head, lines, small
from ghndsl.ir import Scope
from ghndsl.space.drawing.sketch import StandIn
from ghndsl.types import TensorType


@dataclass(frozen=True)
class SpaceLabels(Labels):
    """Writes the labels of a flow without params and MACs, which depend on what is chosen.

    `varied`, `moved` and `loose` are those of `Flowing`; `own` are the names that each block with choices chooses.
    """

    varied: frozenset[int] = frozenset()
    moved: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    own: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def placed(self, path: str, around: Sequence[Scope]) -> str:
        """Nothing where it is not the same for all candidates."""
        return "" if path in self.moved else super().placed(path, around)

    def shape(self, kind: TensorType) -> str:
        """Nothing where candidates or uses have no size in common."""
        told = super().shape(kind)
        return "" if self.moved or self.loose or set(told) <= set("_×") else told

    def words(self, box: Box, call: str) -> str:
        """The attributes, where they are those of all candidates."""
        return "" if box.nodes[0].results[0].id in self.varied else super().words(box, call)

    def cost(self, drawn: Box | Cluster) -> str:
        """Nothing."""
        return ""

    def reach(self, name: str) -> str:
        """Nothing."""
        return ""

    def box(self, box: Box, around: Sequence[Scope]) -> str:
        """As that of a network, and how many blocks with choices there are in it."""
        held = Counter(
            node.op.block for node in box.nodes[: len(box.nodes) // box.times] if isinstance(node.op, StandIn)
        )
        told = ", ".join(f"{name}{times(number)}" for name, number in held.items())
        return lines(*super().box(box, around)[1:-1].split("<br/>"), chip(f"with {told}") if told else "")

    def node(self, box: Box, around: Sequence[Scope]) -> str:
        """As that of a network; of a block with choices its name, and the names that it chooses."""
        op, path = box.nodes[0].op, box.nodes[0].path
        again = chip("as often as chosen") if path in self.loose else ""
        if not isinstance(op, StandIn):
            return super().node(box, around)
        number = 1 if again else box.times
        paths = [self.placed(node.path, around) for node in box.nodes]
        chosen = ", ".join(self.own.get(op.block, ()))
        heading = head(op.block, number, spanned(paths[:1] if again else paths), is_motif=op.kind == "motif")
        return lines(heading, again, chip(f"choose {chosen}") if chosen else "")

    def frame(self, cluster: Cluster, around: Sequence[Scope]) -> str:
        """As that of a network, unless it is repeated as often as was chosen."""
        if cluster.nodes[0].path not in self.loose:
            return super().frame(cluster, around)
        names = " > ".join(scope.name for scope in cluster.scopes) or "repeated"
        return lines(head(names, 1, ""), small("as often as chosen"))
