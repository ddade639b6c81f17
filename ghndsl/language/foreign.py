"""A character that begins no word of the language goes in; what to write in its place comes out."""

from __future__ import annotations

import unicodedata

_QUOTES = 'strings stand in double quotes: "same"'
_SIGNS = {
    "'": _QUOTES,
    "`": _QUOTES,
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "~": "write `not`",
    "^": "a power is `x ** 2`",
    "@": "a product of matrices is `matmul(a, b)`",
    "?": "write `a if test else b`",
    ";": "each statement has a line of its own",
    "\\": "a line goes on while a bracket is open, and before `->`, `else` and operators",
    "\r": "lines end with a line feed, alone or after a carriage return",
}
"""What signs of other languages are here."""
_LOOKS_LIKE = {
    "→⇒⟶➔➜": "->",
    "−–—‐‑": "-",
    "×·⋅∗✕": "*",
    "÷∕": "/",
    "≤≦": "<=",
    "≥≧": ">=",
    "≠": "!=",
    "…": "..",
}
"""Signs that a text editor or a paper puts in the place of those on a keyboard."""


def instead_of(char: str) -> str | None:
    """A help line for a character that means nothing, when it is known what it was meant to be.

    >>> instead_of("→"), instead_of("（"), instead_of("$")
    ('write `->`', 'write `(`', None)
    """
    if char in _SIGNS:
        return _SIGNS[char]
    for signs, plain in _LOOKS_LIKE.items():
        if char in signs:
            return f"write `{plain}`"
    return _by_kind(char)


def _by_kind(char: str) -> str | None:
    """What to do about a character by its kind in Unicode."""
    plain, kind = unicodedata.normalize("NFKC", char), unicodedata.category(char)
    if kind == "Zs":
        return "it is a blank of another kind; write a plain one"
    if kind in ("Zl", "Zp"):
        return "it ends a line in other programs; write a plain new line"
    if kind == "Cf":
        return "it cannot be seen; take it out"
    if kind in ("Mn", "Me"):
        return "it is an accent of its own; write it and its letter as one character"
    if kind in ("Pi", "Pf", "Ps") and unicodedata.name(char, "").find("QUOTATION") >= 0:
        return _QUOTES
    return f"write `{plain}`" if plain != char and plain.isascii() and plain.strip() else None
