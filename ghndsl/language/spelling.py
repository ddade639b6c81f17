"""A constant goes in; the word that stands for it in a text comes out."""

from __future__ import annotations

import math
import re

from ghndsl.language import tree

SUFFIXES = {"K": 1_000, "M": 1_000_000, "G": 1_000_000_000}
"""The letters that may end a number, and what each multiplies it by."""
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)([KMG]?)")
_LONGEST = 100


def spelled(constant: tree.Constant) -> str:
    """The word of a constant: a number as the text has it that the constant was read from, if it was.

    >>> from ghndsl.diagnostics import Source, Span
    >>> nowhere, text = Source("", ""), Source("a.arch", "100K")
    >>> spelled(tree.Constant(Span(nowhere, 0, 0), 100_000)), spelled(tree.Constant(Span(text, 0, 4), 100_000))
    ('100000', '100K')
    >>> spelled(tree.Constant(Span(nowhere, 0, 0), 1e-05)), spelled(tree.Constant(Span(nowhere, 0, 0), "same"))
    ('1e-5', '"same"')
    """
    value = constant.value
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    read = constant.span.text if constant.span.end - constant.span.start <= _LONGEST else ""
    return read if _means(read, value) else _number(value)


def quoted(value: str) -> str:
    r"""A string in quotes.

    >>> print(quoted('a "b" \\'))
    "a \"b\" \\"
    """
    if "\n" in value:
        raise ValueError("a string of the language holds no new line")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _means(word: str, value: float) -> bool:
    found = _NUMBER.fullmatch(word)
    if found is None:
        return False
    kind = int if found[1].isdecimal() else float
    return type(value) is kind and kind(found[1]) * SUFFIXES.get(found[2], 1) == value


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"the language has no number {value}")
    return re.sub(r"e([+-])0*", lambda found: "e" + found[1].strip("+"), repr(value))
