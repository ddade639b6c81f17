"""The area under the predicted curve of accuracy against multiply-adds as an estimator, for networks with exits."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Setting, finite
from ghndsl.search.scorers.generated import Generated
from ghndsl.space import Space
from ghndsl.training.anytime import Budgets, answers, area, measured
from ghndsl.training.score import calibrated, probe
from ghndsl.training.threads import threads


@dataclass
class Anytime(Estimator):
    """Each exit's accuracy with generated weights, over what it costs at full scale: the mean accuracy at budgets
    between two (Zhang et al., ICLR 2019, section 5.3)."""

    generated: Generated
    full: Space
    budgets: Budgets
    name: str = "anytime"

    @classmethod
    def prepare(cls, setting: Setting) -> Anytime:
        """With the setting's hypernetwork, or one trained now; ValueError without budgets."""
        if setting.budgets is None:
            raise ValueError("`anytime` needs budgets")
        return cls(Generated.prepare(setting), setting.scale.full, setting.budgets)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """`anytime`, the mean accuracy at a budget; `accuracy` and `loss` of the main output; `anytime_EXIT`, the
        accuracy of each exit."""
        generated = self.generated
        graph, full = drawn.at(generated.space), drawn.at(self.full)
        with threads(1), torch.no_grad():
            weights = calibrated(graph, generated.ghn(graph), generated.data.train)
            curve = measured(graph, weights, probe(generated.data), full)
        points = {point.name: point for point in curve}
        main = points.pop(answers(graph).main)
        exits = {f"anytime_{name}": point.accuracy for name, point in points.items()}
        return {"anytime": area(curve, self.budgets), "accuracy": main.accuracy, "loss": -finite(-main.loss), **exits}
