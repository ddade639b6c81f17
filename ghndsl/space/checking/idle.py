"""A space goes in; what feeds no output of any candidate looked at, and doubtful calls, come out as warnings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from ghndsl.dags import in_words
from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.language.lint import Idle, Watching
from ghndsl.space.checking.trial import SHARE
from ghndsl.space.space import Space

_FEWEST = 8
"""Candidates that are looked at in any case: no part is told of before."""
_MOST = 64
"""Candidates that are looked at while some part may be one that none uses."""
_MOST_NODES = 50_000
"""Nodes of all their graphs together."""


def idle_in_all(space: Space, unread: frozenset[Span]) -> list[Diagnostic]:
    """The parts that no candidate uses, among a few that are drawn; a part that some candidate uses is none.

    What is doubtful about a call is told if it is so in one of them.
    `unread` are the places of the names that nothing reads.
    """
    warnings: dict[Span, Diagnostic] = {}
    needed, doubts, seen = set[Span](), dict[Span, Diagnostic](), 0
    for idle in _looked_at(space, unread):
        seen += 1
        needed |= idle.needed
        doubts = {**idle.doubts, **doubts}
        warnings = {span: one for span, one in {**idle.warnings, **warnings}.items() if span not in needed}
        if seen >= _FEWEST and not warnings:
            return [*doubts.values()]
    if seen < _FEWEST < space.size:
        return [*doubts.values()]
    note = f"so it is in all {seen:,} candidates that were looked at, of {in_words(space.size)}"
    return [*doubts.values(), *(replace(one, notes=(note, *one.notes)) for one in warnings.values())]


def _looked_at(space: Space, unread: frozenset[Span]) -> Iterator[Idle]:
    nodes = steps = 0
    for candidate in space if space.size <= _MOST else space.draws(_MOST, random.Random(0)):
        made = dict(candidate.texts)
        watching = Watching(space.module, space.definition, space.settings, made, space.limits, unread)
        # A `where` over measures may rule a candidate out; what else is wrong was told before.
        with suppress(CompileError):
            graph = watching.graph()
            nodes += len(graph.nodes)
            yield watching.idle(graph)
        steps += watching.steps
        if nodes > _MOST_NODES or steps > space.limits.steps // SHARE:
            return
