"""A graph and a depth go in; the tree of what a picture draws comes out: boxes in clusters, deep blocks folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """A frame around boxes: the use of a block; several scopes where one holds nothing but the next.

    Of a chain of equal blocks drawn once, `children` are the first one's, `scopes` its own and `copies` the nodes of
    every one, in the same order.
    """

    scopes: tuple[Scope, ...]
    children: tuple[Box | Cluster, ...]
    copies: tuple[tuple[Node, ...], ...] = ()

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
    """The blocks down to `depth` as clusters, each deeper one as a box.

    The outermost scope, the architecture's own, is the cluster without scopes that is returned. A block of a single
    node is that node; a chain of equal blocks that are folded is one box. Without a depth everything is drawn if that
    is legible, else the deepest level that is, chains of equal blocks drawn once there too.
    """
    tree, uses = _tree(graph), _uses(graph)
    if depth is not None:
        return _Folding(uses, once=False).cluster(tree, depth)
    height = tree.height() - 1
    for level, once in ((height, False), *((level, True) for level in range(height, 0, -1))):
        found = _Folding(uses, once).cluster(tree, level)
        if sum(1 for _ in found.boxes()) <= LEGIBLE:
            return found
    return _Folding(uses, once=True).cluster(tree, 0)


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


def _uses(graph: Graph) -> dict[int, set[Node | None]]:
    """The nodes that take each value; None among them if it is an output."""
    users: dict[int, set[Node | None]] = {port.value.id: {None} for port in graph.results}
    for node in graph.nodes:
        for value in node.inputs:
            users.setdefault(value.id, set()).add(node)
    return users


_Signature: TypeAlias = tuple[str, tuple[tuple[Operator, tuple[int, ...], tuple[TensorType, ...]], ...]]


@dataclass(frozen=True)
class _Folding:
    """How to draw: `once` says whether chains of equal blocks are drawn once also where they are not folded."""

    uses: Mapping[int, set[Node | None]]
    once: bool

    def cluster(self, group: _Group, depth: int) -> Cluster:
        scopes = [] if group.scope is None else [group.scope]
        while scopes and len(group.children) == 1 and isinstance(only := group.children[0], _Group):
            group = only
            scopes += [] if group.scope is None else [group.scope]
        children: list[Box | Cluster] = []
        for run in self._runs(group.children, join=self.once or depth == 0):
            children += self._drawn(run, depth)
        return Cluster(tuple(scopes), tuple(children))

    def _runs(self, children: Sequence[Node | _Group], *, join: bool) -> list[list[Node | _Group]]:
        """The children one by one, but chains of equal blocks together."""
        runs: list[list[Node | _Group]] = []
        for child in children:
            last = runs[-1][-1] if runs else None
            if join and isinstance(last, _Group) and isinstance(child, _Group) and self._continues(last, child):
                runs[-1].append(child)
            else:
                runs.append([child])
        return runs

    def _drawn(self, run: Sequence[Node | _Group], depth: int) -> Iterator[Box | Cluster]:
        nodes = [(part,) if isinstance(part, Node) else tuple(part.nodes()) for part in run]
        first = run[0]
        if isinstance(first, Node) or len(nodes[0]) == 1:
            yield from (Box((), own) for own in nodes)
        elif depth == 0:
            scopes = tuple(part.scope for part in run if isinstance(part, _Group) and part.scope)
            yield Box(scopes, tuple(node for own in nodes for node in own))
        else:
            found = self.cluster(first, depth - 1)
            yield found if len(run) == 1 else replace(found, copies=tuple(nodes))

    def _continues(self, first: _Group, second: _Group) -> bool:
        """Whether two blocks are equal, all that leaves one enters the other, and nothing else does."""
        before, after = list(first.nodes()), list(second.nodes())
        if len(before) != len(after) or _signature(first, before) != _signature(second, after):
            return False
        made = {value.id for node in before for value in node.results}
        own = {value.id for node in after for value in node.results}
        leaving = {user for value in made for user in self.uses.get(value, ())} - set(before)
        entering = {value.id for node in after for value in node.inputs} - own
        return leaving <= set(after) and entering <= made


def _signature(group: _Group, nodes: Sequence[Node]) -> _Signature:
    """What a block does, whatever the names: its operators, their wiring inside it, and the types they make."""
    place: dict[int, int] = {}
    rows: list[tuple[Operator, tuple[int, ...], tuple[TensorType, ...]]] = []
    for node in nodes:
        inputs = tuple(place.setdefault(value.id, len(place)) for value in node.inputs)
        for value in node.results:
            place[value.id] = len(place)
        rows.append((node.op, inputs, tuple(value.type for value in node.results)))
    return group.scope.name if group.scope else "", tuple(rows)
