"""NSGA-II: of parents and children those live on that fewer dominate, and among equals those that stand more alone.

Deb, Pratap, Agarwal and Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002, section III.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.records import record
from ghndsl.search.algorithms.fresh import Fresh
from ghndsl.search.algorithms.fronts import Point, distances, fronts
from ghndsl.search.algorithms.options import Option
from ghndsl.search.algorithms.stepwise import Setting, Stepwise
from ghndsl.space import Candidate


@record
class _Ranked:
    """A candidate that lives, its values, and what is the greater the better: how early its front, how alone it is."""

    candidate: Candidate
    values: Point
    worth: tuple[int, float]


class NSGA2(Stepwise):
    """A generation is as many candidates told of in a row. Parents win a tournament of two; a child is their crossing,
    or else one of them, changed in one place, and was not proposed before.

    A child is made of the latest generation that is told of as a whole.
    """

    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "population": Option(100, 2),
        "crossover": Option(0.9, 0, 1),
        "mutation": Option(1.0, 0, 1),
    }

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._fresh = Fresh(self.space, self.rng)
        self._size = int(self.options["population"])
        self._parents: list[_Ranked] = []
        self._told: list[tuple[Candidate, Point]] = []

    def next(self) -> Candidate | None:
        return self._fresh.moved(self._child) if self._parents else self._fresh.draw()

    def hear(self, candidate: Candidate, values: tuple[float, ...]) -> None:
        self._told.append((candidate, values))
        if len(self._told) == self._size:
            self._parents = survivors(
                [*((one.candidate, one.values) for one in self._parents), *self._told], self._size
            )
            self._told.clear()

    def _child(self) -> Candidate:
        child = self._winner()
        if self.rng.random() < self.options["crossover"]:
            child = self.space.cross(child, self._winner(), self.rng)
        return self.space.mutate(child, self.rng) if self.rng.random() < self.options["mutation"] else child

    def _winner(self) -> Candidate:
        pair = [self._parents[self.rng.randrange(len(self._parents))] for _ in range(2)]
        return max(pair, key=lambda one: one.worth).candidate


def survivors(told: Sequence[tuple[Candidate, Point]], size: int) -> list[_Ranked]:
    """The best of some candidates: front by front, and of the last front that has room those that stand most alone."""
    found: list[_Ranked] = []
    for rank, front in enumerate(fronts([values for _, values in told])):
        alone = distances([told[i][1] for i in front])
        ranked = [_Ranked(*told[i], (-rank, distance)) for i, distance in zip(front, alone, strict=True)]
        found.extend(sorted(ranked, key=lambda one: one.worth, reverse=True)[: size - len(found)])
        if len(found) == size:
            break
    return found
