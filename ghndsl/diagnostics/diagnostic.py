"""What is wrong, where and why goes in; a refusal a person can act on, in the manner of rustc, comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ghndsl.diagnostics.excerpt import excerpt, gutter, printable
from ghndsl.diagnostics.source import Mark, Span
from ghndsl.records import record

_MOST_MARKED = 3
"""Further places of one cause that are drawn."""


@record
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
        head = f"{self.severity}[{self.code}]: {printable(self.message)}"
        body = [] if self.span is None else excerpt(self.span, self.marks)
        margin = " " * (gutter(self.span, self.marks) if self.span else 2)
        tail = [f"{margin}= {printable(note)}" for note in self.notes]
        if self.help:
            tail.append(f"{margin}= help: {printable(self.help)}")
        return "\n".join([head, *body, *tail])

    def also_at(self, places: Sequence[Span]) -> Diagnostic:
        """The same about further places, of which the first few are marked and the others counted."""
        marks = tuple([Mark(place, "also here") for place in places[:_MOST_MARKED]])
        left = len(places) - len(marks)
        notes = (f"and at {left:,} further place{'s' * (left > 1)}",) if left else ()
        return replace(self, marks=(*self.marks, *marks), notes=(*self.notes, *notes))

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
