"""An algorithm and an engine go in; all that the algorithm proposes is measured, and told in the order of proposals."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from ghndsl.search.algorithms import Algorithm, Told
from ghndsl.search.engines import Engine, Failure
from ghndsl.search.ledger import Entry, Ledger
from ghndsl.search.scorers import Measured
from ghndsl.search.training import Learned
from ghndsl.search.work import Item

Values: TypeAlias = Callable[[Entry], tuple[float, ...]]
"""What an algorithm is told of a candidate that was measured."""

PATIENCE = 1_000
"""Proposals in a row, beside ten for each that was measured, that bring known architectures, after which a space is
taken to hold no others."""


@dataclass
class Drive:
    """Keeps `window` proposals on their way, whatever the number of workers is.

    A proposal is made when the one `window` places before it was told, and each is told when its turn comes: so what
    is proposed depends on the seed and on values alone, not on who was quick. Architectures known before are told at
    once in their turn, and are no queries.
    """

    algorithm: Algorithm
    ledger: Ledger
    engine: Engine[Item, Measured | Learned]
    values: Values
    window: int
    tell: Callable[[Entry, tuple[float, ...] | None], None]

    def run(self, queries: int) -> None:
        """Until so many architectures were measured, or nothing is left to propose. `tell` hears of each that was."""
        self._left, self._stale, self._is_spent = queries, 0, False
        self._waiting: deque[Entry] = deque()
        self._fill()
        while self._waiting:
            first = self.ledger.first(self._waiting[0])
            if first.state == "proposed":
                self._hear()
                continue
            entry = self._waiting.popleft()
            values = self.values(first) if first.state == "done" else None
            self.algorithm.tell([Told(entry.candidate, values)])
            self._fill()

    def _fill(self) -> None:
        while self._left > 0 and len(self._waiting) < self.window and not self._is_spent:
            proposed = self.algorithm.propose(1)
            if not proposed or self._stale > PATIENCE + 10 * len(self.ledger.entries):
                self._is_spent = True
                return
            entry = self.ledger.propose(proposed[0])
            self._waiting.append(entry)
            is_new = entry.same_as is None
            self._left, self._stale = self._left - is_new, 0 if is_new else self._stale + 1
            if entry.state == "proposed":
                self.engine.submit(entry.place, Item("look", entry.line))

    def _hear(self) -> None:
        """Waits for one that was measured, whichever it is, and keeps it."""
        outcome = self.engine.next()
        entry, found = self.ledger.entries[outcome.key], outcome.value
        if isinstance(found, Failure):
            self.tell(self.ledger.fail(entry, found, outcome), None)
            return
        assert not isinstance(found, Learned)
        values = self.values(replace(entry, measured=found))
        self.tell(self.ledger.finish(entry, found, values, outcome), values)
