"""The statements of a body go in, last first; for each name that is given a value, whether that is ever read comes out.

The names that may be read later are kept in layers: a body in a body writes in a layer of its own, so that what is read
after both is never copied, and a long text takes time in proportion to its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ghndsl.language import tree
from ghndsl.language.lint.reads import expressions, given, reads, stated


class Live:
    """The names that may be read later, as a layer over those of the body around; none is below a `return`."""

    def __init__(self, below: Live | None = None) -> None:
        self.below = below
        self.own: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        layer: Live | None = self
        while layer is not None:
            if name in layer.own:
                return layer.own[name]
            layer = layer.below
        return False

    def read(self, names: Iterable[str]) -> None:
        """The names are read here."""
        self.own.update(dict.fromkeys(names, True))

    def give(self, name: str) -> None:
        """The name is given a value here, so that an earlier one is not read later."""
        self.own[name] = False

    def leave(self) -> None:
        """Nothing that comes later is reached from here."""
        self.own.clear()
        self.below = None

    def join(self, *ways: Live) -> None:
        """What is read on one of the ways, each a layer over this one, is read after here."""
        names = {name for way in ways for name in way.own}
        joined = {name: any(name in way for way in ways) for name in names}
        if all(way.below is None for way in ways):
            self.leave()
        self.own.update(joined)


Report = Callable[[tree.Statement, tree.Name], None]
"""Called with a statement and each name of it whose value is never read."""


class Liveness:
    """Goes backwards through the body of one definition."""

    def __init__(self, report: Report) -> None:
        self._report: Report | None = report
        self._carried: dict[int, frozenset[str]] = {}

    def before(self, body: Sequence[tree.Statement], live: Live) -> None:
        """Turns what is live after a body into what is live before it, and reports."""
        for node in reversed(body):
            if isinstance(node, tree.For):
                self._loop(node, live)
            elif isinstance(node, tree.If):
                self._branch(node, live)
            else:
                self._plain(node, live)

    def _plain(self, node: tree.Statement, live: Live) -> None:
        if isinstance(node, tree.Return):
            live.leave()
        self._given(node, given(node), live)
        live.read(name.id for name in stated(node).names)
        live.read(name.id for name in reads(expressions(node)))

    def _given(self, node: tree.Statement, names: tuple[tree.Name, ...], live: Live) -> None:
        for name in names:
            if self._report is not None and name.id not in live:
                self._report(node, name)
        for name in names:
            live.give(name.id)

    def _branch(self, node: tree.If, live: Live) -> None:
        ways = Live(live), Live(live)
        self.before(node.then, ways[0])
        self.before(node.otherwise, ways[1])
        live.join(*ways)
        live.read(name.id for name in reads(node.test))

    def _loop(self, node: tree.For, live: Live) -> None:
        live.read(self._read_in_turn(node))
        if self._report is not None:
            body = Live(live)
            self.before(node.body, body)
            self._given(node, node.names, body)
        live.read(name.id for name in reads(node.iterable))

    def _read_in_turn(self, node: tree.For) -> frozenset[str]:
        """The names that a turn of a loop reads before it gives them a value: an earlier turn may have given it."""
        known = self._carried.get(id(node))
        if known is None:
            report, self._report = self._report, None
            body = Live()
            self.before(node.body, body)
            self._report = report
            read = {name for name, is_live in body.own.items() if is_live}
            known = self._carried[id(node)] = frozenset(read.difference(name.id for name in node.names))
        return known
