"""A space and a generator go in; candidates that were not proposed before come out: drawn, or moved from others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from random import Random

from ghndsl.diagnostics import CompileError
from ghndsl.space import Candidate, Space

PATIENCE = 1_000
"""Draws in a row that bring nothing new, beside ten for each candidate so far, after which a space of unknown size is
taken to be spent."""
MOVES = 100
"""Moves in a row that bring nothing new, after which a candidate is drawn."""


class Fresh:
    """Candidates of a space that meet every `where`, none of them twice."""

    def __init__(self, space: Space, rng: Random) -> None:
        self.space = space
        self.rng = rng
        self._lines: set[str] = set()
        self._is_spent = False

    @cached_property
    def _feasible(self) -> int | None:
        """How many there are. It is looked for when something came twice, as that may take a second."""
        return self.space.feasible

    def note(self, candidate: Candidate) -> bool:
        """Notes a candidate as proposed; False when it was before."""
        line = str(candidate)
        if line in self._lines:
            return False
        self._lines.add(line)
        return True

    @property
    def is_spent(self) -> bool:
        """Whether all candidates were proposed. To be asked when something came twice."""
        self._is_spent = self._is_spent or len(self._lines) == self._feasible
        return self._is_spent

    def draw(self) -> Candidate | None:
        """A candidate drawn uniformly from those not proposed before; None when there is none."""
        if self._is_spent:
            return None
        for _ in range(PATIENCE + 10 * len(self._lines)):
            candidate = self.space.draw(self.rng)
            if self.note(candidate):
                return candidate
            if self.is_spent:
                return None
        self._is_spent = True
        return None

    def moved(self, move: Callable[[], Candidate]) -> Candidate | None:
        """A candidate that a move of chance makes of others; one that is drawn, where none of many moves is new."""
        for candidate in _made(move):
            if self.note(candidate):
                return candidate
        return self.draw()


def _made(move: Callable[[], Candidate]) -> Iterator[Candidate]:
    """What a move makes again and again; nothing more once no move meets a `where` over measures."""
    for _ in range(MOVES):
        try:
            yield move()
        except CompileError as error:
            if any(one.code != "G303" for one in error.diagnostics):
                raise
            return
