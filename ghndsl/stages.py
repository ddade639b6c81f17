"""Counts go in as they grow; how far a long step is, how fast it goes and how long it takes still come out."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from time import perf_counter
from typing import cast

LATEST = 50
"""Counts that say how fast it goes."""


@dataclass(frozen=True)
class Stage:
    """A long step: `done` of `total`, `rate` of them a second where that is known; `text` says how things stand, and
    `parts` are what is worked on of it at the moment, each as far as it is.

    >>> half = Stage("17", "17", 300, 600, 0.5)
    >>> Stage("train", "Training", 1, 2).with_parts([half]).left
    600.0
    """

    name: str
    title: str
    done: int = 0
    total: int = 0
    rate: float | None = None
    text: str = ""
    parts: tuple[Stage, ...] = ()
    is_under_way: bool = False

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1, with what is done of the parts."""
        return min(1.0, self._done / self.total) if self.total else 0.0

    @property
    def left(self) -> float | None:
        """Seconds until all is done, where something is left and it is known how fast it goes."""
        return (self.total - self._done) / self.rate if self.rate and self._done < self.total else None

    @property
    def _done(self) -> float:
        return self.done + sum(part.share for part in self.parts)

    def with_parts(self, parts: Sequence[Stage]) -> Stage:
        """The stage with these in work, which say how fast it goes where they know."""
        rates = [part.rate / part.total for part in parts if part.rate and part.total]
        return replace(self, parts=tuple(parts), rate=len(parts) * fmean(rates) if rates else self.rate)

    def to_json(self) -> dict[str, object]:
        """All of it, parts too."""
        return {**vars(self), "left": self.left, "parts": [part.to_json() for part in self.parts]}

    @classmethod
    def from_json(cls, found: object) -> Stage:
        """The stage of such an object. Raises LookupError, TypeError or ValueError for another.

        >>> Stage.from_json(Stage("score", "Scoring", 3, 9, 1.5).to_json())
        Stage(name='score', title='Scoring', done=3, total=9, rate=1.5, text='', parts=(), is_under_way=False)
        """
        if not isinstance(found, dict):
            raise TypeError("a stage is an object")
        row = cast("Mapping[str, object]", found)
        return cls(
            str(row["name"]),
            str(row["title"]),
            int(cast("int", row["done"])),
            int(cast("int", row["total"])),
            None if row["rate"] is None else float(cast("float", row["rate"])),
            str(row["text"]),
            tuple(map(cls.from_json, cast("list[object]", row["parts"]))),
            bool(row["is_under_way"]),
        )


class Pace:
    """How fast a count grows, by its latest values."""

    def __init__(self) -> None:
        self._latest: deque[tuple[int, float]] = deque(maxlen=LATEST)

    def mark(self, count: int) -> float | None:
        """Hears the count; how much it grows in a second, once that is known.

        >>> Pace().mark(7) is None
        True
        """
        if not self._latest or count != self._latest[-1][0]:
            self._latest.append((count, perf_counter()))
        (first, begun), (last, ended) = self._latest[0], self._latest[-1]
        return (last - first) / (ended - begun) if last > first and ended > begun else None
