"""A picture's boxes go in; the blocks worth drawing open beside it come out, each kind once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.folding import opened
from ghndsl.emit.outline.grouping import Group, Users, entering, grouped, leaving, users
from ghndsl.emit.outline.repeats import is_equal, structure
from ghndsl.emit.outline.words import cost
from ghndsl.ir import Graph, Scope, Value

_MOST = 120
"""How many boxes all details of a picture have at most."""
_SEVERAL = 12
"""How many details a picture has at most."""


@dataclass(frozen=True, eq=False)
class Detail:
    """What a folded block holds, between the values that enter and leave it, and the paths of the blocks alike.

    `number` tells it from other kinds of its name, 0 where there are none; not `is_equal` says that blocks of the kind
    have other numbers than this one.
    """

    scope: Scope
    content: Cluster
    entering: tuple[Value, ...]
    leaving: tuple[Value, ...]
    uses: tuple[str, ...]
    number: int
    is_equal: bool


@dataclass(frozen=True, eq=False)
class Details:
    """The kinds that are drawn beside a picture, the numbers of kinds of one name, and the names of those left out."""

    drawn: tuple[Detail, ...] = ()
    numbers: Mapping[Hashable, int] | None = None
    missing: tuple[str, ...] = ()

    def number(self, inside: Group | None) -> int:
        """What tells a block from other kinds of its name, 0 where nothing has to."""
        return self.numbers.get(_key(inside), 0) if inside and self.numbers else 0


_Uses = dict[str, Group]


def details(graph: Graph, picture: Cluster) -> Details:
    """The kinds of blocks: of each name one before others of that name, those that compute most first.

    A detail too large for what is left of the page is not drawn: `--depth` shows it in its place.
    """
    takers, uses = users(graph), _uses(grouped(graph))
    kinds, found = _kinds(picture.boxes()), dict[Hashable, Cluster]()
    waiting, left, drawn = dict(kinds), _MOST, Counter[str]()
    while waiting and len(found) < _SEVERAL:
        fewest = min(drawn[kind.name] for kind in waiting.values())
        rarest = [key for key, kind in waiting.items() if drawn[kind.name] == fewest]
        key = max(rarest, key=lambda one: _weight(graph, uses[one]))
        content = opened(waiting.pop(key), takers)
        size = sum(1 for _ in content.boxes())
        if size > left:
            continue
        left -= size
        drawn[kinds[key].name] += 1
        found[key] = content
        new = {key: kind for key, kind in _kinds(content.boxes()).items() if key not in kinds}
        kinds |= new
        waiting |= new
    numbers = _numbers(kinds)
    parts = [_detail(kinds[key], content, takers, uses[key], numbers[key]) for key, content in found.items()]
    return Details(tuple(parts), numbers, tuple(kinds[key].name for key in kinds if key not in found))


def _detail(inside: Group, content: Cluster, takers: Users, uses: _Uses, number: int) -> Detail:
    assert inside.scope is not None, "kinds are those of blocks"
    ends = tuple(entering(inside.nodes)), tuple(leaving(inside.nodes, takers))
    alike = is_equal(tuple((group,) for group in uses.values()))
    return Detail(inside.scope, content, *ends, tuple(uses), number, alike)


def _numbers(kinds: Mapping[Hashable, Group]) -> dict[Hashable, int]:
    several, found = Counter(kind.name for kind in kinds.values()), Counter[str]()
    numbers: dict[Hashable, int] = {}
    for key, kind in kinds.items():
        found[kind.name] += 1
        numbers[key] = found[kind.name] if several[kind.name] > 1 else 0
    return numbers


def _weight(graph: Graph, uses: _Uses) -> int:
    """What all blocks of a kind compute, or, while sizes are unknown, how many nodes they have."""
    nodes = [node for group in uses.values() for node in group.nodes]
    macs = cost(graph, nodes)[1]
    return len(nodes) if macs is None else macs


def _kinds(boxes: Iterable[Box]) -> dict[Hashable, Group]:
    kinds: dict[Hashable, Group] = {}
    for box in boxes:
        if box.inside and box.inside.scope:
            kinds.setdefault(_key(box.inside), box.inside)
    return kinds


def _key(inside: Group) -> Hashable:
    return inside.name, structure(inside.nodes)


def _uses(tree: Group) -> dict[Hashable, _Uses]:
    """By kind, all blocks of a network by their paths; one that is all another holds by that of the other."""
    found: dict[Hashable, _Uses] = {}
    waiting = [tree]
    while waiting:
        group = waiting.pop(0)
        if group.scope:
            found.setdefault(_key(group.core()), {})[group.scope.path] = group.core()
        waiting += [part for part in group.core().children if isinstance(part, Group)]
    return found
