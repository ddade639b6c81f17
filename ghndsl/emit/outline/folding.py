"""A graph and a depth go in; the tree of what a picture draws comes out: boxes in frames, deep blocks folded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ghndsl.emit.outline.boxes import Box, Cluster, count, length
from ghndsl.emit.outline.grouping import Group, Users, grouped, nodes_of, users
from ghndsl.emit.outline.repeats import Repeats, Run, Sameness, is_equal, place
from ghndsl.ir import Graph

EVERYTHING = sys.maxsize
"""The depth at which every use of every block is drawn open, and nothing stands for others."""
SMALL = 24
"""How many boxes are drawn without any folding, and how many a folded picture has where it can choose."""
LEGIBLE = 96
"""How many boxes a picture has at most, where folding can help it."""
_DETAIL = 16
"""How many boxes the inside of a block has that is drawn beside a picture, where it can choose."""
LONG = 40
"""How many boxes come after one another at most, where folding can help it."""


def fold(graph: Graph, depth: int | None = None) -> Cluster:
    """The blocks down to `depth` as frames, each deeper one as a box; repeats are drawn once.

    The outermost scope, the architecture's own, is the cluster that is returned, together with a block that is all it
    holds. A block of a single node is that node. Without a depth a small network is drawn open, a larger one as deep
    as it stays small. Blocks that differ in a rate alone count as repeats, and where it is not small then, those
    that differ in any numbers do too.

    >>> import ghndsl
    >>> [box.scopes[0].path for box in fold(ghndsl.load("resnet18")).boxes() if box.scopes]
    ['layer1.0', 'layer2.0', 'layer2.1', 'layer3.0', 'layer3.1', 'layer4.0', 'layer4.1']
    """
    tree, uses = grouped(graph), users(graph)
    if depth is not None:
        return Folding(uses, None if depth == EVERYTHING else Sameness.RATED).cluster(tree, depth)
    whole = Folding(uses, None).cluster(tree, EVERYTHING)
    if count(whole) <= SMALL:
        return whole
    found = list(_attempts(tree, uses))
    small = next((one for one in found if count(one) <= SMALL and length(one) <= SMALL), None)
    return small or next((one for one in found if _is_legible(one)), None) or min(found, key=count)


def opened(inside: Group, uses: Users) -> Cluster:
    """What a folded block holds, the blocks in it folded; repeats are as inexact as they must be for it to be small."""
    found = [Folding(uses, sameness).cluster(inside, 0) for sameness in Sameness]
    return next((one for one in found if count(one) <= _DETAIL), found[0])


def _attempts(tree: Group, uses: Users) -> Iterator[Cluster]:
    """Foldings from the one that tells most to the one that tells least."""
    height = tree.height() - 1
    for sameness in (Sameness.RATED, Sameness.ALIKE, Sameness.NAMED):
        for level in range(height, -1, -1):
            yield Folding(uses, sameness).cluster(tree, level)


def _is_legible(cluster: Cluster) -> bool:
    return count(cluster) <= LEGIBLE and length(cluster) <= LONG


@dataclass(frozen=True)
class Folding:
    """How to draw: what counts as repeated; None where every copy is drawn."""

    users: Users
    sameness: Sameness | None

    def cluster(self, group: Group, depth: int) -> Cluster:
        """What a group holds, blocks below it open down to a depth."""
        chain = group.chain()
        children: list[Box | Cluster] = []
        for run in self._runs(chain[-1], depth):
            children += self._drawn(run, depth)
        return Cluster(tuple(one.scope for one in chain if one.scope), tuple(children))

    def _runs(self, group: Group, depth: int) -> list[Run]:
        if self.sameness is None:
            return [((part,),) for part in group.children]
        # Blocks of one name stand for one another only where their insides are not drawn.
        inexact = self.sameness is Sameness.NAMED and depth > 0
        return Repeats(self.users, Sameness.ALIKE if inexact else self.sameness).runs(group.children)

    def _drawn(self, run: Run, depth: int) -> Iterator[Box | Cluster]:
        first = run[0]
        if len(first) > 1:
            inner = [self._one(((part,),), depth) for part in first]
            yield Cluster((), tuple(inner), tuple(map(nodes_of, run)), is_equal(run), _ends(run))
        else:
            yield self._one(run, depth)

    def _one(self, run: Run, depth: int) -> Box | Cluster:
        """A run of single parts."""
        first, copies = run[0][0], tuple(map(nodes_of, run))
        nodes = tuple(node for copy in copies for node in copy)
        if not isinstance(first, Group) or len(copies[0]) == 1:
            return Box((), nodes, len(run), None, is_equal(run))
        if depth == 0:
            scopes = tuple(part.scope for (part,) in run if isinstance(part, Group) and part.scope)
            return Box(scopes, nodes, len(run), first.core(), is_equal(run))
        found = self.cluster(first, depth - 1)
        return found if len(run) == 1 else Cluster(found.scopes, found.children, copies, is_equal(run), _ends(run))


def _ends(run: Run) -> tuple[str, str]:
    return place(run[0][0]), place(run[-1][-1])
