"""Local search: all neighbours of a candidate are tried, then those of the best of them, until none is better.

White, Nolen and Savani, "Exploring the Loss Landscape in Neural Architecture Search", UAI 2021, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ghndsl.search.algorithms.fresh import Fresh
from ghndsl.search.algorithms.options import Option
from ghndsl.search.algorithms.stepwise import Setting, Stepwise
from ghndsl.space import Candidate


class LocalSearch(Stepwise):
    """Begins at the best of some draws, tries neighbours in random order, and begins anew at a local optimum. With
    `first` it moves on to the first that is better.

    Where the last neighbours were not told of, it goes on from the best so far; where none is better yet, it draws for
    the next start.
    """

    OPTIONS: ClassVar[Mapping[str, Option]] = {"starts": Option(10, 1), "first": Option(default=False)}
    HAS_FRONTS = False

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._fresh = Fresh(self.space, self.rng)
        self._told: dict[str, float] = {}
        self._drawn: set[str] = set()
        self._starts: list[tuple[float, Candidate]] = []
        self._climb: _Climb | None = None

    def next(self) -> Candidate | None:
        if self._climb is None and len(self._starts) >= self.options["starts"]:
            value, start = max(self._starts, key=lambda one: one[0])
            self._starts.clear()
            self._climb = self._around(start, value)
        while self._climb is not None:
            climb = self._climb
            if climb.best is not None and (self.options["first"] or not climb.left):
                value, best = climb.best
                self._climb = self._around(best, value, climb)
                continue
            if not climb.left:
                break
            candidate = climb.left.pop()
            if self._fresh.note(candidate):
                return candidate
        if self._climb is not None and not self._climb.awaited(self._told):
            self._climb = None
            return self.next()
        return self._draw()

    def hear(self, candidate: Candidate, values: tuple[float, ...]) -> None:
        line, value = str(candidate), values[0]
        self._told[line] = value
        if line in self._drawn:
            self._drawn.remove(line)
            self._starts.append((value, candidate))
        if self._climb is not None:
            self._climb.hear(line, value)

    def _draw(self) -> Candidate | None:
        candidate = self._fresh.draw()
        if candidate is not None:
            self._drawn.add(str(candidate))
        return candidate

    def _around(self, centre: Candidate, value: float, before: _Climb | None = None) -> _Climb:
        """The climb at another place. Neighbours of the place before of which nothing was told yet still count."""
        left = list(self.space.neighbors(centre))
        self.rng.shuffle(left)
        near = {} if before is None else before.awaited(self._told)
        climb = _Climb(value, left, near | {str(candidate): candidate for candidate in left})
        for line in climb.near:
            if line in self._told:
                climb.hear(line, self._told[line])
        return climb


class _Climb:
    """A place with a value; the neighbours that are left to propose, all by their lines, and the best of those better.

    Neighbours that are left may have been proposed before, when this climb or another came by.
    """

    def __init__(self, value: float, left: list[Candidate], near: dict[str, Candidate]) -> None:
        self.value = value
        self.left = left
        self.near = near
        self.best: tuple[float, Candidate] | None = None

    def hear(self, line: str, value: float) -> None:
        """What a candidate came to, which may be none of the neighbours."""
        least = self.value if self.best is None else self.best[0]
        if value > least and line in self.near:
            self.best = value, self.near[line]

    def awaited(self, told: dict[str, float]) -> dict[str, Candidate]:
        """The neighbours that were proposed and not told of."""
        left = {str(candidate) for candidate in self.left}
        return {line: one for line, one in self.near.items() if line not in told and line not in left}
