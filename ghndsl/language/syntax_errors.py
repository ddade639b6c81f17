"""Where a text stops making sense and what could stand there goes in; a diagnostic in a person's words comes out."""

from __future__ import annotations

import re
from collections.abc import Set
from unicodedata import combining

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Source, Span, did_you_mean
from ghndsl.language.brackets import opening
from ghndsl.language.expected import BINARY, DEFINING, NEEDS_VALUE, listing
from ghndsl.language.foreign import instead_of
from ghndsl.language.gaps import continued, gap, run_together
from ghndsl.language.habits import NUMBERS
from ghndsl.language.misread import closing_nothing, two_readings, unclosed
from ghndsl.language.parsed import BLANKS
from ghndsl.language.reader import UnexpectedError
from ghndsl.language.tables import END, NEWLINE
from ghndsl.language.traps import trap
from ghndsl.language.tree import KEYWORDS, STATEMENTS

_LONGEST_SHOWN = 40
_NAMED = re.compile(r"[ \t]*=(?!=)")


def explain(error: UnexpectedError, source: Source) -> Diagnostic:
    """The diagnostic for the first place at which a text stops making sense."""
    if error.type is None:
        return _unexpected_character(error, source)
    if error.type == END:
        return _unexpected_end(error.expected, source)
    if error.type == NEWLINE:
        return _unexpected_line_end(error, source)
    is_arrow = source.text[error.start - 1 : error.start + 1] == "->"
    span = Span(source, error.start - is_arrow, error.end)
    return _misplaced(span, error.expected, is_operator=error.type in BINARY and not is_arrow)


def _unexpected_character(error: UnexpectedError, source: Source) -> Diagnostic:
    start = min(error.start, max(0, len(source.text) - 1))
    char = source.text[start : start + 1]
    if char == '"':
        end = source.text.find("\n", start)
        span = Span(source, start, end if end >= 0 else len(source.text))
        return Diagnostic("G103", "this string has no end on its line", span)
    word = re.compile(r"\w+").match(source.text, start)
    span = Span(source, start, word.end() if word else start + 1)
    if word:
        return _misplaced(span, error.expected)
    known = trap(source, start, error.expected)
    if known and known.message:
        return Diagnostic("G102", known.message, known.span or span, help=known.help)
    is_shown = char.isprintable() and not combining(char)
    shown = char if is_shown else f"\\u{ord(char):04x}" if char else "the end"
    return Diagnostic("G102", f"`{shown}` means nothing here", span, help=instead_of(char))


def _unexpected_end(expected: Set[str], source: Source) -> Diagnostic:
    end = len(source.text.rstrip())
    missing = {"RBRACE"} & expected or expected
    message = f"the text ends here, but {listing(missing)} is missing"
    return Diagnostic("G101", message, Span(source, max(0, end - 1), end), opening(end, missing, source))


def _unexpected_line_end(error: UnexpectedError, source: Source) -> Diagnostic:
    start = error.start
    while start > 0 and source.text[start - 1] in BLANKS:
        start -= 1
    span = Span(source, max(0, start - 1), max(start, 1) if start else error.start)
    known = trap(source, start, error.expected)
    if known and known.message:
        return Diagnostic("G101", known.message, known.span or span, help=known.help)
    hint = known.help if known else None
    if "LBRACE" in error.expected and "LABEL" not in error.expected:
        hint = "the brace stands on the line of what it belongs to"
    elif error.expected >= NEEDS_VALUE and "RPAR" not in error.expected:
        hint = _nameless(_word_before(Span(source, start, start)))
    return Diagnostic("G101", f"the line ends here, but {listing(error.expected)} is missing", span, help=hint)


def _misplaced(span: Span, expected: Set[str], *, is_operator: bool = False) -> Diagnostic:
    known = unclosed(span) or two_readings(span, expected, is_operator=is_operator)
    known = known or trap(span.source, span.start, expected) or closing_nothing(span) or gap(span, expected)
    if known and known.message:
        return Diagnostic("G101", known.message, known.span or span, help=known.help)
    first = _word_before(span) if _begins_statement(expected) else None
    fault = _no_statement(first) if first and not known else None
    if fault:
        return fault
    if re.fullmatch(r"\d\w*", span.text) and not re.fullmatch(r"[0-9]+[KMG]?", span.text):
        hint = NUMBERS if "INT" in expected else None
        hint = hint if span.text.isascii() else "the digits of a number are `0` to `9`"
        message = f"`{_shown(span.text)}` is no number, and a name begins with a letter"
        return Diagnostic("G102", message, span, help=hint)
    message = f"`{_shown(span.text)}` cannot stand here; expected {listing(expected)}"
    marks = opening(span.start, expected - {"RBRACE"}, span.source)
    place = (known and known.span) or span
    return Diagnostic("G101", message, place, marks, help=known.help if known else _help(span, expected))


def _begins_statement(expected: Set[str]) -> bool:
    """Whether what was read before is the first word of a statement."""
    return expected >= NEEDS_VALUE and "RPAR" not in expected


def _no_statement(first: Span) -> Diagnostic | None:
    """The fault of a word that someone took for the beginning of a statement, if it is such a word."""
    if first.text.upper() in DEFINING:
        marks = opening(first.start, {"RBRACE"}, first.source)
        message = f"a `}}` is missing before this `{first.text}`"
        return Diagnostic("G101", message, first, marks, help="no definition stands in another")
    likely = did_you_mean(first.text, STATEMENTS)
    return Diagnostic("G101", f"`{first.text}` begins no statement", first, help=likely) if likely else None


def _help(span: Span, expected: Set[str]) -> str | None:
    text, before = span.text, _word_before(span)
    word = before.text if before else ""
    if text in {"True", "False", "None"}:
        return f"write `{text.lower()}`"
    if "LBRACE" in expected and not expected & {"RPAR", "FROM", "RBRACE"} and text != "=":
        return "a body stands in braces: `{ ... }`"
    if text == "=" and "COMPARE" in expected:
        return "`==` compares"
    if text in KEYWORDS and _NAMED.match(span.source.text, span.end):
        return f"`{text}` is a keyword, which cannot be a name"
    if text == "=" and word in KEYWORDS:
        return f"`{word}` is a keyword, which cannot be a name"
    if expected == {"COLON"}:
        return "a branch has a label: `conv: x -> conv(8, 3)`"
    if expected & DEFINING:
        likely = did_you_mean(text, [word.lower() for word in DEFINING])
        return likely or run_together(text, expected) or "all that a text says stands in definitions"
    if _begins_statement(expected):
        return _nameless(before)
    return run_together(text, expected) or continued(span)


def _nameless(first: Span | None) -> str:
    """What is told of a statement without a name, of which the first word is known."""
    if first and first.text in ops.TABLE:
        return f"a chain goes on in a line that begins with `-> {first.text}`; else give a name: `y = ...`"
    return "a statement names what it computes: `y = ...`"


def _word_before(span: Span) -> Span | None:
    start = max(0, span.start - 100)
    found = re.search(r"(\w+)[ \t]*$", span.source.text[start : span.start])
    return Span(span.source, start + found.start(1), start + found.end(1)) if found else None


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
