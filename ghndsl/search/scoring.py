"""An algorithm and an estimator go in; what was proposed, and the scores of what was measured, come out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn import GHN
from ghndsl.search.algorithms import Algorithm, algorithm
from ghndsl.search.correlation import WORST
from ghndsl.search.drive import Drive, Values
from ghndsl.search.engines import Engine, Failure
from ghndsl.search.leading import better, leader, standing
from ghndsl.search.ledger import Entry, Ledger, reason
from ghndsl.search.looking import Look
from ghndsl.search.measure import unmeasured
from ghndsl.search.objectives import TIMED
from ghndsl.search.plan import Plan
from ghndsl.search.scale import Scaled
from ghndsl.search.scorers import Measured, Setting, prepare, scores, stages, wanted
from ghndsl.search.standing import REFERENCE, estimate, needs_reference
from ghndsl.search.store import Store
from ghndsl.search.titles import TITLES, again
from ghndsl.search.training import Learned
from ghndsl.search.work import Item
from ghndsl.training.progress import Watch

Looking: TypeAlias = "Engine[Item, Measured | Learned]"
Point: TypeAlias = tuple[float, ...]


@dataclass
class Scoring:
    """The first rung: all that the algorithm proposes is measured, each architecture once."""

    scale: Scaled
    store: Store
    plan: Plan
    watch: Watch

    def run(self, looking: Looking) -> tuple[Ledger, dict[int, float]]:
        """What was proposed, and the scores by place. Errors: G613 when nothing could be measured."""
        ledger = Ledger(self.store, self.scale.full)
        self._explore(ledger, looking)
        for stage in range(1, len(stages(self.plan.scorer))):
            self._look_again(ledger, looking, stage)
        done = ledger.done()
        if not done:
            raise nothing_left("no candidate could be scored", self.store)
        found = scores(self.plan.scorer, [entry.measured for entry in done])
        by_place = {entry.place: score for entry, score in zip(done, found, strict=True)}
        ledger.add((place, {"score": score}) for place, score in by_place.items())
        return ledger, by_place

    def points(self, ledger: Ledger) -> dict[int, Point]:
        """The values of the objectives of all that were scored, by place; what is not known is the worst."""
        goals = self.plan.objectives
        found = {one.place: [goal.value(one.numbers) for goal in goals] for one in ledger.done()}
        return {place: tuple(-math.inf if math.isnan(one) else one for one in point) for place, point in found.items()}

    def look(self, ghn: GHN | None) -> Look:
        """What measures candidates; estimators that learn first do so now."""
        setting = Setting(
            self.scale, self.plan.seed, self.plan.ghn.steps, ghn=ghn, budgets=self.plan.budgets, watch=self.watch
        )
        timed = tuple(goal.name for goal in self.plan.objectives if goal.name in TIMED)
        return Look(prepare(self.plan.scorer, setting), self.scale.full, self.scale.full_data.train.first(1), timed)

    def _explore(self, ledger: Ledger, looking: Looking) -> None:
        """Drives the algorithm; where it listens to a vote, a few draws come before, to count the vote against."""
        plan = self.plan
        proposing = proposer(plan, self.scale)
        saying = _Saying(self.watch, ledger, self.store, plan.candidates)
        queries = plan.candidates
        values: Values = _untold if needs_reference(plan.scorer) else self._values(())
        if proposing.listens:
            reference: list[Measured] = []
            if needs_reference(plan.scorer) and any(goal.name == "score" for goal in plan.objectives):
                first = min(REFERENCE, max(1, queries // 2))
                drawing = algorithm("random", self.scale.full, 1, plan.seed)
                Drive(drawing, ledger, looking, _untold, plan.batch, saying).run(first)
                reference = [entry.measured for entry in ledger.done()]
                queries -= sum(entry.same_as is None for entry in ledger.entries.values())
            values = self._values(reference)
        Drive(proposing, ledger, looking, values, plan.batch, saying).run(queries)
        saying.over()

    def _values(self, reference: Sequence[Measured]) -> Values:
        counted = estimate(self.plan.scorer, reference)
        goals = self.plan.objectives

        def values(entry: Entry) -> Point:
            numbers = {**entry.numbers, "score": counted(entry.measured)}
            return tuple(goal.value(numbers) for goal in goals)

        return values

    def _look_again(self, ledger: Ledger, looking: Looking, stage: int) -> None:
        """Measures what a later stage of the scorer asks for, of the best by those before it."""
        done, name = ledger.done(), self.plan.scorer
        measured = [entry.measured for entry in done]
        left = unmeasured(name, stage, measured)
        parts = stages(name)[stage]
        progress = self.watch(again(parts)[1])
        total = len(wanted(name, stage, measured))
        progress(total - len(left), total, "")
        for index in left:
            looking.submit(done[index].place, Item("look", done[index].line, stage))
        for count in range(total - len(left) + 1, total + 1):
            outcome = looking.next()
            found = outcome.value
            if isinstance(found, Failure):
                reason(self.store, outcome.key, found)
                found = dict.fromkeys(parts, WORST)
            assert not isinstance(found, Learned)
            ledger.add([(outcome.key, found)])
            progress(count, total, "")


def proposer(plan: Plan, scale: Scaled) -> Algorithm:
    """The algorithm of a plan. Errors: G610, and G303 for a space without candidates."""
    return algorithm(plan.algorithm, scale.full, len(plan.objectives), plan.seed, **plan.options)


def nothing_left(message: str, store: Store) -> CompileError:
    """The error where every candidate failed: with the first reasons."""
    known = store.candidates()
    failed = [f"`{known[one.candidate - 1].line}`: {one.error}" for one in store.rungs() if one.state == "failed"]
    failed += [f"`{one.line}`: {one.error}" for one in known if one.state == "failed"]
    return CompileError(Diagnostic("G613", message, notes=tuple(dict.fromkeys(failed))[:4]))


def _untold(entry: Entry) -> Point:
    """For an algorithm that does not listen."""
    del entry
    return ()


class _Saying:
    """How far it is, and the best value so far."""

    def __init__(self, watch: Watch, ledger: Ledger, store: Store, total: int) -> None:
        self._progress = watch(TITLES["score"])
        self._ledger, self._total = ledger, total
        # Of those that are known from before nothing is heard.
        self._best = leader(store)

    def __call__(self, entry: Entry, values: Point | None) -> None:
        """Hears of one that was measured now."""
        self._best = better(self._best, standing(entry.line, values, entry.measured))
        self._say(self._total)

    def over(self) -> None:
        """No more come: all there were are all there are, also where more were asked for."""
        if self._ledger.finished:
            self._say(self._ledger.finished)

    def _say(self, total: int) -> None:
        words = "" if self._best is None else f"best {self._best}"
        self._progress(min(self._ledger.finished, total), total, words)
