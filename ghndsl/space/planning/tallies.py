"""Answers explored one by one, with what was spent between them, go in; the ways through them come out, with costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ghndsl.space.measures.costs import NOTHING, Fork, Item, Used, Way
from ghndsl.space.planning.growth import Vertex, folded, width
from ghndsl.space.ways.diagram import Call, Diagram, End, Fault, Pick, in_order

_Costless: TypeAlias = dict[Diagram, Way]


def tallied(start: Vertex) -> Way | None:
    """The way from a vertex on; None when it leads to no end."""
    return folded(start, _from)


def _from(vertex: Vertex, done: Mapping[Vertex, Way | None]) -> Way | None:
    asked = vertex.asked
    if asked is None:
        return None if vertex.group is None else Way(NOTHING, (), vertex.group)
    if isinstance(asked, Pick):
        return _fork(asked, _answers(vertex, width(asked), done))
    if isinstance(asked, Call):
        return _fork(_called(asked, {}), _answers(vertex, width(asked), done))
    (after,) = [target.itself for target in vertex.next.values()]
    if isinstance(asked, Fault):
        return done[after]
    if isinstance(asked, Used) and asked.decides:
        assert isinstance(after.asked, Call), "a call that decides is followed by its question"
        return _fork(asked, _answers(after, width(after.asked), done))
    return _behind(asked, done[after])


def _behind(item: Item, way: Way | None) -> Way | None:
    return way and way.behind(item)


def _answers(vertex: Vertex, count: int, done: Mapping[Vertex, Way | None]) -> list[Way | None]:
    after: list[Way | None] = [None] * count
    for answer, target in vertex.next.items():
        after[answer] = done[target.itself]
    return after


def _fork(question: Pick | Used, after: list[Way | None]) -> Way | None:
    if all(way is None for way in after):
        return None
    return Way(NOTHING, (), Fork(question, tuple(after)))


def _called(call: Call, known: _Costless) -> Used:
    """A call whose diagram was made of several plans: what it costs is told behind it."""
    return Used(call.prefix, call.is_absolute, costless(call.inner, known))


def costless(start: Diagram, known: _Costless | None = None) -> Way:
    """The ways through a diagram, none of which costs anything; those of blocks are made once, and `known` from then.

    A block is often called by several, so that without it there were as many as ways to come there.
    """
    known = {} if known is None else known
    if start not in known:
        ways: dict[Diagram | None, Way | None] = {None: None}
        for part in reversed(in_order(start)):
            ways[part] = _costless(part, ways, known)
        found = ways[start]
        assert found is not None, "a diagram leads to an end"
        known[start] = found
    return known[start]


def _costless(part: Diagram, ways: dict[Diagram | None, Way | None], known: _Costless) -> Way | None:
    if isinstance(part, End):
        return Way(NOTHING, (), part.group)
    question = part.question
    if isinstance(question, Fault):
        return ways[part.next[0]]
    asked = question if isinstance(question, Pick) else _called(question, known)
    return _fork(asked, [ways[after] for after in part.next])
