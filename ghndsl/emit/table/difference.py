"""Two graphs go in; what one has and the other has not comes out: layers that appear, vanish or change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ghndsl.emit.outline.grouping import Group, Part, grouped, nodes_of
from ghndsl.emit.outline.words import cost
from ghndsl.emit.table.alignment import Pair, align
from ghndsl.ir import Graph
from ghndsl.ops import written
from ghndsl.records import record


@record
class Side:
    """A layer or block as one of the networks has it; MACs are unknown while sizes are."""

    path: str
    name: str
    type: str
    params: int
    macs: int | None


@record
class Change:
    """A layer or block that is in one network only, or in both but not the same there.

    `inside` are the changes within a block that both have; `times` is how many in a row are alike, to the path `last`.
    """

    before: Side | None
    after: Side | None
    inside: tuple[Change, ...] = ()
    times: int = 1
    last: str = ""

    @property
    def kind(self) -> str:
        """Whether it was `added`, `removed` or `changed`."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    def leaves(self) -> Iterator[Change]:
        """The changes that hold no others: what really differs."""
        if not self.inside:
            yield self
        for change in self.inside:
            yield from change.leaves()


def difference(one: Graph, other: Graph, depth: int = 0) -> list[Change]:
    """The changes that make the second graph of the first, in order; none if they have the same layers.

    Blocks that only one of them has, or that are of another kind in the other, are opened down to a depth.

    Layers are found again by their labels and by what they do, whatever stands before them. How they are wired is not
    compared: that is what the `id` is for.

    >>> import ghndsl
    >>> found = difference(ghndsl.load("resnet18"), ghndsl.load("resnet34"))
    >>> [leaf.after.path for change in found for leaf in change.leaves() if leaf.after][:3]
    ['layer1.2', 'layer2.2', 'layer2.3']
    """
    pairs = align(grouped(one).children, grouped(other).children, None, None)
    return _Comparing(one, other).changes(pairs, depth)


@dataclass(frozen=True)
class _Comparing:
    one: Graph
    other: Graph

    def changes(self, pairs: Iterable[Pair], depth: int) -> list[Change]:
        """What differs in pairs that stand for one another."""
        return [change for before, after in pairs for change in self._change(before, after, depth)]

    def _change(self, before: Part | None, after: Part | None, depth: int) -> Iterator[Change]:
        old = None if before is None else _side(self.one, before)
        new = None if after is None else _side(self.other, after)
        if isinstance(before, Group) and isinstance(after, Group) and (depth > 0 or before.name == after.name):
            pairs = align(before.children, after.children, before.scope, after.scope)
            is_same = before.name == after.name
            inside = self.changes(pairs, depth if is_same else depth - 1)
            if inside or not is_same:
                yield Change(old, new, tuple(inside))
        elif depth > 0 and (isinstance(before, Group) or isinstance(after, Group)):
            yield from self._opened(before, after, depth - 1)
        elif old is None or new is None or old != replace(new, path=old.path):
            yield Change(old, new)

    def _opened(self, before: Part | None, after: Part | None, depth: int) -> Iterator[Change]:
        """Two parts of which a block is one, and a layer or nothing the other."""
        if before is not None:
            inside = self.changes(align(_held(before), (), before.scope, None), depth)
            yield Change(_side(self.one, before), None, tuple(inside))
        if after is not None:
            inside = self.changes(align((), _held(after), None, after.scope), depth)
            yield Change(None, _side(self.other, after), tuple(inside))


def _held(part: Part) -> Sequence[Part]:
    return part.children if isinstance(part, Group) else ()


def _side(graph: Graph, part: Part) -> Side:
    nodes = nodes_of([part])
    kinds = ", ".join(str(value.type) for value in nodes[-1].results)
    if isinstance(part, Group):
        return Side(part.scope.path if part.scope else "", part.name, kinds, *cost(graph, nodes))
    return Side(part.path, written(part.op), kinds, *cost(graph, nodes))


def chosen(one: Graph, other: Graph) -> dict[str, tuple[str | None, str | None]]:
    """The choices that two candidates make differently, None where one does not make it."""
    before, after = dict(one.choices), dict(other.choices)
    paths = dict.fromkeys((*before, *after))
    return {path: (before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)}


def folded(changes: Sequence[Change]) -> list[Change]:
    """The changes, those in a row that are alike but for their paths as one; those within blocks too.

    >>> import ghndsl
    >>> space = ghndsl.load_space("nasbench201")
    >>> found = difference(space.build(space.candidate(17)), space.build(space.candidate(18)))
    >>> len(found), [change.times for change in folded(found)]
    (15, [5, 5, 5])
    """
    found: list[Change] = []
    for change in changes:
        new = replace(change, inside=tuple(folded(change.inside)))
        if found and _alike(found[-1], new):
            found[-1] = replace(found[-1], times=found[-1].times + 1, last=_path(new))
        else:
            found.append(new)
    return found


def _alike(one: Change, other: Change) -> bool:
    return _relative(one, _path(one)) == _relative(other, _path(other))


def _relative(change: Change, path: str) -> Change:
    """The change as it is whatever the path of the block it is in, and however often it is there."""

    def moved(side: Side | None) -> Side | None:
        return side and replace(side, path=side.path.removeprefix(path))

    inside = tuple(_relative(inner, path) for inner in change.inside)
    return Change(moved(change.before), moved(change.after), inside)


def _path(change: Change) -> str:
    side = change.after or change.before
    return side.path if side else ""
