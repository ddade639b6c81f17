"""Refusals go in; their text comes out, in colour where a person reads it on a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TextIO

from ghndsl.diagnostics import Diagnostic

_BOLD, _RED, _YELLOW, _BLUE, _CYAN, _PLAIN = (f"\033[{code}m" for code in ("1", "1;31", "1;33", "1;34", "1;36", "0"))
_SEVERITIES = {"error": _RED, "warning": _YELLOW}
_HEAD = re.compile(r"(\w+\[G\d+\])(: .*)")
_GUTTER = re.compile(r"( *\d* *\|)(.*)")
_TAIL = re.compile(r"( *(?:-->|= (?:help:)?))(.*)")


def rendered(diagnostics: Iterable[Diagnostic], stream: TextIO) -> str:
    """All of them as text, an empty line between two; in colour when the stream is a terminal that wants it.

    >>> import io
    >>> rendered([Diagnostic("G001", "there is no file a.arch")], io.StringIO())
    'error[G001]: there is no file a.arch'
    """
    if not _wants_colour(stream):
        return "\n\n".join(map(str, diagnostics))
    return "\n\n".join(map(_painted, diagnostics))


def _wants_colour(stream: TextIO) -> bool:
    """Whether a terminal is at the end, and its owner did not ask for none (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _painted(diagnostic: Diagnostic) -> str:
    colour = _SEVERITIES.get(diagnostic.severity, _BOLD)
    head, *rows = str(diagnostic).split("\n")
    head = _HEAD.sub(rf"{colour}\1{_PLAIN}{_BOLD}\2{_PLAIN}", head)
    return "\n".join([head, *(_row(row, colour) for row in rows)])


def _row(row: str, colour: str) -> str:
    gutter = _GUTTER.fullmatch(row)
    if gutter is None:
        return _TAIL.sub(rf"{_CYAN if '= help:' in row else _BLUE}\1{_PLAIN}\2", row)
    begin, rest = gutter.groups()
    is_text = any(map(str.isdigit, begin))
    marks = rest if is_text else re.sub(r"\^+", rf"{colour}\g<0>{_BLUE}", rest)
    return f"{_BLUE}{begin}{_PLAIN if is_text else ''}{marks}{'' if is_text else _PLAIN}"
