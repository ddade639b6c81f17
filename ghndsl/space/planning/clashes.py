"""Two parts of a body, each a choice or a call with its choices, go in; a path that both would have comes out."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from ghndsl.language.values import join
from ghndsl.space.ways.diagram import Ask, Call, Diagram, Pick, in_order

Place: TypeAlias = tuple[str, Diagram | None]
"""A path with one choice, or a prefix with all choices of a diagram below it."""


@lru_cache(maxsize=65536)
def common_path(one: Place, other: Place) -> str | None:
    """A path that both places have a choice at, if there is one; motifs in them are not looked into.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.ways.diagram import Diagrams
    >>> make = Diagrams()
    >>> inner = make.ask(Pick("b.op", Options(("relu",))), [make.end(0)])
    >>> common_path(("a", inner), ("a.b.op", None)), common_path(("a", inner), ("a.b", None))
    ('a.b.op', None)
    """
    if one[1] is None and other[1] is None:
        return one[0] if one[0] == other[0] else None
    for (prefix, inner), (path, rest) in ((one, other), (other, one)):
        tail = _tail(path, prefix)
        if inner is not None and tail is not None:
            found = [common_path(place, (tail, rest)) for place in _places(inner)]
            return next((join(prefix, path) for path in found if path is not None), None)
    return None


def _tail(path: str, prefix: str) -> str | None:
    """What follows the prefix in a path that begins with it."""
    if path == prefix or not prefix:
        return path[len(prefix) :]
    return path[len(prefix) + 1 :] if path.startswith(f"{prefix}.") else None


@lru_cache(maxsize=4096)
def _places(diagram: Diagram) -> tuple[Place, ...]:
    """The choices and the calls that a diagram makes itself, those of motifs left out."""
    found: dict[Place, None] = {}
    for part in in_order(diagram):
        question = part.question if isinstance(part, Ask) else None
        if isinstance(question, Pick) and not question.is_absolute:
            found[question.path, None] = None
        elif isinstance(question, Call) and not question.is_absolute:
            found[question.prefix, question.inner] = None
    return tuple(found)


def motif_clash(start: Diagram) -> tuple[str, str] | None:
    """A motif and a path of its choices that is that of another choice too: labels and motifs share one tree."""
    top = _places(start)
    for motif in _motifs(start):
        for place in top:
            path = common_path(place, motif)
            if path is not None:
                return motif[0], path
    return None


def _motifs(start: Diagram) -> list[Place]:
    found: dict[Place, None] = {}
    seen: set[Diagram] = set()
    stack = [start]
    while stack:
        diagram = stack.pop()
        if diagram in seen:
            continue
        seen.add(diagram)
        for part in in_order(diagram):
            question = part.question if isinstance(part, Ask) else None
            if isinstance(question, Call):
                stack.append(question.inner)
                if question.is_absolute:
                    found[question.prefix, question.inner] = None
    return list(found)
