"""A graph goes in; the tree of the modules that its weights' paths name comes out, each with the nodes it computes.

A module that could compute its part alone does so (`Unit`); what only holds others is a `Holder`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from ghndsl.emit.source.modules import Holder, Leaf, Member, Unit, UnprintableError, is_under
from ghndsl.emit.source.segments import Segment, Segments
from ghndsl.ir import Graph, Node, Scope

_MOST = 6
"""Tensors that a module is given, or gives, at most."""


class Units:
    """Finds the modules of a graph. Paths in `flat` are not to be modules that compute."""

    def __init__(self, graph: Graph, has_module: Mapping[Node, bool], flat: Collection[str]) -> None:
        self.graph = graph
        self.segments = Segments(graph)
        self.flat = flat
        self.leaves: list[list[str]] = []
        for node in graph.nodes:
            paths = [node.path] if has_module[node] else [node.weight_path(weight) for weight in node.weights]
            self.leaves.append(paths if node.weights else [])
        self.has_module = has_module

    def root(self) -> Unit:
        """The module of the whole graph."""
        whole = self.segments.segment(range(len(self.graph.nodes)))
        return self._unit("", [whole], None)

    def _unit(self, path: str, uses: list[Segment], scope: Scope | None) -> Unit:
        return Unit(path, uses, scope, self._members(path, uses))

    def _members(self, above: str, uses: list[Segment]) -> dict[str, Member]:
        found: dict[str, Member] = {}
        below = self._below(above, uses[0])
        for name, numbers in self._groups(above, uses[0]).items():
            path = f"{above}.{name}" if above else name
            exact = [number for number in numbers if path in self.leaves[number]]
            if not exact:
                found[name] = self._inner(path, uses, below[name])
            elif len(exact) == len(numbers):
                found[name] = self._leaf(path, self.graph.nodes[exact[0]])
            else:
                found[name] = self._filled(path, uses, self.graph.nodes[exact[0]])
        return found

    def _filled(self, path: str, uses: list[Segment], node: Node) -> Leaf:
        """One of torch's modules with others in it."""
        leaf = self._leaf(path, node)
        for name, member in self._members(path, uses).items():
            if not isinstance(member, Leaf) or member.weight is not None or leaf.weight is not None:
                raise UnprintableError(f"`{path}` names a layer, and what holds more than layers", node)
            leaf.members[name] = member
        return leaf

    def _groups(self, above: str, use: Segment) -> dict[str, list[int]]:
        """The nodes with weights below a path, by the next part of theirs."""
        groups: dict[str, list[int]] = {}
        for number in use.nodes:
            for name in dict.fromkeys(_next(leaf, above) for leaf in self.leaves[number]):
                if name is not None:
                    groups.setdefault(name, []).append(number)
        return groups

    def _below(self, above: str, use: Segment) -> dict[str, list[int]]:
        """The nodes that a path below another names: theirs, their weights', or that of a block that they lie in."""
        groups: dict[str, list[int]] = {}
        for number in use.nodes:
            node = self.graph.nodes[number]
            paths = (node.path, *self.leaves[number], *[scope.path for scope in node.scope.chain()])
            for name in dict.fromkeys(_next(path, above) for path in paths):
                if name is not None:
                    groups.setdefault(name, []).append(number)
        return groups

    def _leaf(self, path: str, node: Node) -> Leaf:
        if self.has_module[node]:
            return Leaf(path, node)
        weight = next(weight for weight in node.weights if node.weight_path(weight) == path)
        return Leaf(path, node, weight)

    def _inner(self, path: str, uses: list[Segment], own: list[int]) -> Member:
        segments = None if path in self.flat else self._uses(path, uses, own)
        if segments is None:
            return Holder(path, self._members(path, uses))
        first = self.graph.nodes[segments[0].nodes[0]]
        scope = next((one for one in reversed(list(first.scope.chain())) if one.path == path), None)
        return self._unit(path, segments, scope)

    def _uses(self, path: str, uses: list[Segment], below: list[int]) -> list[Segment] | None:
        """The uses of the module at a path in each use of the one around it; none where it could not compute alone."""
        around = uses[0]
        parts = self._parts(path, below)
        # Where a block also uses what is not its own, its own layers may still be apart.
        own = [[number for number in part if self._has_leaves(number, path)] for part in parts]
        found = self._segments(path, parts, around) or self._segments(path, own, around)
        if found is None:
            return None
        return [
            self.segments.segment([use.nodes[around.places[number]] for number in segment.nodes])
            for use in uses
            for segment in found
        ]

    def _segments(self, path: str, parts: list[list[int]], around: Segment) -> list[Segment] | None:
        """The parts with what lies between their nodes, if each could be computed as one, and all are alike."""
        found: list[Segment] = []
        for part in parts:
            segment = self.segments.hull(part, around)
            if segment is None or not self._is_alone(path, segment):
                return None
            found.append(segment)
        taken = [number for segment in found for number in segment.nodes]
        are_apart = len(set(taken)) == len(taken)
        return found if are_apart and all(self.segments.are_alike(found[0], one) for one in found[1:]) else None

    def _has_leaves(self, number: int, path: str) -> bool:
        return any(is_under(leaf, path) for leaf in self.leaves[number])

    def _parts(self, path: str, own: list[int]) -> list[list[int]]:
        """The nodes of each use of a path."""
        scopes = [self._scope(number, path) for number in own]
        if all(scopes):
            by_scope: dict[Scope | None, list[int]] = {}
            for number, scope in zip(own, scopes, strict=True):
                by_scope.setdefault(scope, []).append(number)
            return list(by_scope.values())
        counts = Counter(leaf for number in own for leaf in self.leaves[number] if is_under(leaf, path))
        times = set(counts.values())
        if len(times) != 1 or len(own) % next(iter(times)):
            return [own]
        each = len(own) // times.pop()
        return [own[start : start + each] for start in range(0, len(own), each)]

    def _scope(self, number: int, path: str) -> Scope | None:
        """The outermost use of a block with a path that a node lies in."""
        chain = list(self.graph.nodes[number].scope.chain())
        return next((scope for scope in reversed(chain) if scope.path == path), None)

    def _is_alone(self, path: str, segment: Segment) -> bool:
        """Whether nodes use the weights below a path alone, and take and give few tensors."""
        leaves = [leaf for number in segment.nodes for leaf in self.leaves[number]]
        if not all(is_under(leaf, path) for leaf in leaves):
            return False
        return 1 <= len(segment.inputs) <= _MOST and 1 <= len(segment.results) <= _MOST


def _next(path: str, above: str) -> str | None:
    """The next part of a path below another."""
    if not path or path == above or not is_under(path, above):
        return None
    return path[len(above) + 1 if above else 0 :].partition(".")[0]
