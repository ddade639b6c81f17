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
    [['a'], ['b'], []]
    """

    def __init__(self) -> None:
        self._names: dict[int, frozenset[str]] = {}
        self._after: dict[tuple[int, frozenset[str]], list[frozenset[str]]] = {}

    def after(self, statements: Sequence[tree.Statement], live_out: frozenset[str]) -> list[frozenset[str]]:
        """The names that may be read after each statement, given those that may be read after the last."""
        return self._around(statements, live_out)[1:]

    def turning(self, node: tree.For, live_out: frozenset[str]) -> frozenset[str]:
        """The names that may be read after a turn of a loop, in later turns or behind it."""
        live = live_out
        while True:
            more = live | (self._around(node.body, live)[0] - _ids(node.names))
            if more == live:
                return live
            live = more

    def _around(self, statements: Sequence[tree.Statement], live_out: frozenset[str]) -> list[frozenset[str]]:
        """The names that may be read from before the first statement on, and after each."""
        key = (id(statements), live_out)
        if key not in self._after:
            result = [live_out]
            for statement in reversed(statements):
                result.append(self._before(statement, result[-1]))
            self._after[key] = result[::-1]
        return self._after[key]

    def _before(self, node: tree.Statement, live: frozenset[str]) -> frozenset[str]:
        """The names that may be read from a statement on; what it gives a value in any case was not read by then."""
        if isinstance(node, tree.Assign | tree.Choose):
            return (live - _ids(node.names)) | self._read(node)
        if isinstance(node, tree.If):
            sides = self._around(node.then, live)[0] | self._around(node.otherwise, live)[0]
            return sides | self._occurring(node.test)
        if isinstance(node, tree.For):
            turns = self._around(node.body, self.turning(node, live))[0]
            return live | (turns - _ids(node.names)) | self._occurring(node.iterable)
        return live | self._occurring(node)

    def _read(self, node: tree.Assign | tree.Choose) -> frozenset[str]:
        """The names that a statement reads to give its own names a value."""
        if isinstance(node, tree.Assign):
            parts: list[tree.Syntax | None] = [node.type, *node.values]
        else:
            parts = [node.domain, *(node.branches or ())]
        return frozenset[str]().union(*(self._occurring(part) for part in parts if part is not None))

    def _occurring(self, node: tree.Syntax) -> frozenset[str]:
        """All names that occur in a part of the text."""
        if id(node) not in self._names:
            self._names[id(node)] = frozenset(part.id for part in tree.walk(node) if isinstance(part, tree.Name))
        return self._names[id(node)]


def _ids(names: Sequence[tree.Name]) -> frozenset[str]:
    return frozenset(name.id for name in names)
