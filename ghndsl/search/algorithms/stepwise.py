"""An algorithm that proposes and hears one candidate at a time goes in; one of the protocol comes out.

How calls are cut can so not matter, and what is told out of order is noticed.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping, Sequence
from random import Random
from typing import ClassVar

from ghndsl.records import record
from ghndsl.search.algorithms.base import Told
from ghndsl.search.algorithms.options import Given, Option, chosen
from ghndsl.space import Candidate, Space

FAILED = -math.inf
"""The value of what failed: worse than any other."""


@record
class Setting:
    """What an algorithm is made from: its full name, the space, how many objectives there are, a seed, and options."""

    name: str
    space: Space
    objectives: int
    seed: int
    given: Mapping[str, Given]

    def rng(self) -> Random:
        """A generator of the algorithm's own. Its state depends on the seed and the name alone."""
        return Random(f"{self.name} {self.seed}")


class Stepwise(ABC):
    """Proposes one candidate after the other, and is told of one after the other."""

    OPTIONS: ClassVar[Mapping[str, Option]] = {}
    HAS_FRONTS: ClassVar[bool] = True
    """Whether it takes several objectives."""
    LISTENS: ClassVar[bool] = True
    """Whether what it proposes depends on what it is told; one that does not may be told nothing, by no values."""

    def __init__(self, setting: Setting) -> None:
        self.space = setting.space
        self.objectives = setting.objectives
        self.rng = setting.rng()
        self.options = self.read(setting)
        self._open: deque[Candidate] = deque()
        self._is_ended = False

    def read(self, setting: Setting) -> Mapping[str, float]:
        """Its options. Errors: G610."""
        return chosen(setting.name, self.OPTIONS, setting.given)

    @property
    def listens(self) -> bool:
        return self.LISTENS

    @abstractmethod
    def next(self) -> Candidate | None:
        """The next candidate; None when there is none left, and then it is not asked again."""

    def hear(self, candidate: Candidate, values: tuple[float, ...]) -> None:
        """What the oldest candidate that was not heard of came to; each value is `FAILED` when it failed."""
        del candidate, values

    def propose(self, count: int) -> list[Candidate]:
        found: list[Candidate] = []
        while len(found) < count and not self._is_ended:
            candidate = self.next()
            if candidate is None:
                self._is_ended = True
                break
            self._open.append(candidate)
            found.append(candidate)
        return found

    def tell(self, told: Sequence[Told]) -> None:
        for one in told:
            self._check(one)
            self._open.popleft()
            self.hear(one.candidate, self._valued(one.values))

    def _check(self, one: Told) -> None:
        """Raises ValueError for what was not proposed, or not in this order, and for other values than objectives."""
        if not self._open or self._open[0] != one.candidate:
            raise ValueError(f"told of `{one.candidate}`, which is not the next one that was proposed")
        sizes = (self.objectives,) if self.LISTENS else (0, self.objectives)
        if one.values is not None and len(one.values) not in sizes:
            raise ValueError(f"{len(one.values)} values were told, of {self.objectives} objectives")

    def _valued(self, values: tuple[float, ...] | None) -> tuple[float, ...]:
        is_known = values is not None and all(map(math.isfinite, values))
        return values if values is not None and is_known else (FAILED,) * self.objectives
