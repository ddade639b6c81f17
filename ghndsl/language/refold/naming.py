"""Definitions go in; a name for each comes out, its own where it is the most used of that name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ghndsl.language.refold.expressions import Label
from ghndsl.language.refold.program import Apply, Body, Definition, Loop
from ghndsl.language.refold.words import free, identifier


def named(made: Mapping[int, Definition], uses: Mapping[int, int], taken: Collection[str]) -> dict[int, str]:
    """Names for definitions: what another has beside the most used one, if a label says it, or a number.

    Names in `taken`, and those of parameters and sizes, are left to these.
    """
    own = {parameter.name for one in made.values() for parameter in one.parameters}
    own.update(name for one in made.values() for names in one.sizes.values() for name in names)
    used = {*taken, *own}
    first: dict[str, int] = {}
    names: dict[int, str] = {}
    for number in sorted(made, key=lambda number: (-uses[number], number)):
        one = made[number]
        stem = identifier(one.name)
        if one.name in first:
            extra = _extra(one.body, made[first[one.name]].body)
            stem = f"{stem}{extra}"
        first.setdefault(one.name, number)
        names[number] = free(stem, used)
        used.add(names[number])
    return names


def _extra(body: Body, other: Body) -> str:
    """The word of the first label that the other body has not."""
    known = set(_words(other))
    found = next((word for word in _words(body) if word not in known), "")
    return "".join(part[:1].upper() + part[1:] for part in found.split("_"))


def _words(body: Body) -> Iterator[str]:
    """The words of labels."""
    for item in body.items:
        if isinstance(item.action, Loop):
            yield from _words(item.action.body)
        elif isinstance(item.action, Apply) and item.action.label:
            yield from _label_words(item.action.label)


def _label_words(label: Label) -> Iterator[str]:
    for part in label.parts:
        for piece in part:
            if isinstance(piece, str) and piece.strip("_") and piece != "self":
                yield piece.strip("_")
