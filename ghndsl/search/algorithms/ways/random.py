"""A space and a seed go in; candidates drawn uniformly come out."""

from __future__ import annotations

from ghndsl.search.algorithms.fresh import Fresh
from ghndsl.search.algorithms.stepwise import Setting, Stepwise
from ghndsl.space import Candidate


class RandomSearch(Stepwise):
    """Uniform draws without repetition, whatever it is told."""

    LISTENS = False

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._fresh = Fresh(self.space, self.rng)

    def next(self) -> Candidate | None:
        return self._fresh.draw()
