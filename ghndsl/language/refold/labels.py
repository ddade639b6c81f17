"""Paths go in; the labels that give them come out, and none where the number of a part does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ghndsl.language.refold.callees import BlockCall, Repeated, Sequential
from ghndsl.language.refold.entries import Entry
from ghndsl.language.refold.expressions import About, Label, Literal
from ghndsl.language.refold.program import Apply, Item, Make
from ghndsl.language.refold.uses import under

_NUMBER = About("label")


def relative(path: str, base: str) -> str | None:
    """A path counted from a base, `self` when it is the base; None when it does not lie below it.

    >>> relative("a.b.c", "a"), relative("a", "a"), relative("ab", "a")
    ('b.c', 'self', None)
    """
    if not under(path, base):
        return None
    return path[len(base) :].removeprefix(".") or "self"


def label(path: str) -> Label:
    """The label of a relative path; its numbers can be told from its words.

    >>> [[getattr(piece, "value", piece) for piece in part] for part in label("layer1.0.conv2").parts]
    [['layer', 1], [0], ['conv', 2]]
    """
    return Label(tuple([tuple(_pieces(part)) for part in path.split(".")]))


def _pieces(part: str) -> Iterator[str | Literal]:
    for piece in re.findall(r"[0-9]+|[^0-9]+", part):
        is_number = piece.isdecimal() and len(piece) <= _MOST_DIGITS and str(int(piece)) == piece
        yield Literal(int(piece), _NUMBER) if is_number else piece


def labelled(entries: Iterable[Entry], base: str) -> Iterator[Item]:
    """The items of a body: its entries, with labels where the number of an unlabelled part is not their path."""
    number = 0
    for entry in entries:
        path = relative(entry.path, base)
        if entry.makes:
            yield Item(Make(entry.callee, label(path or "")), entry.inputs, entry.results)
            continue
        named = entry.is_numbered and path is not None and _is_label(path, number, entry)
        yield Item(Apply(entry.callee, label(path or "") if named else None), entry.inputs, entry.results)
        number += entry.is_numbered and not named


_MOST_DIGITS = 9
"""Longer numbers are words: nothing counts so far."""


def _is_label(path: str, number: int, entry: Entry) -> bool:
    """Whether a part must have, or had, a label: its weights need the path, and names of other parts are kept."""
    if isinstance(entry.callee, Sequential | Repeated):
        # Without a label, each of its parts would take a number.
        return True
    if entry.owns:
        return path != str(number)
    words = [part for part in path.split(".") if not part.isdecimal()]
    is_word = bool(words) if isinstance(entry.callee, BlockCall) else words[-1:] == path.split(".")[-1:]
    return path != "self" and is_word and re.fullmatch(r"\w[\w-]*(\.\w[\w-]*)*", path) is not None
