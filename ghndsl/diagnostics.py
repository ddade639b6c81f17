"""A text and a place in it go in; a refusal a person can act on, rendered in the manner of rustc, comes out."""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True, eq=False)
class Source:
    """A text under the name it is reported by.

    >>> Source("net.arch", "arch a() {\\n}").position(11)
    (2, 1)
    """

    name: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(i + 1 for i, char in enumerate(self.text) if char == "\n")]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from one."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line counted from one, without its newline."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


@dataclass(frozen=True)
class Span:
    """The characters from `start` up to, not including, `end` of a source."""

    source: Source
    start: int
    end: int

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of another."""
        return Span(self.source, self.start, other.end)


@dataclass(frozen=True)
class Mark:
    """A remark on a further place, drawn with `-` below the text where the fault itself is drawn with `^`."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One refusal or warning: what is wrong, where, why, and what would help."""

    code: str
    message: str
    span: Span | None = None
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: str = "error"

    def __str__(self) -> str:
        head = f"{self.severity}[{self.code}]: {self.message}"
        body = [] if self.span is None else _excerpt(self.span, self.marks)
        gutter = " " * (_gutter(self.span, self.marks) if self.span else 2)
        tail = [f"{gutter}= {note}" for note in self.notes]
        if self.help:
            tail.append(f"{gutter}= help: {self.help}")
        return "\n".join([head, *body, *tail])

    def to_json(self) -> dict[str, str | int | list[str] | None]:
        """The keys of the interface: code, severity, message, file, place and help; and the notes."""
        place: dict[str, str | int | None] = dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
        if self.span is not None:
            line, column = self.span.source.position(self.span.start)
            end_line, end_column = self.span.source.position(self.span.end)
            place = {
                "file": self.span.source.name,
                "line": line,
                "column": column,
                "end_line": end_line,
                "end_column": end_column,
            }
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            **place,
            "notes": list(self.notes),
            "help": self.help,
        }


class CompileError(Exception):
    """The input was refused; `diagnostics` say why, one for each independent cause.

    >>> error = CompileError(Diagnostic("G001", "the file is empty"))
    >>> print(error)
    error[G001]: the file is empty
    """

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.diagnostics: tuple[Diagnostic, ...] = diagnostics

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.diagnostics))


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A help line that names the one likely word, or None when none is likely.

    >>> did_you_mean("batchnorm", ["batch_norm", "conv"])
    'did you mean `batch_norm`?'
    >>> did_you_mean("foo", ["batch_norm", "conv"]) is None
    True
    """
    if len(word) > _LONGEST_WORD:
        return None
    folded = {name.lower().replace("_", ""): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.lower().replace("_", ""), folded, n=1, cutoff=0.75)
    return f"did you mean `{folded[close[0]]}`?" if close else None


# Matching takes time that grows with the square of the length, and nobody mistypes a word so long.
_LONGEST_WORD = 60


def _gutter(span: Span, marks: Sequence[Mark]) -> int:
    last = max(s.source.position(s.start)[0] for s in (span, *(mark.span for mark in marks)))
    return len(str(last)) + 1


@dataclass(frozen=True)
class _Underline:
    column: int
    width: int
    char: str
    text: str = field(default="")


def _excerpt(span: Span, marks: Sequence[Mark]) -> list[str]:
    """The lines of source around a fault, underlined."""
    source, width = span.source, _gutter(span, marks)
    rows: dict[int, list[_Underline]] = {}
    spans = [(span, "^", "")] + [(mark.span, "-", mark.text) for mark in marks if mark.span.source is source]
    for place, char, text in spans:
        line, column = source.position(place.start)
        length = max(1, min(place.end, place.start + len(source.line(line)) - column + 1) - place.start)
        rows.setdefault(line, []).append(_Underline(column, length, char, text))
    lines = [f"{' ' * (width - 1)}--> {span}", f"{' ' * width}|"]
    for number in sorted(rows):
        text, marked = _clipped(_printable(source.line(number)), rows[number])
        lines.append(f"{number:<{width}}| {text}".rstrip())
        lines += [f"{' ' * width}| {row}" for row in _underlines(marked)]
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


def _printable(text: str) -> str:
    """Tabs take one column and control characters show as dots, so that underlines stay below their text."""
    return "".join(char if char.isprintable() else " " if char == "\t" else "·" for char in text)


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
