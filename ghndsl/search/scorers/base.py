"""What an estimator is, and what one is made from."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ghndsl.search.draw import Drawn
from ghndsl.search.scale import Scaled
from ghndsl.training.progress import Watch, unwatched

if TYPE_CHECKING:
    from ghndsl.ghn import GHN

Measured: TypeAlias = Mapping[str, float]
"""What was measured of one candidate, by name."""

WORST = -1e30
"""The score of what cannot be measured: a loss that is no number, a network without weights."""


@dataclass(frozen=True)
class Setting:
    """What estimators are made from: the space at its scales with the data, a seed, and for those that learn how many
    steps (None for their own default), or the hypernetwork, in hand or as a file."""

    scale: Scaled
    seed: int = 0
    steps: int | None = None
    ghn: GHN | Path | None = None
    watch: Watch = field(default=unwatched)


class Estimator(ABC):
    """Measures candidates, each by itself and alike whatever was measured before. Its score is what it measures under
    its own name."""

    name: str

    @abstractmethod
    def measure(self, drawn: Drawn) -> dict[str, float]:
        """What scores are made from, its own name among it; it depends on the candidate and on how the estimator was
        made alone."""


def finite(value: float) -> float:
    """The value, or the worst score when it is no number.

    >>> finite(0.5), finite(float("nan")) == WORST
    (0.5, True)
    """
    return value if math.isfinite(value) else WORST
