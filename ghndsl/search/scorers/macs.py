"""The count of multiply-accumulates."""

from __future__ import annotations

from dataclasses import dataclass

from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import WORST, Estimator, Setting
from ghndsl.space import Space


@dataclass
class MACs(Estimator):
    """Multiply-accumulates at full scale; the worst where they are not known."""

    space: Space
    name: str = "macs"

    @classmethod
    def prepare(cls, setting: Setting) -> MACs:
        """Ready at once."""
        return cls(setting.scale.full)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """`macs`."""
        macs = drawn.at(self.space).macs
        return {"macs": WORST if macs is None else float(macs)}
