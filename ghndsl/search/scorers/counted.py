"""What estimators that count something share: they need neither data nor training."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from ghndsl.ir import Graph
from ghndsl.search.correlation import WORST
from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Setting
from ghndsl.space import Space


@dataclass
class Counted(Estimator):
    """A count at full scale; the worst score where it is not known."""

    space: Space

    @classmethod
    def prepare(cls, setting: Setting) -> Counted:
        """Ready at once."""
        return cls(setting.scale.full)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """The count, under the name."""
        count = self.count(drawn.at(self.space))
        return {self.name: WORST if count is None else float(count)}

    @abstractmethod
    def count(self, graph: Graph) -> int | None:
        """The count of a candidate, None where sizes leave it open."""
