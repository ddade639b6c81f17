"""An open run goes in, or what a candidate came to; who leads so far, and by which number, comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ghndsl.search.correlation import WORST
from ghndsl.search.store import Reading

_NAMES = (None, "score", "untrained_accuracy")
"""What candidates are compared by, the most telling first: what the algorithm is told, else one of these measures."""


@dataclass(frozen=True)
class Leader:
    """A candidate's line and the number it leads by; `name` is that of a measure, None for what the algorithm was told.

    >>> str(Leader("k=1", 0.25, "score")), str(Leader("k=1", 0.25))
    ('score 0.25', '0.25')
    """

    line: str
    value: float
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.name or ''} {self.value:.4g}".strip()


def leader(store: Reading) -> Leader | None:
    """Who leads of those that a run holds, if any does."""
    told, first = store.best_told(), store.first()
    if told is not None or first is None:
        return None if told is None else standing(told.line, told.values, told.measures)
    # All are measured alike: what the first has, the others have.
    name = next((name for name in _NAMES if name is not None and name in first.measures), None)
    best = [] if name is None else store.best(name, 1)
    return standing(best[0].line, (), best[0].measures) if best else None


def standing(line: str, told: Sequence[float] | None, measures: Mapping[str, float | None]) -> Leader | None:
    """What a candidate is compared by; None where there is nothing.

    >>> standing("k=1", (), {"untrained_accuracy": 0.5, "synflow": 9.0})
    Leader(line='k=1', value=0.5, name='untrained_accuracy')
    >>> standing("k=1", (-7.0, 1.0), {"score": 0.5}), standing("k=1", None, {})
    (Leader(line='k=1', value=-7.0, name=None), None)
    """
    first = told[0] if told else None
    values = [(name, first if name is None else measures.get(name)) for name in _NAMES]
    known = (Leader(line, one, name) for name, one in values if one is not None and math.isfinite(one) and one > WORST)
    return next(known, None)


def better(one: Leader | None, other: Leader | None) -> Leader | None:
    """The one that leads; of equals the first.

    >>> better(Leader("k=1", 0.9, "untrained_accuracy"), Leader("k=2", 0.1)).line
    'k=2'
    """
    both = [each for each in (one, other) if each is not None]
    return max(both, key=lambda each: (-_NAMES.index(each.name), each.value), default=None)
