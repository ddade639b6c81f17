"""A graph and a depth go in; the tree of what a picture draws comes out: boxes in clusters, deep blocks folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.ir import Graph, Node, Scope
from ghndsl.ops import Operator
from ghndsl.types import TensorType

LEGIBLE = 64
"""How many boxes a picture has at most, where folding can help it."""


@dataclass(frozen=True, eq=False)
class Box:
    """What is drawn as one: a node (no scopes), or a block (its scope), or a chain of equal blocks (each one's)."""

    scopes: tuple[Scope, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Cluster:
    """A frame around boxes: the use of a block; several scopes where one holds nothing but the next."""

    scopes: tuple[Scope, ...]
    children: tuple[Box | Cluster, ...]

    def boxes(self) -> Iterator[Box]:
        """The boxes in it, at any depth, in order."""
        for child in self.children:
            if isinstance(child, Box):
                yield child
            else:
                yield from child.boxes()


@dataclass(eq=False)
class _Group:
    scope: Scope | None
    children: list[Node | _Group] = field(default_factory=list["Node | _Group"])

    def nodes(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
            else:
                yield from child.nodes()

    def height(self) -> int:
        return 1 + max((child.height() for child in self.children if isinstance(child, _Group)), default=0)


def fold(graph: Graph, depth: int | None = None) -> Cluster:
    """The blocks down to `depth` as clusters, each deeper one as a box; without a depth, the deepest legible one.

    The outermost scope, the architecture's own, is the cluster without scopes that is returned. A block of a single
    node is that node; chains of equal folded blocks are one box.
    """
    tree, chains = _tree(graph), _Chains(graph)
    if depth is not None:
        return _cluster(tree, depth, chains)
    for level in range(tree.height() - 1, 0, -1):
        found = _cluster(tree, level, chains)
        if sum(1 for _ in found.boxes()) <= LEGIBLE:
            return found
    return _cluster(tree, 0, chains)


def _tree(graph: Graph) -> _Group:
    """The nodes under their scopes, in the order of the graph."""
    top = _Group(None)
    groups: dict[Scope, _Group] = {}
    for node in graph.nodes:
        group = top
        for scope in reversed(list(node.scope.chain())[:-1]):
            if scope not in groups:
                groups[scope] = _Group(scope)
                group.children.append(groups[scope])
            group = groups[scope]
        group.children.append(node)
    return top


def _cluster(group: _Group, depth: int, chains: _Chains) -> Cluster:
    scopes = [group.scope] if group.scope else []
    while scopes and len(group.children) == 1 and isinstance(group.children[0], _Group):
        (group,) = (child for child in group.children if isinstance(child, _Group))
        scopes += [group.scope] if group.scope else []
    children: list[Box | Cluster] = []
    for child in group.children:
        nodes = (child,) if isinstance(child, Node) else tuple(child.nodes())
        if isinstance(child, Node) or len(nodes) == 1 or child.scope is None:
            children.append(Box((), nodes))
        elif depth > 0:
            children.append(_cluster(child, depth - 1, chains))
        else:
            children.append(Box((child.scope,), nodes))
    return Cluster(tuple(scopes), tuple(chains.joined(children)))


_Signature: TypeAlias = tuple[str, tuple[tuple[Operator, tuple[int, ...], tuple[TensorType, ...]], ...]]


class _Chains:
    """Tells which folded blocks follow one another in a chain of equals."""

    def __init__(self, graph: Graph) -> None:
        self._users: dict[int, set[Node | None]] = {port.value.id: {None} for port in graph.results}
        for node in graph.nodes:
            for value in node.inputs:
                self._users.setdefault(value.id, set()).add(node)

    def joined(self, children: Sequence[Box | Cluster]) -> list[Box | Cluster]:
        """The children, each chain of equal folded blocks as one box."""
        found: list[Box | Cluster] = []
        last: Box | None = None
        for child in children:
            folded = isinstance(child, Box) and bool(child.scopes)
            if folded and last and _signature(last) == _signature(child) and self._feeds_only(last, child):
                before = found.pop()
                assert isinstance(before, Box)
                found.append(Box((*before.scopes, *child.scopes), (*before.nodes, *child.nodes)))
            else:
                found.append(child)
            last = child if folded else None
        return found

    def _feeds_only(self, first: Box, second: Box) -> bool:
        """Whether all that leaves one box enters the other, and nothing else does."""
        inside, after = set(first.nodes), set(second.nodes)
        made = {value.id for node in first.nodes for value in node.results}
        own = {value.id for node in second.nodes for value in node.results}
        leaving = {user for value in made for user in self._users.get(value, ())} - inside
        entering = {value.id for node in second.nodes for value in node.inputs} - own
        return leaving <= after and entering <= made


def _signature(box: Box) -> _Signature:
    """What a block does, whatever the names: its operators, their wiring inside it, and the types they make."""
    place: dict[int, int] = {}
    rows: list[tuple[Operator, tuple[int, ...], tuple[TensorType, ...]]] = []
    for node in box.nodes:
        inputs = tuple(place.setdefault(value.id, len(place)) for value in node.inputs)
        place.update((value.id, len(place) + i) for i, value in enumerate(node.results))
        rows.append((node.op, inputs, tuple(value.type for value in node.results)))
    return box.scopes[0].name, tuple(rows)
