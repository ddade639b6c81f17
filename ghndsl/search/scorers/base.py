"""What an estimator is, and what one is made from."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ghndsl.search.correlation import WORST
from ghndsl.search.draw import Drawn
from ghndsl.search.scale import Scaled
from ghndsl.training.progress import Watch, unwatched

if TYPE_CHECKING:
    from ghndsl.ghn import GHN
    from ghndsl.training.anytime import Budgets

Measured: TypeAlias = Mapping[str, float]
"""What was measured of one candidate, by name."""


@dataclass(frozen=True)
class Setting:
    """What estimators are made from: the space at its scales with the data, a seed, for those that learn once how many
    steps they do (None for `Scaled.steps`), for `sgd` how many each candidate does, and the hypernetwork, if there is
    one, in hand or as a file, and for `anytime` the budgets between which networks are judged."""

    scale: Scaled
    seed: int = 0
    steps: int | None = None
    sgd_steps: int = 100
    ghn: GHN | Path | None = None
    budgets: Budgets | None = None
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
