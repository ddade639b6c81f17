"""Parts that stand one after another go in; those before which a line breaks come out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ghndsl.language.layout.breaks import MUST, WIDTH, Breaks
from ghndsl.language.layout.pieces import Bracket, Flow, Piece, Word, flat, width

_SMALL = 24
"""Columns of an item up to which several share a line of a long list."""


def next_break(breaks: Breaks, flow: Flow, start: int, column: int, below: int, tail: int) -> int | None:
    """The part of a flow, from `start` on, before which the line at `column` must end, unless a person ends it earlier.

    The next line begins at `below`; `tail` columns must follow the last part. None: no part, or inside of one.
    """
    best = None
    for index, part in enumerate(flow.parts[start:], start):
        if breaks.before(part):
            return None
        # A line of a chain rather begins with a call that has arguments: normalisations stay with what they follow.
        best = index if index > 1 and flow.is_chain and _has_arguments(part) else best
        room = tail if index == len(flow.parts) - 1 else 0
        if not breaks.fits(part, column + 1, room):
            stays = column <= WIDTH // 2 and breaks.head(part)[1] and not breaks.fits(part, below, room)
            return best if best is not None else None if stays else index
        column += 1 + width(part)
    return None


def _has_arguments(link: Piece) -> bool:
    return any(isinstance(part, Word) and part.text == "(" for part in flat(link))


def item_starts(breaks: Breaks, bracket: Bracket, indent: int) -> set[int]:
    """The items that begin lines: those a person chose, and more where a line would be too long."""
    chosen = [index for index, item in enumerate(bracket.items) if index == 0 or breaks.before(item)]
    starts = set(chosen)
    for begin, end in zip(chosen, [*chosen[1:], len(bracket.items)], strict=True):
        starts |= _row_starts(breaks, bracket.items[begin:end], begin, indent)
    return starts


def _row_starts(breaks: Breaks, row: Sequence[Piece], begin: int, indent: int) -> set[int]:
    """The same of items on one line: none if they fit, as few as are needed of small ones, all of others."""
    places = accumulate([width(item) + 2 for item in row], initial=indent)
    if all(breaks.fits(item, place, 1) for item, place in zip(row, places, strict=False)):
        return set()
    if any(width(item) > _SMALL or breaks.of(item) == MUST for item in row):
        return set(range(begin, begin + len(row)))
    starts: set[int] = set()
    column = indent
    for index, item in enumerate(row, begin):
        if column + width(item) + 1 > WIDTH:
            starts.add(index)
            column = indent
        column += width(item) + 2
    return starts
