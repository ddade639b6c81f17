"""A diagram with choices of which only some ways were tried goes in; one whose ways can all be counted comes out.

That is sound when what follows does not depend on such a choice: the ways that were tried lead to one and the same
diagram, and the text shows that others do too (`dependence.py`). What a called block gives back may depend on it, as
long as nothing after the call does; so groups of ways that are followed by the same are joined first, from the
outermost call to the innermost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ghndsl.dags import in_words
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.space.ways.diagram import Ask, Call, Diagram, Diagrams, End, Pick, in_order


def bundled(start: Diagram) -> Diagram:
    """The diagram with groups joined where nothing tells them apart; itself when every way of every choice was tried.

    Raises `CompileError` when what follows a choice that was tried in part depends on it.
    """
    if not any(True for _ in bundles(start)):
        return start
    return _Joining().joined(start, (0,))


def bundles(start: Diagram) -> Iterator[Pick]:
    """The choices of a diagram, those of called blocks too, of which only some ways were tried."""
    seen = {start}
    stack = [start]
    while stack:
        for part in in_order(stack.pop()):
            if isinstance(part, Ask) and isinstance(part.question, Pick) and part.question.tried is not None:
                yield part.question
            if isinstance(part, Ask) and isinstance(part.question, Call) and part.question.inner not in seen:
                seen.add(part.question.inner)
                stack.append(part.question.inner)


class _Joining:
    """Rewrites diagrams; a group of ways becomes what `groups` has in its place."""

    def __init__(self) -> None:
        self.make = Diagrams()
        self.done: dict[tuple[Diagram, tuple[int, ...]], Diagram] = {}

    def joined(self, start: Diagram, groups: tuple[int, ...]) -> Diagram:
        if (start, groups) not in self.done:
            after: dict[Diagram | None, Diagram | None] = {None: None}
            for part in reversed(in_order(start)):
                after[part] = self._part(part, groups, after)
            found = after[start]
            assert found is not None, "a part that leads to no end is none"
            self.done[start, groups] = found
        return self.done[start, groups]

    def _part(
        self, part: Diagram, groups: tuple[int, ...], after: dict[Diagram | None, Diagram | None]
    ) -> Diagram | None:
        if isinstance(part, End):
            return self.make.end(groups[part.group])
        ways = [after[one] for one in part.next]
        if isinstance(part.question, Call):
            return self._call(part.question, ways)
        if isinstance(part.question, Pick):
            _check_alike(part.question, ways)
        return self.make.ask(part.question, ways)

    def _call(self, call: Call, ways: Sequence[Diagram | None]) -> Diagram | None:
        distinct = list(dict.fromkeys(ways))
        inner = self.joined(call.inner, tuple([distinct.index(way) for way in ways]))
        return self.make.ask(replace(call, inner=inner, width=len(distinct)), distinct)


HINT = "bound it by `vertices` and `edges`, and let every graph come to one shape and to the same choices"


def too_many(pick: Pick) -> str:
    """How a refusal of a choice that was tried in part begins."""
    return f"`{pick.path}` has {in_words(pick.domain.size)} ways, too many to follow one by one"


def _check_alike(pick: Pick, ways: Sequence[Diagram | None]) -> None:
    """Refuses a choice that was tried in part and that something after it depends on."""
    if pick.tried is None or len(set(ways)) == 1:
        return
    other = next(answer for answer, way in enumerate(ways) if way is not ways[0])
    one, another = pick.shown(0), pick.shown(other)
    note = f"it is one thing after {one}, another after {another}"
    if None in (ways[0], ways[other]):
        out, kept = (one, another) if ways[0] is None else (another, one)
        note = f"a `where` rules out {out}, and not {kept}"
    message = f"{too_many(pick)}, and what comes after depends on which is taken"
    raise CompileError(Diagnostic("G306", message, pick.span, notes=(note,), help=HINT))
