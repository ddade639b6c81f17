"""A space goes in; all its candidates come out in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ghndsl.search.algorithms.stepwise import Stepwise
from ghndsl.space import Candidate


class Enumeration(Stepwise):
    """Every candidate that meets every `where`, once."""

    LISTENS = False

    def next(self) -> Candidate | None:
        return next(self._candidates, None)

    @cached_property
    def _candidates(self) -> Iterator[Candidate]:
        return (candidate for _, candidate in self.space.enumerate())
