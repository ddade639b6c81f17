"""What lark says of a text it cannot read goes in; a diagnostic in a person's words comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable

import lark

from ghndsl.diagnostics import Diagnostic, Source, Span, did_you_mean

_WORDS = {
    "NAME": "a name",
    "LABEL": "a label",
    "INT": "a number",
    "FLOAT": "a number",
    "STRING": "a string",
    "_NL": "a new line",
    "$END": "the end of the text",
    "COMPARE": "a comparison",
    "ADD": "`+` or `-`",
    "MUL": "`*` or `/`",
    "POW": "`**`",
    "TO": "`..`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "DOT": "`.`",
    "EQUAL": "`=`",
}
_OPERATORS = {"COMPARE", "ADD", "MUL", "POW", "TO", "OR", "AND", "IN", "NOT"}
_DEFINITIONS = {"ARCH", "BLOCK", "MOTIF", "SPACE", "USE"}
_STATEMENTS = {"INPUT", "OUTPUT", "EXIT", "RETURN", "FOR", "IF", "CHOOSE", "WHERE"}
_ATOM = {"NAME", "INT", "FLOAT", "STRING", "TRUE", "FALSE", "NONE", "LPAR", "LSQB"}


def explain(error: lark.UnexpectedInput, source: Source) -> Diagnostic:
    """The diagnostic for the first place at which a text stops making sense."""
    if isinstance(error, lark.UnexpectedToken):
        return _unexpected_token(error, source)
    return _unexpected_character(error, source)


def _unexpected_character(error: lark.UnexpectedInput, source: Source) -> Diagnostic:
    start = min(error.pos_in_stream or 0, max(0, len(source.text) - 1))
    char = source.text[start : start + 1]
    if char == '"':
        end = source.text.find("\n", start)
        span = Span(source, start, end if end >= 0 else len(source.text))
        return Diagnostic("G103", "this string has no end on its line", span)
    word = re.match(r"\w+", source.text[start:])
    span = Span(source, start, start + (word.end() if word else 1))
    if word:
        return _misplaced(span, set(getattr(error, "allowed", None) or ()), source)
    shown = char if char.isprintable() else f"\\u{ord(char):04x}" if char else "the end"
    help_line = 'strings stand in double quotes: "same"' if char == "'" else None
    return Diagnostic("G102", f"`{shown}` means nothing here", span, help=help_line)


def _unexpected_token(error: lark.UnexpectedToken, source: Source) -> Diagnostic:
    token, expected = error.token, set(error.accepts or error.expected)
    start = token.start_pos if token.start_pos is not None else len(source.text)
    if token.type == "$END":
        end = len(source.text.rstrip())
        span = Span(source, max(0, end - 1), end)
        return Diagnostic("G101", f"the text ends here, but {_listing(expected)} is missing", span)
    text = str(token)
    if token.type == "_NL":
        end = start
        while start > 0 and source.text[start - 1] in " \t":
            start -= 1
        span = Span(source, max(0, start - 1), max(start, 1) if start else end)
        return Diagnostic("G101", f"the line ends here, but {_listing(expected)} is missing", span)
    return _misplaced(Span(source, start, start + len(text)), expected, source)


def _misplaced(span: Span, expected: set[str], source: Source) -> Diagnostic:
    text = span.text
    message = f"`{text}` cannot stand here; expected {_listing(expected)}"
    return Diagnostic("G101", message, span, help=_help(text, span, expected, source))


def _help(text: str, span: Span, expected: set[str], source: Source) -> str | None:
    before = source.text[: span.start].rstrip()
    if text == "->" and re.search(r"[-+*/%]\s*[\w.\])(]+$", before):
        return "the links of a chain are single calls: put the sum before `->` in parentheses, `(a + b) -> f`"
    if text in {"+", "-", "*", "/", "//", "%", "**"} and "MUL" not in expected:
        return "a chain is not part of a sum: put the chain in parentheses, `(x -> f) + y`"
    if text in {"True", "False", "None"}:
        return f"write `{text.lower()}`"
    if text in {"def", "class", "import", "lambda", "while", "elif", "return"}:
        return {"elif": "write `else if`", "import": 'use `use std.name (Name)` or `use "file.arch" (Name)`'}.get(text)
    if expected & _DEFINITIONS:
        return did_you_mean(text, ["arch", "block", "space", "motif", "use"])
    if expected & _STATEMENTS or "COLON" in expected:
        return did_you_mean(text, [word.lower() for word in _STATEMENTS])
    return None


def _listing(expected: Iterable[str]) -> str:
    """What could stand here, in groups a person thinks in."""
    left = set(expected)
    words: list[str] = []
    for group, word in (
        (_DEFINITIONS, "a definition (`arch`, `block`, `space`, `motif`, `use`)"),
        (_STATEMENTS, "a statement"),
        (_ATOM, "an expression"),
        (_OPERATORS, "an operator"),
    ):
        if len(left & group) >= min(3, len(group)):
            words.append(word)
            left -= group
    words += sorted({_WORDS.get(name, f"`{_keyword(name)}`") for name in left})
    words = words[:6]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "nothing more"


def _keyword(name: str) -> str:
    return "->" if name.startswith("__ANON") else name.lower()
