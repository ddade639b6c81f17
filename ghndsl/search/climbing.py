"""Candidates and their scores go in; how the best do when they are trained, a little and from scratch, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ghndsl.data import figure
from ghndsl.search.choosing import ordered, others
from ghndsl.search.engines import Engine, Failure, Outcome
from ghndsl.search.folder import RunFolder
from ghndsl.search.ledger import Entry, Ledger, reason
from ghndsl.search.outcome import Finalist, finalist
from ghndsl.search.plan import Plan
from ghndsl.search.scale import Scaled
from ghndsl.search.scorers import Measured
from ghndsl.search.scoring import Point, nothing_left
from ghndsl.search.store import Rung, Store
from ghndsl.search.titles import TITLES
from ghndsl.search.training import Learned, keep_best, passes_of, seed_of
from ghndsl.search.work import Item
from ghndsl.training.progress import Watch

Training: TypeAlias = "Engine[Item, Measured | Learned]"


@dataclass
class Climbing:
    """The rungs above the first. What was trained before is known from the run."""

    scale: Scaled
    store: Store
    plan: Plan
    watch: Watch

    def __post_init__(self) -> None:
        self.folder = RunFolder(self.store.folder)
        self.known = {(one.candidate, one.rung, one.seed): one for one in self.store.rungs() if self._is_there(one)}

    def _is_there(self, kept: Rung) -> bool:
        """Whether a training's weights are still there, which a power cut may have lost."""
        return kept.file is None or (self.folder.finalists / kept.file).is_file()

    def shortened(self, engine: Training, ledger: Ledger, points: Mapping[int, Point]) -> list[int]:
        """The places, the best first, after the better ones were trained for a few steps where that is asked for: then
        their loss stands for their score."""
        order = ordered(points, self.plan.short + self.plan.finalists)
        best = order[: self.plan.short]
        if not best:
            return order
        self._climb(engine, "short", [(ledger.entries[place], 0) for place in best])
        losses = {
            place: self.known[place, "short", self._seed("short", ledger.entries[place], 0)].loss for place in best
        }
        kept = {place: self._by_loss(points[place], loss) for place, loss in losses.items() if loss is not None}
        failed = [place for place in best if place not in kept]
        return ordered(kept, len(kept)) + [place for place in order if place not in losses] + failed

    def chosen(self, scores: Mapping[int, float], order: Sequence[int]) -> tuple[list[int], list[int]]:
        """The places of those to train from scratch: the best, and the controls."""
        best = [*order[: self.plan.finalists]]
        return best, others([*scores], best, self.plan.controls)

    def trained(
        self,
        engine: Training,
        ledger: Ledger,
        scores: Mapping[int, float],
        best: Sequence[int],
        controls: Sequence[int],
    ) -> list[Finalist]:
        """The best and the controls, trained from scratch. Errors: G613 when none of the best could be."""
        both = [ledger.entries[place] for place in [*best, *controls]]
        self.store.controls(controls)
        self.folder.finalists.mkdir(exist_ok=True)
        for left in self.folder.finalists.glob(f"*{RunFolder.PROGRESS}"):
            left.unlink(missing_ok=True)
        self._climb(engine, "full", [(entry, number) for entry in both for number in range(self.plan.seeds)])
        found = [self._finalist(entry, scores[entry.place], is_control=entry.place in controls) for entry in both]
        whole = [one for one in found if one is not None]
        if all(one.is_control for one in whole):
            raise nothing_left("none of the best candidates could be trained", self.store)
        return whole

    def _seed(self, rung: str, entry: Entry, number: int) -> int:
        return self.plan.seed if rung == "short" else seed_of(self.plan.seed, entry.line, number)

    def _climb(self, engine: Training, rung: Literal["short", "full"], trainings: Sequence[tuple[Entry, int]]) -> None:
        """Does those trainings of a rung that were not done before, and keeps each result as it comes."""
        left = [one for one in trainings if (one[0].place, rung, self._seed(rung, *one)) not in self.known]
        progress, total = self.watch(TITLES["train" if rung == "full" else rung]), len(trainings)
        progress(total - len(left), total, self._words(rung))
        for key, (entry, number) in enumerate(left):
            engine.submit(key, Item(rung, entry.line, number))
        for count in range(total - len(left) + 1, total + 1):
            outcome = engine.next()
            entry, number = left[outcome.key]
            if rung == "full":
                # Before it counts as done, so that it never counts twice.
                passes_of(self.folder.finalists, entry.proposal.number, number).unlink(missing_ok=True)
            kept = self._kept(rung, entry, number, outcome)
            self.store.rung(kept)
            self.known[kept.candidate, rung, kept.seed] = kept
            progress(count, total, self._words(rung, kept.error))

    def _kept(self, rung: str, entry: Entry, number: int, outcome: Outcome[Measured | Learned]) -> Rung:
        """What the run keeps of a training. Only that of the last rung is called accuracy."""
        failed = Rung(entry.place, rung, self._seed(rung, entry, number), "failed", self.plan.settings_of(rung))
        spent = replace(failed, seconds=outcome.seconds, cpu_seconds=outcome.cpu_seconds)
        found = outcome.value
        if isinstance(found, Failure):
            return replace(spent, error=reason(self.store, entry.place, found))
        assert isinstance(found, Learned)
        accuracy = found.accuracy if rung == "full" else None
        return replace(spent, state="done", accuracy=accuracy, loss=found.loss, steps=found.steps, file=found.file)

    def _words(self, rung: str, error: str | None = None) -> str:
        """The best so far, and why the last one failed, if it did."""
        metric, kept = (
            self.plan.metric(self.scale.full_data.task.metric),
            [one for one in self.known.values() if one.rung == rung],
        )
        accuracies = [one.accuracy for one in kept if one.accuracy is not None]
        losses = [one.loss for one in kept if one.loss is not None]
        words = [f"best {metric} {figure(metric, max(accuracies), 1)}"] if accuracies else []
        words += [f"best loss {min(losses):.3f}"] if losses and rung == "short" else []
        return ", ".join(words + ([error] if error else []))

    def _by_loss(self, point: Point, loss: float) -> Point:
        """The values with the loss for the score."""
        names = [goal.name for goal in self.plan.objectives]
        place = names.index("score") if "score" in names else None
        return tuple(-loss if index == place else value for index, value in enumerate(point))

    def _finalist(self, entry: Entry, score: float, *, is_control: bool) -> Finalist | None:
        """The record of a candidate whose trainings all came to an end; the best of its weights are those it keeps."""
        seeds = [self._seed("full", entry, number) for number in range(self.plan.seeds)]
        found = [self.known[entry.place, "full", seed] for seed in seeds]
        pairs = [(one.accuracy, one.loss) for one in found if one.accuracy is not None and one.loss is not None]
        if len(pairs) < len(found):
            return None
        best = max(range(len(pairs)), key=lambda number: (pairs[number][0], -pairs[number][1]))
        keep_best(self.folder.finalists, entry.proposal.number, best)
        return finalist(entry, score, pairs, is_control=is_control)
