"""Regularized evolution: the best of a few of the last candidates is changed in one place, and the oldest one dies.

Real, Aggarwal, Huang and Le, "Regularized Evolution for Image Classifier Architecture Search", AAAI 2019, algorithm 1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import ClassVar

from ghndsl.search.algorithms.fresh import Fresh
from ghndsl.search.algorithms.options import Option
from ghndsl.search.algorithms.stepwise import Setting, Stepwise
from ghndsl.space import Candidate


class Evolution(Stepwise):
    """The population is the last candidates told of, the first ones drawn uniformly; a parent is the best of a sample,
    with replacement; a child is one mutation of it that was not proposed before."""

    OPTIONS: ClassVar[Mapping[str, Option]] = {"population": Option(100, 1), "sample": Option(25, 1)}
    HAS_FRONTS = False

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._fresh = Fresh(self.space, self.rng)
        self._drawn = 0
        self._first = int(self.options["population"])
        self._sample = int(self.options["sample"])
        self._population: deque[tuple[float, Candidate]] = deque(maxlen=self._first)

    def next(self) -> Candidate | None:
        if self._drawn < self._first or not self._population:
            self._drawn += 1
            return self._fresh.draw()
        return self._fresh.moved(self._child)

    def hear(self, candidate: Candidate, values: tuple[float, ...]) -> None:
        self._population.append((values[0], candidate))

    def _child(self) -> Candidate:
        sample = [self._population[self.rng.randrange(len(self._population))] for _ in range(self._sample)]
        _, parent = max(sample, key=lambda one: one[0])
        return self.space.mutate(parent, self.rng)
