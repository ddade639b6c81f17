"""A text goes in; places in it, by character or by line and column, come out."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ghndsl.records import record


@dataclass(frozen=True, eq=False)
class Source:
    """A text under the name it is reported by.

    >>> Source("net.arch", "arch a() {\\n}").position(11)
    (2, 1)
    """

    name: str
    text: str

    def __repr__(self) -> str:
        return f"Source({self.name})"

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *[newline.end() for newline in re.finditer("\n", self.text)]]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from one."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line counted from one, without its newline."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


class Span(NamedTuple):
    """The characters from `start` up to, not including, `end` of a source.

    A tuple, since a tree has as many as nodes, and frozen dataclasses take three times as long to make.
    """

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


@record
class Mark:
    """A remark on a further place, drawn with `-` below the text where the fault itself is drawn with `^`."""

    span: Span
    text: str
