"""A rung of a search and who does its work go in; the engine that does it comes out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ghndsl.ghn import GHN
from ghndsl.search.crew import Crew
from ghndsl.search.engines import Engine, Here
from ghndsl.search.folder import RunFolder
from ghndsl.search.looking import Look
from ghndsl.search.plan import Plan
from ghndsl.search.scale import Scaled
from ghndsl.search.scorers import Measured
from ghndsl.search.training import Full, Learned, Short
from ghndsl.search.work import Item, Work
from ghndsl.space import Candidate, Space
from ghndsl.training.threads import fills

_LONG = 20_000
"""Steps times nodes whose training takes longer than a process takes to start, some seconds."""


@dataclass(frozen=True)
class Staffing:
    """Estimators take cores, as candidates are small there; trainings take GPUs if there are any. What is found does
    not depend on who does it."""

    scale: Scaled
    plan: Plan
    crew: Crew
    folder: RunFolder
    session: float

    def scoring(self, look: Look) -> Engine[Item, Measured | Learned]:
        """That of the first rung."""
        return self.crew.begin(Work(look=look), self.plan.candidates)

    def short(self, ghn: GHN | None) -> Engine[Item, Measured | Learned]:
        """That which trains for a few steps."""
        scale, plan = self.scale, self.plan
        short = Short(scale.cheap, scale.data, ghn, plan.short_steps, plan.seed, plan.device, plan.budgets, scale.full)
        are_long = self._are_long(scale.cheap, plan.short_steps)
        return self.crew.begin(Work(short=short), plan.short, plan.device, are_long=are_long)

    def full(self, candidates: Sequence[Candidate]) -> Engine[Item, Measured | Learned]:
        """That which trains these from scratch: one network at a time, by all processes or by all cores where it keeps
        them busy; or else as many at once as there are cores, or GPUs."""
        scale, plan = self.scale, self.plan
        full = Full(scale.full, scale.full_data, plan, self.folder.finalists, session=self.session)
        count, samples, batch = len(candidates) * plan.seeds, len(scale.full_data.train), plan.final.batch_size
        processes = plan.together(count, samples)
        if processes > 1:
            return Here(Work(full=replace(full, processes=processes)))
        graphs = (scale.full.build(candidate) for candidate in candidates)
        if plan.device != "cpu" or any(fills(graph, batch) for graph in graphs):
            return self.crew.here(Work(full=full), 1, plan.device)
        are_long = self._are_long(scale.full, plan.final.epochs * (samples // batch))
        return self.crew.here(Work(full=full), count, are_long=are_long)

    def _are_long(self, space: Space, steps: int) -> bool:
        """Whether so many steps take a candidate longer than a process takes to start; a small network's step takes a
        time for each node."""
        return steps * len(space.build(space.draw(random.Random(self.plan.seed))).nodes) > _LONG
