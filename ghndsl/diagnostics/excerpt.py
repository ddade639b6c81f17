"""The place of a fault and marks beside it go in; the lines of text around them, underlined, come out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import field, replace

from ghndsl.diagnostics.source import Mark, Span
from ghndsl.records import record


def gutter(span: Span, marks: Sequence[Mark]) -> int:
    """How many columns the numbers of the lines take, with the blank after them."""
    last = max(s.source.position(s.start)[0] for s in (span, *(mark.span for mark in marks)))
    return len(str(last)) + 1


@record
class _Underline:
    column: int
    width: int
    char: str
    text: str = field(default="")


def excerpt(span: Span, marks: Sequence[Mark]) -> list[str]:
    """The lines of source around a fault, underlined."""
    source, width = span.source, gutter(span, marks)
    rows: dict[int, list[_Underline]] = {}
    spans = [(span, "^", "")] + [(mark.span, "-", mark.text) for mark in marks if mark.span.source is source]
    for place, char, text in spans:
        line, column = source.position(place.start)
        length = max(1, min(place.end, place.start + len(source.line(line)) - column + 1) - place.start)
        rows.setdefault(line, []).append(_Underline(column, length, char, text))
    lines = [f"{' ' * (width - 1)}--> {span}", f"{' ' * width}|"]
    for number in sorted(rows):
        text, marked = _clipped(printable(source.line(number)), rows[number])
        lines.append(f"{number:<{width}}| {text}".rstrip())
        lines += [f"{' ' * width}| {row}" for row in _underlines([_below(text, mark) for mark in marked])]
    lines += [f"{' ' * width}= {mark.span}: {mark.text}" for mark in marks if mark.span.source is not source]
    return lines


_WIDEST, _BEFORE = 200, 40


def _clipped(text: str, marks: list[_Underline]) -> tuple[str, list[_Underline]]:
    """A line and its underlines; of a very long line, the part around the first of them."""
    if len(text) <= _WIDEST:
        return text, marks
    start = max(0, min(mark.column for mark in marks) - _BEFORE)
    end = start + _WIDEST
    moved = [replace(m, column=m.column - start, width=max(1, min(m.width, end - m.column + 1))) for m in marks]
    kept = [mark for mark in moved if mark.column <= _WIDEST]
    return f"{'…' if start else text[:1]}{text[start + 1 : end]}{'…' * (end < len(text))}", kept


def printable(text: str) -> str:
    """Tabs take one column and control characters show as dots, so that underlines stay below their text."""
    return "".join(char if char.isprintable() else " " if char == "\t" else "·" for char in text)


def _below(text: str, mark: _Underline) -> _Underline:
    """An underline of characters as one of columns: some characters take two of a terminal, some none."""
    start = mark.column - 1
    width = max(1, _columns(text[start : start + mark.width]) if start < len(text) else mark.width)
    return replace(mark, column=_columns(text[:start]) + 1, width=width)


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes.

    >>> _columns("größe"), _columns("大小"), _columns("e\N{COMBINING ACUTE ACCENT}")
    (5, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _underlines(marks: list[_Underline]) -> list[str]:
    """The underlines of one line, then their remarks from right to left, as rustc stacks them."""
    end = max(mark.column + mark.width for mark in marks)
    canvas = [" "] * (end - 1)
    for mark in sorted(marks, key=lambda m: m.char == "^"):
        canvas[mark.column - 1 : mark.column - 1 + mark.width] = mark.char * mark.width
    remarks = sorted((mark for mark in marks if mark.text), key=lambda m: m.column)
    first = "".join(canvas)
    if remarks and remarks[-1].column + remarks[-1].width >= end:
        first += f" {remarks.pop().text}"
    rows = [first.rstrip()]
    while remarks:
        rows.append(_stems(remarks))
        rows.append(_stems(remarks[:-1]).ljust(remarks[-1].column - 1) + remarks[-1].text)
        remarks.pop()
    return rows


def _stems(remarks: list[_Underline]) -> str:
    row = ""
    for mark in remarks:
        row = row.ljust(mark.column - 1) + "|"
    return row
