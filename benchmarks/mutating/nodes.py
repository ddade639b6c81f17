"""A text goes in; where the parts of its tree lie comes out, nothing when it cannot be parsed."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from ghndsl.diagnostics import CompileError, Source
from ghndsl.language import parse, tree

Places: TypeAlias = list[tuple[int, int, str]]
"""Beginning, end and kind of each part."""


@lru_cache(maxsize=4096)
def places(text: str) -> Places:
    """The parts of a text: definitions, statements, expressions, arguments and the rest, in order.

    >>> places("block B(x) { return x }")[0]
    (0, 23, 'definition')
    """
    try:
        parsed = parse(Source("text", text))
    except CompileError:
        return []
    return sorted({(node.span.start, node.span.end, _kind(node)) for node in tree.walk(parsed.definitions)})


def _kind(node: tree.Syntax) -> str:
    if isinstance(node, tree.Definition):
        return "definition"
    if isinstance(node, tree.Statement):
        return "statement"
    if isinstance(node, tree.Expression):
        return "expression"
    return type(node).__name__
