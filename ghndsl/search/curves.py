"""A run that judges networks between budgets goes in; the curves of winner and controls on test samples come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite

import torch

from ghndsl.data import Dataset
from ghndsl.ir import Graph
from ghndsl.search.folder import RunFolder
from ghndsl.search.outcome import Finalist
from ghndsl.search.plan import Plan
from ghndsl.search.training import weights_of
from ghndsl.space import Space, read_line
from ghndsl.training import load_weights, spread
from ghndsl.training.anytime import Budgets, Judged, judged
from ghndsl.training.progress import Progress
from ghndsl.training.team import alone
from ghndsl.training.threads import threads


@dataclass(frozen=True)
class Curves:
    """A network between budgets on test samples, one result for each of its seeds."""

    name: str
    role: str
    line: str
    seeds: tuple[Judged, ...]

    @property
    def area(self) -> tuple[float, float]:
        """The mean area under the curve and its deviation over seeds."""
        return spread([one.area for one in self.seeds])

    def to_json(self) -> dict[str, object]:
        """The keys of `results.json`: `points` has mean and deviation at each exit, `seeds` all of each seed."""
        mean, deviation = self.area
        return {
            "name": self.name,
            "role": self.role,
            "line": self.line,
            "area": mean,
            "spread": deviation,
            "points": [*self._points()],
            "seeds": [_told(one) for one in self.seeds],
        }

    def _points(self) -> Iterator[dict[str, object]]:
        for points in zip(*(one.curve for one in self.seeds), strict=True):
            mean, deviation = spread([point.accuracy for point in points])
            yield {"name": points[0].name, "macs": points[0].macs, "accuracy": mean, "spread": deviation}


def _told(one: Judged) -> dict[str, object]:
    """The fields; JSON has no word for how sure one would have to be where nothing leaves, so that is none."""
    batches: list[dict[str, object]] = []
    for batch in one.batches:
        known = {name: value if isfinite(value) else None for name, value in batch.thresholds.items()}
        batches.append({**asdict(batch), "thresholds": known})
    return {**asdict(one), "batches": batches}


def curves_of(
    folder: RunFolder, space: Space, data: Dataset, plan: Plan, finalists: Sequence[Finalist], progress: Progress
) -> list[Curves]:
    """The curves of the best of the finalists, which come in order, and of the controls. Test samples choose nothing
    here: validation samples have."""
    if plan.budgets is None:
        return []
    wanted = [one for one in finalists if one.is_control or one.place == 1]
    found: list[Curves] = []
    for count, one in enumerate(wanted, start=1):
        graph = space.build(read_line(one.line))
        name, role = (f"random {count - 1}", "control") if one.is_control else ("winner", "winner")
        kept = (weights_of(folder.finalists, one.number, number) for number in range(plan.seeds))
        tensors = (load_weights(path, graph) for path in kept)
        found.append(
            Curves(name, role, one.line, tuple(judge(graph, each, data, plan, plan.budgets) for each in tensors))
        )
        progress(count, len(wanted), "")
    return found


def judge(graph: Graph, weights: Mapping[str, torch.Tensor], data: Dataset, plan: Plan, budgets: Budgets) -> Judged:
    """One network with one of its weights, on the plan's device."""
    with threads(1):
        return judged(graph, weights, data, budgets, alone(plan.device).device)
