"""Lines of candidates and their scores go in; what good ones share comes out: how often and how much each option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ghndsl.space import read_line

MOST = 10_000
"""Candidates that are looked at; of more, evenly spaced ones."""
BEST = 0.1
"""The share of candidates that are called the best."""


@dataclass(frozen=True)
class Option:
    """One option of a choice: how many candidates have it, its share among all and among the best, and by how much the
    mean place of those that have it, from 0 to 1, is above that of the others that make the choice."""

    label: str
    count: int
    share: float
    share_of_best: float
    effect: float | None


@dataclass(frozen=True)
class Choice:
    """A choice by its path, with its options, the most helpful first."""

    path: str
    options: tuple[Option, ...]

    @property
    def reach(self) -> float:
        """How far its options lie apart."""
        known = [one.effect for one in self.options if one.effect is not None]
        return max(known) - min(known) if known else 0.0


def choices(scored: Sequence[tuple[str, float]]) -> tuple[Choice, ...]:
    """The choices that candidates make differently, the most telling first.

    >>> found = choices([("k=1 w=4", 0.1), ("k=3 w=4", 0.9), ("k=1 w=8", 0.2), ("k=3 w=8", 0.8)])
    >>> [(choice.path, choice.options[0].label, round(choice.options[0].effect, 3)) for choice in found]
    [('k', '3', 0.667), ('w', '4', 0.0)]
    """
    step = -(-len(scored) // MOST) or 1
    some = [*scored[::step]]
    if len(some) < 2:
        return ()
    places = (stats.rankdata([score for _, score in some]) - 1) / (len(some) - 1)
    is_best = places >= np.quantile(places, 1 - BEST)
    made: dict[str, dict[str, list[int]]] = {}
    for index, (line, _) in enumerate(some):
        for path, label in read_line(line).texts:
            made.setdefault(path, {}).setdefault(label, []).append(index)
    found = [Choice(path, _options(options, places, is_best)) for path, options in made.items() if len(options) > 1]
    return tuple(sorted(found, key=lambda choice: (-choice.reach, choice.path)))


def _options(options: dict[str, list[int]], places: np.ndarray, is_best: np.ndarray) -> tuple[Option, ...]:
    whole = np.concatenate([np.array(indices) for indices in options.values()])
    best, total = max(1, int(is_best[whole].sum())), float(places[whole].sum())
    found: list[Option] = []
    for label, indices in options.items():
        mine, others = float(places[indices].sum()), len(whole) - len(indices)
        effect = mine / len(indices) - (total - mine) / others if others else None
        share = float(is_best[indices].sum()) / best
        found.append(Option(label, len(indices), len(indices) / len(whole), share, effect))
    return tuple(sorted(found, key=lambda one: (-(one.effect or 0.0), one.label)))
