"""An open run goes in; how much it holds of each stage of its search comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ghndsl.search.folder import RunFolder
from ghndsl.search.store import Reading, Run, Rung, RungState, Summary
from ghndsl.search.titles import TITLES, measured_by
from ghndsl.stages import Stage


@dataclass(frozen=True)
class Counts:
    """What a run holds at a moment; `is_scored` tells whether all candidates have their final score."""

    store: Reading
    run: Run
    summary: Summary
    rungs: Sequence[Rung]
    is_scored: bool

    @classmethod
    def of(cls, store: Reading) -> Counts:
        """Those of a run that is open."""
        first = store.first()
        # The final scores are kept together.
        return cls(store, store.run(), store.summary(), store.rungs(), first is not None and "score" in first.measures)

    @property
    def candidates(self) -> int:
        """How many are scored, as many as were asked for until it is known that there are fewer."""
        return self.summary.queries if self.is_scored else self.number("candidates")

    @property
    def trainings(self) -> int:
        """How many are trained from scratch, all seeds counted."""
        known = self.summary.done if self.is_scored else self.candidates
        return min(self.number("finalists") + self.number("controls"), known) * max(1, self.number("seeds"))

    def trained(self, rung: str, *states: RungState) -> int:
        """How many trainings of a rung are over, those that failed too, or are in these states."""
        return sum(one.rung == rung and (not states or one.state in states) for one in self.rungs)

    def number(self, name: str) -> int:
        """What the plan says."""
        value = self.run.asked.plan.get(name)
        return value if isinstance(value, int) else 0

    @property
    def asked(self) -> tuple[Stage, ...]:
        """The stages of which there are results, where nobody tells of more."""
        totals = {"score": self.candidates, "short": self.number("short"), "train": self.trainings}
        return tuple(Stage(name, TITLES[name], total=total) for name, total in totals.items() if total)

    def filled(self, stage: Stage) -> Stage:
        """A stage with what is done of it and kept: with what another session would begin."""
        later, total = measured_by(stage.name), stage.total
        if later is not None:
            done = self.store.measured(later)
            return replace(stage, done=done, total=done if self.is_scored else max(total, done))
        if stage.name == "train_ghn":
            steps = RunFolder(self.store.folder).hypernetwork_steps if not self.summary.proposed else total
            return replace(stage, done=min(total, steps))
        if stage.name == "score":
            return replace(stage, done=self.summary.queries, total=self.candidates if self.is_scored else total)
        if stage.name == "short":
            most = min(total, self.summary.done) if self.is_scored else total
            return replace(stage, done=self.trained("short"), total=most)
        if stage.name == "train":
            return replace(stage, done=self.trained("full"), total=self.trainings)
        if stage.name == "curves":
            return replace(stage, done=total if self.run.status == "done" else 0)
        # Of what an estimator learned nothing is kept, and nothing is needed once all are scored.
        return replace(stage, done=total if self.is_scored else 0)
