"""A space's flow goes in; it comes out folded: repeats are drawn once, also where each takes from the two before it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ghndsl.emit.outline.boxes import Box, Cluster, count
from ghndsl.emit.outline.folding import EVERYTHING, Folding
from ghndsl.emit.outline.grouping import Group, Part, entering, grouped, nodes_of, users
from ghndsl.emit.outline.repeats import Repeats, Run, Sameness, place
from ghndsl.ir import Graph
from ghndsl.space.drawing.sketch import StandIn

_MOST, _MOST_EDGES = 32, 64
"""How many boxes and edges are drawn, where folding can help it."""
_ATTEMPTS = ((Sameness.RATED, False), (Sameness.ALIKE, True), (Sameness.NAMED, True))
"""What counts as a repeat, and whether copies may take from the last but one; what tells most comes first."""
_LONGEST = 8
"""How many parts a turn has that is drawn once."""


@dataclass(frozen=True)
class SkippingRepeats(Repeats):
    """Finds copies in a row, each of which hands what it makes to the next two, and to nobody else.

    Their paths differ in one number, that of a loop's turn: what stands in another stage is no copy.
    """

    def marked(self, part: Part) -> Hashable:
        return super().marked(part), _split(place(part))[0]

    def _best(self, parts: Sequence[Part], marks: Sequence[Hashable], start: int) -> tuple[int, int]:
        """The shortest sequence that is repeated: a turn, rather than a few turns and what stands between them."""
        for period in range(1, _LONGEST + 1):
            times = self._times(parts, marks, start, period)
            if times > 1 and (period > 1 or isinstance(parts[start], Group)):
                return period, times
        return 1, 1

    def _times(self, parts: Sequence[Part], marks: Sequence[Hashable], start: int, period: int) -> int:
        times, first = 1, marks[start : start + period]
        if len({_split(place(part))[1] for part in parts[start : start + period]}) > 1:
            return 1
        while marks[(after := start + times * period) : after + period] == first:
            if not self._hands_on(parts, after - period, period):
                break
            times += 1
        return times

    def _hands_on(self, parts: Sequence[Part], start: int, period: int) -> bool:
        """Whether what is made from a place on for a period is taken in the next two periods alone, and in the next."""
        own = nodes_of(parts[start : start + period])
        near = {*own, *nodes_of(parts[start + period : start + 3 * period])}
        takers = {user for node in own for value in node.results for user in self.users.get(value.id, ())}
        return takers <= near and not takers.isdisjoint(nodes_of(parts[start + period : start + 2 * period]))


def _split(path: str) -> tuple[str, str]:
    """A path without the number of the innermost turn, and that number.

    >>> _split("stage0.3"), _split("cells.3.preprocess0"), _split("stage2")
    (('stage0.#', '3'), ('cells.#.preprocess0', '3'), ('stage#', '2'))
    """
    found = re.match(r"(.*\.|)(\d+)((?:\..*)?)$", path) or re.match(r"(.*\D|)(\d+)(\D*)$", path)
    return (f"{found[1]}#{found[3]}", found[2]) if found else (path, "")


@dataclass(frozen=True)
class SpaceFolding(Folding):
    """Opens blocks for the sake of those that choose in them, and closes all others."""

    is_skipping: bool = False

    def _runs(self, group: Group, depth: int) -> list[Run]:
        if not self.is_skipping or self.sameness is None:
            return super()._runs(group, depth)
        return SkippingRepeats(self.users, self.sameness).runs(group.children)

    def _one(self, run: Run, depth: int) -> Box | Cluster:
        is_open = any(isinstance(node.op, StandIn) for node in nodes_of(run[0]))
        return super()._one(run, depth if is_open else 0)


def folded(graph: Graph) -> Cluster:
    """Repeats drawn once, and as inexact, and blocks as closed, as they must be for it to be small.

    >>> import ghndsl
    >>> folded(ghndsl.load("resnet18")).children[0].nodes[0].path
    'conv1'
    """
    tree, takers = grouped(graph), users(graph)
    found: list[Cluster] = []
    for depth in (EVERYTHING, *range(tree.height() - 2, -1, -1)):
        for sameness, is_skipping in _ATTEMPTS:
            found.append(SpaceFolding(takers, sameness, is_skipping).cluster(tree, depth))
            if count(found[-1]) <= _MOST and _edges(found[-1]) <= _MOST_EDGES:
                return found[-1]
    return min(found, key=_edges)


def _edges(cluster: Cluster) -> int:
    """How many edges there are, several from one box to another counted once."""
    owner = {value.id: box for box in cluster.boxes() for node in box.nodes for value in node.results}
    return sum(len({owner.get(value.id) for value in entering(box.nodes)}) for box in cluster.boxes())
