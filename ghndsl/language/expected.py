"""The kinds of words and signs that could stand at a place go in; what a person calls them comes out."""

from __future__ import annotations

from collections.abc import Iterable

from ghndsl.language.tables import END, NEWLINE
from ghndsl.language.tree import DEFINITIONS, STATEMENTS

ARROW = "__ANON_0"
"""The arrow of a chain."""
BINARY = {"COMPARE", "ADD", "MUL", "POW", "TO", "OR", "AND", "IN", "NOT"}
"""The operators between two values, and `not`."""
DEFINING = {word.upper() for word in (*DEFINITIONS, "use")}
"""The words that begin what stands outside of bodies."""
STATING = {word.upper() for word in STATEMENTS}
"""The words that begin a statement."""
NEEDS_VALUE = {"COMMA", "COLON", "EQUAL"}
"""What follows the first word of a statement."""
_WORDS = {
    "NAME": "a name",
    "LABEL": "a label",
    "INT": "a number",
    "FLOAT": "a number",
    "STRING": "a string",
    NEWLINE: "a new line",
    END: "the end of the text",
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
_ATOM = {"NAME", "INT", "FLOAT", "STRING", "TRUE", "FALSE", "NONE", "LPAR", "LSQB"}
_AFTER_ATOM = {"LPAR", "DOT", "LSQB"}
_CLOSING = {"RPAR", "RSQB", "RBRACE"}
_AFTER_HEAD = {"LBRACE", "RPAR", "RSQB", "ELSE"}
_MOST_LISTED = 6


def listing(expected: Iterable[str]) -> str:
    """What could stand at a place, in groups a person thinks in, without what hardly anyone would mean.

    >>> listing({"RPAR", "COMMA", "DOT", "LPAR", "LSQB", "ADD", "MUL", "POW"}), listing({"NAME", "LABEL"})
    ('`)` or `,`', 'a label')
    """
    left = _likely(set(expected))
    words: list[str] = []
    if "an operator" in left:
        words.append("an operator")
        left.discard("an operator")
    for group, implied, word in (
        (DEFINING, set[str](), "a definition (`arch`, `block`, `space`, `motif`, `use`)"),
        (STATING, {"NAME", "RBRACE"}, "a statement"),
        (_ATOM, {"ADD", "NOT"}, "an expression"),
    ):
        if len(left & group) > 2:
            words.append(word)
            left -= group | implied
    words += sorted({_WORDS.get(name, f"`{_keyword(name)}`") for name in left})
    words = words[:_MOST_LISTED]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "nothing more"


def _likely(left: set[str]) -> set[str]:
    """The kinds, those left out that come to nobody's mind there."""
    if len(left & BINARY) > 2:
        return left & {*_AFTER_HEAD, "COMMA"} if left & _AFTER_HEAD else (left & {NEWLINE}) | {"an operator"}
    if left - {NEWLINE, END}:
        left -= {NEWLINE, END}
    if left & {*_CLOSING, "ELSE", "LBRACE"} and not left & STATING:
        left -= BINARY
    if left > _AFTER_ATOM and not len(left & _ATOM) > 2:
        left -= _AFTER_ATOM
    if "LABEL" in left:
        left -= {"LBRACE", "NAME"}
    return left


def _keyword(name: str) -> str:
    return "->" if name == ARROW else name.lower()
