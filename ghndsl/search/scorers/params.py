"""The count of parameters: the least that others must beat."""

from __future__ import annotations

from dataclasses import dataclass

from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Setting
from ghndsl.space import Space


@dataclass
class Params(Estimator):
    """The count of trainable numbers at full scale."""

    space: Space
    name: str = "params"

    @classmethod
    def prepare(cls, setting: Setting) -> Params:
        """Ready at once."""
        return cls(setting.scale.full)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """`params`."""
        return {"params": float(drawn.at(self.space).params)}
