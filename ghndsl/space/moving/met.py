"""A candidate goes in; whether it meets each `where` over measures comes out, remembered for the latest that do."""

from __future__ import annotations

from collections import OrderedDict

from ghndsl.diagnostics import CompileError
from ghndsl.space.candidate import Candidate
from ghndsl.space.measures.sieve import Sieve

MOST_KEPT = 100_000
"""Choices of the candidates that are remembered, together."""


class Met:
    """Tests candidates by a sieve. A search moves on from what moves gave it, which is not weighed a second time."""

    def __init__(self, sieve: Sieve) -> None:
        self._sieve = sieve
        self._known: OrderedDict[Candidate, None] = OrderedDict()
        self._kept = 0

    def passes(self, candidate: Candidate) -> bool:
        """Whether a candidate meets each `where` over measures."""
        if candidate in self._known:
            self._known.move_to_end(candidate)
            return True
        is_met = self._sieve.passes(candidate)
        if is_met:
            self._keep(candidate)
        return is_met

    def require(self, candidate: Candidate) -> None:
        """Refuses a candidate at the first `where` that it does not meet."""
        fault = None if self.passes(candidate) else self._sieve.fault(candidate)
        if fault is not None:
            raise CompileError(fault)

    def _keep(self, candidate: Candidate) -> None:
        self._known[candidate] = None
        self._kept += len(candidate.texts)
        while self._kept > MOST_KEPT:
            oldest, _ = self._known.popitem(last=False)
            self._kept -= len(oldest.texts)
