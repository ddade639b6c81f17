"""The statements of a body go in; for each, the names that anything after it may read come out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.language import tree


class Liveness:
    """Remembers the names of the statements it is asked about, which must not be dropped meanwhile.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.parse import parse
    >>> body = parse(Source("a", "block f(x) { a = 1\\n b = a\\n return b }")).definitions[0].body
    >>> [sorted(live) for live in Liveness().after(body, frozenset())]
    [['a', 'b'], ['b'], []]
    """

    def __init__(self) -> None:
        self._names: dict[int, frozenset[str]] = {}
        self._after: dict[tuple[int, frozenset[str]], list[frozenset[str]]] = {}

    def after(self, statements: Sequence[tree.Statement], live_out: frozenset[str]) -> list[frozenset[str]]:
        """The names that may be read after each statement, given those that may be read after the last."""
        key = (id(statements), live_out)
        if key not in self._after:
            result: list[frozenset[str]] = []
            live = live_out
            for statement in reversed(statements):
                result.append(live)
                live = live | self.names(statement)
            self._after[key] = result[::-1]
        return self._after[key]

    def names(self, node: tree.Statement) -> frozenset[str]:
        """All names that occur in a statement, whether read or given a value."""
        if id(node) not in self._names:
            self._names[id(node)] = frozenset(part.id for part in tree.walk(node) if isinstance(part, tree.Name))
        return self._names[id(node)]
