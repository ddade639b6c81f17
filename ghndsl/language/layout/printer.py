"""The pieces of a text and what stands between its words go in; its lines come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ghndsl.language.layout.breaks import INDENT, MUST, WIDTH, Breaks
from ghndsl.language.layout.filling import item_starts, next_break
from ghndsl.language.layout.lines import Lines
from ghndsl.language.layout.pieces import Arms, Body, Bracket, Flow, Page, Piece, Row, Word, first, flat
from ghndsl.language.layout.remarks import NO_LEAD, Lead

_SHORT = 20
"""Columns of the first link of a chain up to which the arrows of further lines stand below its first arrow."""
_DEEP = 64
"""Columns beyond which lines that go on are not moved to the right."""


def printed(page: Page, leads: Mapping[Word, Lead]) -> str:
    """The text of a page; the words that were read from a text have a lead, if only an empty one."""
    apart = {
        item.first: _apart(leads.get(item.first, NO_LEAD), are_uses=page.is_use[i] and page.is_use[i + 1])
        for i, item in enumerate(page.items[1:])
    }
    return _Printer({**leads, **apart}).page(page)


def _apart(lead: Lead, *, are_uses: bool) -> Lead:
    """An empty line before a definition, unless there is one already; none between `use`s."""
    place = next((i for i, comment in enumerate(lead.comments) if not comment.trails), None)
    if are_uses:
        return lead if place is not None else replace(lead, after_blank=False)
    if lead.after_blank or any(comment.after_blank for comment in lead.comments):
        return lead
    if place is None:
        return replace(lead, after_blank=True)
    moved = replace(lead.comments[place], after_blank=True)
    return replace(lead, comments=(*lead.comments[:place], moved, *lead.comments[place + 1 :]))


class _Printer:
    """Puts pieces on lines. A `tail` is how many columns must follow a piece on its last line."""

    def __init__(self, leads: Mapping[Word, Lead]) -> None:
        self.breaks = Breaks(leads)
        self.lines = Lines(leads)
        self.level = 0

    def page(self, page: Page) -> str:
        for index, item in enumerate(page.items):
            self.lines.begin(item.first, 0, at_start=index == 0)
            self.put(item, 0)
        self.lines.begin(page.end, 0, at_start=not page.items, is_end=True)
        return "".join([f"{line}\n" for line in self.lines.done])

    def put(self, piece: Piece, tail: int) -> None:
        if isinstance(piece, str):
            self.lines.blanks(piece)
        elif isinstance(piece, Word):
            self.lines.word(piece)
        elif isinstance(piece, Row):
            self._row(piece.parts, tail)
        elif self.breaks.fits(piece, self.lines.column, tail):
            self._row(tuple(flat(piece)), tail)
        elif isinstance(piece, Flow):
            self._flow(piece, tail)
        elif isinstance(piece, Bracket):
            self._bracket(piece, tail)
        elif isinstance(piece, Arms):
            self._arms(piece)
        else:
            self._body(piece)

    def _row(self, parts: Sequence[Piece], tail: int) -> None:
        tails = [tail]
        for part in reversed(parts[1:]):
            columns, ends = self.breaks.head(part)
            tails.append(columns if ends else columns + tails[-1])
        for part, room in zip(parts, reversed(tails), strict=True):
            self.put(part, room)

    def _flow(self, flow: Flow, tail: int) -> None:
        lines, breaks, last = self.lines, self.breaks, len(flow.parts) - 1
        below = self._begin_flow(flow)
        end = next_break(breaks, flow, 1, lines.column, below, tail)
        for index, part in enumerate(flow.parts[1:], 1):
            before = len(lines.done)
            if flow.is_each or index == end or breaks.before(part):
                lines.go_on(first(part), below)
            else:
                lines.blanks(" ")
            self.put(part, tail if index == last else 0)
            if len(lines.done) > before or lines.column > WIDTH:
                end = next_break(breaks, flow, index + 1, lines.column, below, tail)

    def _begin_flow(self, flow: Flow) -> int:
        """Puts the first part; returns the column at which further lines begin."""
        lines = self.lines
        before, indent, start = len(lines.done), lines.indent, lines.column
        self.put(flow.parts[0], 0)
        is_short = flow.is_chain and len(lines.done) == before and lines.column - start <= _SHORT
        below = lines.column + 1 if is_short else start
        return below if below <= _DEEP else indent + INDENT

    def _bracket(self, bracket: Bracket, tail: int) -> None:
        lines, indent, last = self.lines, self.lines.indent, len(bracket.items) - 1
        if not self.breaks.can_break(bracket) or self.breaks.hugs(bracket):
            self._row(bracket.inline, tail)
            return
        starts = item_starts(self.breaks, bracket, indent + INDENT)
        lines.word(bracket.opening)
        for index, item in enumerate(bracket.items):
            if index in starts or lines.late:
                starts.add(index)
                lines.go_on(first(item), indent + INDENT)
            else:
                lines.blanks(" ")
            self.put(item, 1)
            if index < len(bracket.commas):
                lines.word(bracket.commas[index])
            elif index == last and len(starts) > 1 and bracket.may_end_in_comma:
                lines.blanks(",")
        lines.go_on(bracket.closing, indent, is_end=True)
        lines.word(bracket.closing)

    def _body(self, body: Body) -> None:
        if self.breaks.of(body) < MUST and not body.lines:
            self._row(body.inline, 0)
            return
        self.lines.word(body.opening)
        self.level += 1
        for index, line in enumerate(body.lines):
            self.lines.begin(first(line), self.level, at_start=index == 0)
            self.put(line, 0)
        self.lines.begin(body.closing, self.level, at_start=not body.lines, is_end=True)
        self.level -= 1
        self.lines.word(body.closing)

    def _arms(self, arms: Arms) -> None:
        for index, arm in enumerate(arms.arms):
            if index and self.breaks.before(arm) == MUST:
                self.lines.go_on(arm.first, INDENT * self.level)
            elif index:
                self.lines.blanks(" ")
            *head, body = arm.parts
            self._row(head, 1)
            assert isinstance(body, Body)
            self._body(body)
