"""Candidates of a space go in; candidates near to one, changed by chance and crossed of two, come out.

All that come out meet every `where`. A candidate of another space is refused, and one that does not meet a `where`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.records import record
from ghndsl.space.candidate import Candidate
from ghndsl.space.moving.met import Met
from ghndsl.space.moving.moves import crossings, mutations, neighbours
from ghndsl.space.ways.picking import NoWayError
from ghndsl.space.ways.walk import Texts, Trace, Walks

MOST_TRIES = 1_000
"""Moves tried for one that meets each `where` over measures."""


@record
class Mover:
    """Moves in a space: its ways that meet every `where` over choices, and what tests those over measures.

    `number` refuses what is no candidate of the space.
    """

    name: str
    span: Span
    walks: Walks
    number: Callable[[Candidate], int]
    met: Met | None

    def neighbours(self, candidate: Candidate) -> Iterator[Candidate]:
        """See `Space.neighbors`."""
        near = map(Candidate, neighbours(self.trace(candidate)))
        return near if self.met is None else filter(self.met.passes, near)

    def mutated(self, candidate: Candidate, rng: Random) -> Candidate:
        """See `Space.mutate`."""
        return self._first(mutations(self.trace(candidate), rng), "changes of the candidate")

    def crossed(self, one: Candidate, other: Candidate, rng: Random) -> Candidate:
        """See `Space.cross`."""
        texts = self.trace(one).texts, self.trace(other).texts
        return self._first(crossings(self.walks, *texts, rng), "crossings of the two candidates")

    def trace(self, candidate: Candidate) -> Trace:
        """The way of a candidate; one that does not meet every `where` is refused."""
        try:
            trace = traced(self.walks, candidate, self.number)
        except NoWayError as missed:
            message = f"the candidate meets not every `where` of `{self.name}`"
            hint = f"`{missed.path}` cannot be {missed.text} beside the choices before it"
            raise CompileError(Diagnostic("G303", message, self.span, help=hint)) from None
        if self.met is not None:
            self.met.require(Candidate(trace.texts))
        return trace

    def _first(self, moved: Iterator[Texts], what: str) -> Candidate:
        """The first that meets each `where` over measures."""
        for texts in islice(moved, MOST_TRIES):
            candidate = Candidate(texts)
            if self.met is None or self.met.passes(candidate):
                return candidate
        message = f"0 of {MOST_TRIES:,} {what} meet each `where` of `{self.name}` over measures"
        hint = "loosen the `where`, or begin from candidates that are further from its bound"
        raise CompileError(Diagnostic("G303", message, self.span, help=hint))


def traced(walks: Walks, candidate: Candidate, number: Callable[[Candidate], int]) -> Trace:
    """The way of a candidate; raises `NoWayError` for one of the space that is none of these ways."""
    try:
        trace = walks.trace(dict(candidate.texts))
    except NoWayError:
        number(candidate)
        raise
    if len(trace.texts) != len(candidate.texts):
        number(candidate)
    return trace
