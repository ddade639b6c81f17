"""The statements of a body go in; for each, the names that anything after it may read come out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.language import tree


def live_after(statements: Sequence[tree.Statement], live_out: frozenset[str]) -> list[frozenset[str]]:
    """The names that may be read after each statement, given those that may be read after the last.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.parse import parse
    >>> body = parse(Source("a", "block f(x) { a = 1\\n b = a\\n return b }")).definitions[0].body
    >>> [sorted(live) for live in live_after(body, frozenset())]
    [['a', 'b'], ['b'], []]
    """
    result: list[frozenset[str]] = []
    live = live_out
    for statement in reversed(statements):
        result.append(live)
        live = live | names(statement)
    return result[::-1]


def names(node: object) -> frozenset[str]:
    """All names that occur in a part of the tree, whether read or given a value."""
    return frozenset(part.id for part in tree.walk(node) if isinstance(part, tree.Name))
