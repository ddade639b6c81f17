"""What lark says of a text it cannot read goes in; a diagnostic in a person's words comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable

import lark

from ghndsl.diagnostics import Diagnostic, Mark, Source, Span, did_you_mean
from ghndsl.language.tree import KEYWORDS

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
_BEGINNINGS = [word.lower() for word in _STATEMENTS]
_AFTER_HEAD = {"LBRACE", "RPAR", "RSQB", "ELSE"}
_NEEDS_VALUE = {"COMMA", "COLON", "EQUAL"}
_LONGEST_SHOWN = 40
_COMPARISON = re.compile(r"[<>]=?|[=!]=")
_QUOTES = 'strings stand in double quotes: "same"'
_OTHER_SIGNS = {
    "'": _QUOTES,
    "“": _QUOTES,
    "”": _QUOTES,
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "?": "write `a if test else b`",
    ";": "each statement has a line of its own",
}
"""What signs of other languages are here."""


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
    word = re.compile(r"\w+").match(source.text, start)
    span = Span(source, start, word.end() if word else start + 1)
    if word:
        return _misplaced(span, set(getattr(error, "allowed", None) or ()))
    shown = char if char.isprintable() else f"\\u{ord(char):04x}" if char else "the end"
    return Diagnostic("G102", f"`{shown}` means nothing here", span, help=_OTHER_SIGNS.get(char))


def _unexpected_token(error: lark.UnexpectedToken, source: Source) -> Diagnostic:
    token, expected = error.token, set(error.accepts or error.expected)
    start = token.start_pos if token.start_pos is not None else len(source.text)
    if token.type == "$END":
        end = len(source.text.rstrip())
        missing = {"RBRACE"} & expected or expected
        span = Span(source, max(0, end - 1), end)
        return Diagnostic(
            "G101", f"the text ends here, but {_listing(missing)} is missing", span, _opening(end, missing, source)
        )
    if token.type == "_NL":
        end = start
        while start > 0 and source.text[start - 1] in " \t":
            start -= 1
        span = Span(source, max(0, start - 1), max(start, 1) if start else end)
        return Diagnostic("G101", f"the line ends here, but {_listing(expected)} is missing", span)
    is_arrow = source.text[start - 1 : start + 1] == "->"
    span = Span(source, start - is_arrow, start + len(token))
    return _misplaced(span, expected, is_operator=token.type in _OPERATORS and not is_arrow)


def _misplaced(span: Span, expected: set[str], *, is_operator: bool = False) -> Diagnostic:
    trap = _trap(span, expected, is_operator=is_operator)
    first = _word_before(span) if expected >= _NEEDS_VALUE else None
    if first:
        fault = _no_statement(first)
        if fault:
            return fault
    if trap:
        return Diagnostic("G101", trap[0], span, help=trap[1])
    if re.fullmatch(r"\d\w*", span.text) and not re.fullmatch(r"\d+[KMG]?", span.text):
        return Diagnostic("G102", f"`{_shown(span.text)}` is no number, and a name begins with a letter", span)
    message = f"`{_shown(span.text)}` cannot stand here; expected {_listing(expected)}"
    marks = _opening(span.start, expected - {"RBRACE"}, span.source)
    return Diagnostic("G101", message, span, marks, help=_help(span, expected))


def _no_statement(first: Span) -> Diagnostic | None:
    """The fault of a word that someone took for the beginning of a statement, if it is such a word."""
    if first.text.upper() in _DEFINITIONS:
        marks = _opening(first.start, {"RBRACE"}, first.source)
        return Diagnostic("G101", f"a `}}` is missing before this `{first.text}`", first, marks)
    likely = "write `else if`" if first.text == "elif" else did_you_mean(first.text, _BEGINNINGS)
    return Diagnostic("G101", f"`{first.text}` begins no statement", first, help=likely) if likely else None


def _trap(span: Span, expected: set[str], *, is_operator: bool) -> tuple[str, str] | None:
    """What people write in other languages, and what they would read in two ways."""
    if span.text == "->" and len(expected & _OPERATORS) > 2:
        head = re.search(r"(?:^|[\n{]|else)[ \t]*(for|if|where|choose)\b[^\n{]*$", span.source.text[: span.start])
        if head:
            return f"a chain in the head of `{head[1]}` needs parentheses", "write `(x -> f)`"
        return "a chain cannot begin with a sum or a test", "put what comes before `->` in parentheses: `(a + b) -> f`"
    complete = not expected >= _NEEDS_VALUE and "MUL" not in expected
    after_chain = complete and expected & {"AS", "IF"}
    if is_operator and complete and _follows_comparison(span):
        return "comparisons do not chain", "join two of them: `a < b and b < c`"
    if is_operator and after_chain:
        message = f"a chain cannot be part of a sum or a test (`{span.text}`)"
        return message, "put the chain in parentheses: `(x -> f) + y`"
    return None


def _follows_comparison(span: Span) -> bool:
    """Whether a comparison follows another on its line, with neither a chain nor an open bracket between them."""
    if not _COMPARISON.fullmatch(span.text):
        return False
    line = span.source.text[span.source.text.rfind("\n", 0, span.start) + 1 : span.start]
    *before, between = _COMPARISON.split(line.replace("->", "("))
    return bool(before) and between.count("(") == between.count(")")


def _help(span: Span, expected: set[str]) -> str | None:
    text, before = span.text, _word_before(span)
    word = before.text if before else ""
    if text in {"True", "False", "None"}:
        return f"write `{text.lower()}`"
    if text == ":" and "LBRACE" in expected:
        return "a body stands in braces: `{ ... }`"
    if text == "=" and "COMPARE" in expected:
        return "`==` compares"
    if text == "=" and word in KEYWORDS:
        return f"`{word}` is a keyword, which cannot be a name"
    if expected & _DEFINITIONS:
        return did_you_mean(text, [word.lower() for word in _DEFINITIONS])
    if expected >= _NEEDS_VALUE:
        return "a statement names what it computes: `y = ...`"
    return None


def _word_before(span: Span) -> Span | None:
    start = max(0, span.start - 100)
    found = re.search(r"(\w+)[ \t]*$", span.source.text[start : span.start])
    return Span(span.source, start + found.start(1), start + found.end(1)) if found else None


def _listing(expected: Iterable[str]) -> str:
    """What could stand here, in groups a person thinks in, without what hardly anyone would mean."""
    left = set(expected)
    words: list[str] = []
    if len(left & _OPERATORS) > 2:
        ends = left & {*_AFTER_HEAD, "COMMA"} if left & _AFTER_HEAD else left & {"_NL"}
        words, left = ([] if left & _AFTER_HEAD else ["an operator"]), ends
    elif left - {"_NL", "$END"}:
        left -= {"_NL", "$END"}
    if left & {"ELSE", "LBRACE"}:
        left -= _OPERATORS
    if "LABEL" in left:
        left -= {"LBRACE", "NAME"}
    for group, implied, word in (
        (_DEFINITIONS, set[str](), "a definition (`arch`, `block`, `space`, `motif`, `use`)"),
        (_STATEMENTS, {"NAME"}, "a statement"),
        (_ATOM, {"ADD", "NOT"}, "an expression"),
    ):
        if len(left & group) > 2:
            words.append(word)
            left -= group | implied
    words += sorted({_WORDS.get(name, f"`{_keyword(name)}`") for name in left})
    words = words[:6]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "nothing more"


def _keyword(name: str) -> str:
    return "->" if name.startswith("__ANON") else name.lower()


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


_CLOSING = {"RPAR": "(", "RSQB": "[", "RBRACE": "{"}
_SKIPPED = re.compile(r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|[()\[\]{}]')


def _opening(end: int, expected: set[str], source: Source) -> tuple[Mark, ...]:
    """The bracket that is still open before a place, when it must be closed there and stands in another line."""
    stack: list[int] = []
    for found in _SKIPPED.finditer(source.text, 0, end):
        if found[0] in "([{":
            stack.append(found.start())
        elif found[0] in ")]}" and stack:
            stack.pop()
    wanted = {_CLOSING[name] for name in expected & _CLOSING.keys()}
    if not stack or source.text[stack[-1]] not in wanted or expected & (_STATEMENTS - {"IF"}):
        return ()
    far = source.position(stack[-1])[0] != source.position(end)[0]
    return (Mark(Span(source, stack[-1], stack[-1] + 1), "opened here"),) if far else ()
