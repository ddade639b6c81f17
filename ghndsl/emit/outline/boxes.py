"""Blocks and nodes go in; the tree of what is drawn of them is made of these: boxes in frames, which can be counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ghndsl.emit.outline.grouping import Group
from ghndsl.ir import Node, Scope


@dataclass(frozen=True, eq=False)
class Box:
    """What is drawn as one: a node (no scopes), or a block (its scope), or a row of blocks (each one's).

    `times` is how often what is drawn is repeated, exactly where it `is_equal`, else with other numbers; `inside` is
    the folded block, the first one of a row, or the one that is all it holds.
    """

    scopes: tuple[Scope, ...]
    nodes: tuple[Node, ...]
    times: int = 1
    inside: Group | None = None
    is_equal: bool = True


@dataclass(frozen=True, eq=False)
class Cluster:
    """A frame around boxes: the use of a block; several scopes where one holds nothing but the next.

    Of a row of copies drawn once, `children` are the first one's, `scopes` its own (none where no block is repeated
    but a few parts in a row), `copies` the nodes of every one, in the same order, and `ends` the paths of the first
    and the last part.
    """

    scopes: tuple[Scope, ...]
    children: tuple[Box | Cluster, ...]
    copies: tuple[tuple[Node, ...], ...] = ()
    is_equal: bool = True
    ends: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes that it stands for, those of copies that are not drawn too."""
        if self.copies:
            return tuple(node for copy in self.copies for node in copy)
        return tuple(node for child in self.children for node in child.nodes)

    def boxes(self) -> Iterator[Box]:
        """The boxes in it, at any depth, in order."""
        for child in self.children:
            if isinstance(child, Box):
                yield child
            else:
                yield from child.boxes()


def count(cluster: Cluster) -> int:
    """How many boxes there are."""
    return sum(1 for _ in cluster.boxes())


def length(cluster: Cluster) -> int:
    """How many boxes come after one another."""
    ranks: dict[int, int] = {}
    _rank(cluster, ranks)
    return max(ranks.values(), default=0)


def _rank(cluster: Cluster, ranks: dict[int, int]) -> None:
    """Notes for every value how many boxes lead to it, its own counted; copies that are not drawn count for none."""
    for child in cluster.children:
        if isinstance(child, Box):
            rank = 1 + max((ranks.get(value.id, 0) for node in child.nodes for value in node.inputs), default=0)
            ranks |= {value.id: rank for node in child.nodes for value in node.results}
            continue
        _rank(child, ranks)
        for copy in child.copies[1:]:
            for drawn, node in zip(child.copies[0], copy, strict=True):
                ranks |= {new.id: ranks.get(old.id, 0) for old, new in zip(drawn.results, node.results, strict=True)}
