"""A piece of a text goes in; whether its lines must break, and how much of it stands before a break, come out."""

from __future__ import annotations

from collections.abc import Mapping

from ghndsl.language.layout.pieces import Arms, Body, Bracket, Flow, Piece, Row, Word, first, flat, width
from ghndsl.language.layout.remarks import NO_LEAD, Lead

WIDTH = 120
"""Columns beyond which what stands on one line is broken."""
KEPT = 100
"""Columns beyond which lines that a person broke stay broken."""
INDENT = 4
"""Columns of a level."""
_TINY = 12
"""Columns of what stands in brackets up to which no line breaks in them."""

FREE, BY_HAND, MUST = range(3)
"""Nothing breaks a piece; a person did where it was read; a comment does, or it has lines of its own."""


class Breaks:
    """What is known of the line breaks in pieces, given what stood before their words."""

    def __init__(self, leads: Mapping[Word, Lead]) -> None:
        self.leads = leads
        self.known: dict[Piece, int] = {}

    def before(self, piece: Piece) -> int:
        """Why a line would break before a piece, in a place where it can."""
        lead = self.leads.get(first(piece), NO_LEAD)
        return MUST if lead.comments else BY_HAND if lead.on_new_line else FREE

    def of(self, piece: Piece) -> int:
        """Why a piece would stand on several lines."""
        if isinstance(piece, str | Word):
            return FREE
        if piece not in self.known:
            self.known[piece] = self._of(piece)
        return self.known[piece]

    def fits(self, piece: Piece, column: int, tail: int) -> bool:
        """Whether a piece that begins at a column stands on one line, so many columns after it."""
        why = self.of(piece)
        return why < MUST and column + width(piece) + tail <= (KEPT if why == BY_HAND else WIDTH)

    def head(self, piece: Piece) -> tuple[int, bool]:
        """The columns of a piece before the first place where a line may break, and whether there is one."""
        if isinstance(piece, Flow):
            return self.head(piece.parts[0])[0], True
        if isinstance(piece, Body) and piece.lines:
            return piece.opening.width, True
        if isinstance(piece, Bracket) and self.can_break(piece):
            return piece.opening.width, True
        if isinstance(piece, str | Word | Body | Bracket):
            return width(piece), False
        columns = 0
        for part in piece.inline:
            more, ends = self.head(part)
            columns += more
            if ends:
                return columns, True
        return columns, False

    def can_break(self, bracket: Bracket) -> bool:
        """Whether lines may break in brackets: there is enough in them, or a comment."""
        return bool(bracket.items) and (not _is_tiny(bracket) or self.of(bracket) == MUST)

    def hugs(self, bracket: Bracket) -> bool:
        """Whether brackets close around a sole list without a line of their own: `add([` ... `])`."""
        if len(bracket.items) != 1 or bracket.commas or not _is_list(bracket.items[0]):
            return False
        return self.before(bracket.items[0]) < MUST and self.before(bracket.closing) < MUST

    def _of(self, piece: Row | Flow | Bracket | Body | Arms) -> int:
        if isinstance(piece, Bracket):
            return self._of_bracket(piece)
        if isinstance(piece, Body):
            return self._of_body(piece)
        inner = max(map(self.of, piece.inline))
        if isinstance(piece, Flow):
            return max(inner, *map(self.before, piece.parts[1:]))
        if isinstance(piece, Arms) and any(map(self.before, piece.arms[1:])):
            return MUST
        return inner

    def _of_bracket(self, bracket: Bracket) -> int:
        if not bracket.items:
            return FREE
        inner = max(map(self.of, bracket.items))
        begins = max(map(self.before, bracket.items))
        if MUST in (inner, begins, *map(self.before, (*bracket.commas, bracket.closing))):
            return MUST
        return inner if self.hugs(bracket) or _is_tiny(bracket) else max(inner, begins)

    def _of_body(self, body: Body) -> int:
        if not body.lines:
            return MUST if self.before(body.closing) == MUST else FREE
        # Lines that a program made are never joined with their braces.
        if not body.is_simple or body.opening not in self.leads:
            return MUST
        inside = [part for part in flat(body) if isinstance(part, Word)][1:]
        return MUST if any(map(self.before, inside)) else FREE


def _is_tiny(bracket: Bracket) -> bool:
    return width(bracket) - 2 <= _TINY


def _is_list(piece: Piece) -> bool:
    """Whether it is a list, or a call of a sole list."""
    if isinstance(piece, Row):
        *before, last = piece.parts
        return all(isinstance(part, Word) for part in before) and isinstance(last, Bracket) and _holds_list(last)
    return isinstance(piece, Bracket) and piece.opening.text == "["


def _holds_list(bracket: Bracket) -> bool:
    return len(bracket.items) == 1 and not bracket.commas and _is_list(bracket.items[0])
