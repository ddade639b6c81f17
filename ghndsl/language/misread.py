"""What stands where a text stops making sense goes in; what is told of it whatever could stand there comes out.

Two things are: what people would read in two ways, and brackets that close nothing or are never closed.
"""

from __future__ import annotations

import re
from collections.abc import Set

from ghndsl.diagnostics import Span
from ghndsl.language.brackets import OPENING, never_closed, open_before
from ghndsl.language.expected import BINARY, NEEDS_VALUE
from ghndsl.language.traps import Trapped, trap

_COMPARISON = re.compile(r"[<>]=?|[=!]=")
HEAD = re.compile(r"(?:^|else)[ \t]*(for|if|where|choose)\b")
"""The first word of a statement with a head, in the line up to a place."""


def two_readings(span: Span, expected: Set[str], *, is_operator: bool) -> Trapped | None:
    """What people would read in two ways, and what the language therefore leaves out."""
    if span.text == "->" and len(expected & BINARY) > 2:
        head = HEAD.search(_line_before(span).rpartition("{")[2])
        if head:
            return Trapped(None, f"a chain in the head of `{head[1]}` needs parentheses", "write `(x -> f)`")
        message = "a chain cannot begin with a sum or a test"
        return Trapped(None, message, "put what comes before `->` in parentheses: `(a + b) -> f`")
    known = trap(span.source, span.start, expected) if is_operator else None
    if known:
        return known
    complete = not expected >= NEEDS_VALUE and "MUL" not in expected
    if is_operator and complete and _follows_comparison(span):
        return Trapped(None, "comparisons do not chain", "join two of them: `a < b and b < c`")
    if is_operator and complete and expected & {"AS", "IF"}:
        message = f"a chain cannot be part of a sum or a test (`{span.text}`)"
        return Trapped(None, message, "put the chain in parentheses: `(x -> f) + y`")
    return None


def _follows_comparison(span: Span) -> bool:
    """Whether a comparison follows another on its line, with neither a chain nor an open bracket between them."""
    if not _COMPARISON.fullmatch(span.text):
        return False
    *before, between = _COMPARISON.split(_line_before(span).replace("->", "("))
    return bool(before) and between.count("(") == between.count(")")


def _line_before(span: Span) -> str:
    """What stands before a place on its line: more of a text would be read again for each fault."""
    return span.source.text[span.source.text.rfind("\n", 0, span.start) + 1 : span.start]


def unclosed(span: Span) -> Trapped | None:
    """What is told of a bracket that is still open in a later line, or where its body ends, and never closed."""
    bracket = never_closed(span.start, span.source)
    is_later = bracket and span.source.position(bracket.start)[0] != span.source.position(span.start)[0]
    if bracket is None or not (is_later or span.text in ("{", "}")):
        return None
    closing = next(sign for sign, opened in OPENING.items() if opened == bracket.text)
    return Trapped(bracket, f"this `{bracket.text}` is never closed", f"a `{closing}` is missing")


def closing_nothing(span: Span) -> Trapped | None:
    """What is told of a bracket that closes none."""
    if span.text not in (")", "]", "}"):
        return None
    opened = open_before(span.start, span.source)
    if opened and span.source.text[opened[-1]] == OPENING[span.text]:
        return None
    if span.text == "}" or not opened or span.source.text[opened[-1]] == "{":
        return Trapped(None, f"this `{span.text}` closes nothing", "take it out, or open it before")
    return None
