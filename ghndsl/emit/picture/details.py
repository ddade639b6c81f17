"""A picture's boxes go in; the blocks worth drawing open beside it come out, each kind once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.folding import opened
from ghndsl.emit.outline.grouping import Group, entering, grouped, leaving, users
from ghndsl.emit.outline.repeats import structure
from ghndsl.ir import Graph, Scope, Value

_MOST = 48
"""How many boxes all details of a picture have at most."""
_SEVERAL = 6
"""How many details a picture has at most."""


@dataclass(frozen=True, eq=False)
class Detail:
    """What a folded block holds, between the values that enter and leave it, and the paths of the blocks alike."""

    scope: Scope
    content: Cluster
    entering: tuple[Value, ...]
    leaving: tuple[Value, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Kind:
    scope: Scope
    inside: Group


def details(graph: Graph, picture: Cluster) -> list[Detail]:
    """The kinds of blocks in the order in which they are met, of each name one before others of that name.

    A detail too large for what is left of the page is not drawn: `--depth` shows it in its place.
    """
    found: list[Detail] = []
    kinds, left = _kinds(picture.boxes()), _MOST
    waiting, takers, uses = list(kinds.values()), users(graph), _uses(grouped(graph))
    drawn: Counter[str] = Counter()
    while waiting and len(found) < _SEVERAL:
        kind = min(waiting, key=lambda kind: drawn[kind.inside.name])
        waiting.remove(kind)
        content = opened(kind.inside, takers)
        size = sum(1 for _ in content.boxes())
        if size > left:
            continue
        left -= size
        drawn[kind.inside.name] += 1
        nodes = kind.inside.nodes
        ends = tuple(entering(nodes)), tuple(leaving(nodes, takers))
        found.append(Detail(kind.scope, content, *ends, tuple(uses[_key(kind.inside)])))
        new = {key: kind for key, kind in _kinds(content.boxes()).items() if key not in kinds}
        kinds |= new
        waiting += new.values()
    return found


def _kinds(boxes: Iterable[Box]) -> dict[Hashable, _Kind]:
    kinds: dict[Hashable, _Kind] = {}
    for box in boxes:
        if box.inside and box.inside.scope:
            kinds.setdefault(_key(box.inside), _Kind(box.inside.scope, box.inside))
    return kinds


def _key(inside: Group) -> Hashable:
    return inside.name, structure(inside.nodes)


def _uses(tree: Group) -> dict[Hashable, dict[str, None]]:
    """By kind, the paths of all blocks of a network; of one that is all another holds, that of the other."""
    found: dict[Hashable, dict[str, None]] = {}
    waiting = [tree]
    while waiting:
        group = waiting.pop(0)
        if group.scope:
            found.setdefault(_key(group.core()), {})[group.scope.path] = None
        waiting += [part for part in group.core().children if isinstance(part, Group)]
    return found
