"""Two lists of parts go in; which of them stand for one another comes out: by what they are, then by their labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

from ghndsl.emit.outline.grouping import Group, Part
from ghndsl.emit.outline.repeats import Sameness, mark
from ghndsl.emit.outline.words import below
from ghndsl.ir import Scope

Pair: TypeAlias = tuple[Part | None, Part | None]
_Key: TypeAlias = "Callable[[Part, Scope | None], Hashable]"


def label(part: Part, around: Scope | None) -> str:
    """What a part is called in its block; nothing where only its place has given it a number."""
    path = (part.scope.path if part.scope else "") if isinstance(part, Group) else part.path
    name = below(path, [around]) if around else path
    return "" if all(word.isdigit() for word in name.split(".")) else name


def align(one: Sequence[Part], other: Sequence[Part], here: Scope | None, there: Scope | None) -> list[Pair]:
    """Parts that stand for one another side by side, each of the others alone, in an order that keeps both.

    First those of one label that do the same; between them those of one label; then those of one kind. What a block
    without a path of its own holds stands in its place: whether a text has put a block around layers is no difference.
    """
    return _aligned(list(_bare(one, here)), list(_bare(other, there)), here, there, (_equal, _labelled, _kind))


def _bare(parts: Sequence[Part], around: Scope | None) -> Iterator[Part]:
    path = around.path if around else ""
    for part in parts:
        if isinstance(part, Group) and part.scope and part.scope.path == path:
            yield from _bare(part.children, around)
        else:
            yield part


def _equal(part: Part, around: Scope | None) -> Hashable:
    return label(part, around), mark(part, Sameness.EQUAL)


def _labelled(part: Part, around: Scope | None) -> Hashable:
    return label(part, around) or id(part)


def _kind(part: Part, _: Scope | None) -> Hashable:
    return part.name if isinstance(part, Group) else part.op.name


def _aligned(
    one: list[Part], other: list[Part], here: Scope | None, there: Scope | None, keys: Sequence[_Key]
) -> list[Pair]:
    if not keys or not one or not other:
        return [*((part, None) for part in one), *((None, part) for part in other)]
    marks = _numbered([keys[0](part, here) for part in one], [keys[0](part, there) for part in other])
    found: list[Pair] = []
    left = right = 0
    for at, to, length in SequenceMatcher(None, *marks, autojunk=False).get_matching_blocks():
        found += _aligned(one[left:at], other[right:to], here, there, keys[1:])
        found += zip(one[at : at + length], other[to : to + length], strict=True)
        left, right = at + length, to + length
    return found


def _numbered(one: Sequence[Hashable], other: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """Numbers in place of marks, equal for equal ones: a long mark is hashed once."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in one], [
        numbers.setdefault(key, len(numbers)) for key in other
    ]
