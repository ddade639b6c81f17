"""A word that cannot stand where it does goes in; what is missing before it, an arrow or a new line, comes out."""

from __future__ import annotations

import re
from collections.abc import Set

from ghndsl import ops
from ghndsl.diagnostics import Span
from ghndsl.language.brackets import open_before
from ghndsl.language.expected import ARROW, STATING
from ghndsl.language.tables import NEWLINE
from ghndsl.language.traps import Trapped
from ghndsl.language.tree import KEYWORDS

_WORD = re.compile(r"[^\W\d]\w*")
_CALLED = re.compile(r"[ \t]*\(")
_GIVEN = re.compile(r"(?:[ \t]*,[ \t]*\w+)*[ \t]*(?:=(?!=)|:)")
_LABELLING = re.compile(r"[ \t]*:")
_CHOOSING = re.compile(r"^[ \t]*choose\b")
_CONTINUING = re.compile(r"[ \t]*(in|and|or|not[ \t]+in|//|\*\*|==|!=|<=|>=|\.\.|[-+*/%<>])(?![>\w]|[ \t]*:)")


def gap(span: Span, expected: Set[str]) -> Trapped | None:
    """What is told of a word that would make sense if an arrow or a new line stood before it."""
    if not _WORD.fullmatch(span.text):
        return None
    if {NEWLINE, "RBRACE"} <= expected and (
        span.text.upper() in STATING or (_goes_on(span, _GIVEN) and _is_name(span))
    ):
        what = "branch" if _is_branch(span) else "statement"
        return Trapped(None, f"a new line is missing before `{span.text}`", f"each {what} has a line of its own")
    if ARROW in expected and _is_name(span) and (span.text in ops.TABLE or _goes_on(span, _CALLED)):
        opened = open_before(span.start, span.source)
        is_listed = bool(opened) and span.source.text[opened[-1]] != "{"
        what = "`->` or `,`" if is_listed else "`->`"
        return Trapped(None, f"{what} is missing before `{span.text}`", f"a chain is `x -> {span.text}`")
    return None


def _is_branch(span: Span) -> bool:
    """Whether a word labels a branch of the choice that it stands in."""
    opened, text = open_before(span.start, span.source), span.source.text
    if not opened or not _LABELLING.match(text, span.end):
        return False
    return _CHOOSING.search(text[text.rfind("\n", 0, opened[-1]) + 1 : opened[-1]].rpartition("{")[2]) is not None


def continued(span: Span) -> str | None:
    """A help line for a fault in a line that goes on with the one before, which its author may not have meant."""
    source = span.source
    line = source.text.rfind("\n", 0, span.start) + 1
    found = _CONTINUING.match(source.text, line)
    return f"the line before goes on here, since this one begins with `{found[1]}`" if found and line else None


def run_together(text: str, expected: Set[str]) -> str | None:
    """A help line for a word that begins with one that could stand there, and lacks a blank behind it.

    >>> run_together("notin", {"NOT", "IN"})
    '`not` is a word of its own: `not in`'
    """
    words = [word for word in KEYWORDS if word.upper() in expected and text.startswith(word) and text != word]
    word = max(words, key=len, default=None)
    return word and f"`{word}` is a word of its own: `{word} {text.removeprefix(word)}`"


def _goes_on(span: Span, pattern: re.Pattern[str]) -> bool:
    return pattern.match(span.source.text, span.end) is not None


def _is_name(span: Span) -> bool:
    return span.text not in KEYWORDS
