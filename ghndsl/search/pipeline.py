"""A space, data and a plan go in; a searched, trained and exported network, and the run's folder, come out."""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from ghndsl.data import Dataset
from ghndsl.data.fingerprint import fingerprint
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn import GHN, Origin
from ghndsl.language.values import text
from ghndsl.search.budgets import check_budgets
from ghndsl.search.choosing import front
from ghndsl.search.climbing import Climbing
from ghndsl.search.correlation import correlations
from ghndsl.search.counts import Counts
from ghndsl.search.crew import Crew, Later
from ghndsl.search.curves import curves_of
from ghndsl.search.engines import Engine
from ghndsl.search.findings import write_findings
from ghndsl.search.folder import RunFolder
from ghndsl.search.gathering import gathered
from ghndsl.search.ledger import Entry, Ledger
from ghndsl.search.mixing import Drawing
from ghndsl.search.outcome import Finalist, Outcome, from_json, placed, to_json
from ghndsl.search.plan import Plan
from ghndsl.search.planned import planned
from ghndsl.search.scale import Scaled, scaled
from ghndsl.search.scorers import Measured, scorer_name, uses_ghn
from ghndsl.search.scoring import Point, Scoring, proposer
from ghndsl.search.splits import write_splits
from ghndsl.search.staffing import Staffing
from ghndsl.search.store import Asked, Store, check_same, is_run
from ghndsl.search.teaching import try_ranges
from ghndsl.search.telling import Board
from ghndsl.search.timings import Timings
from ghndsl.search.titles import TITLES
from ghndsl.search.training import Learned, Teaching, Testing, weights_of
from ghndsl.search.work import Item, Rung
from ghndsl.space import Space, read_line
from ghndsl.space.written import heading
from ghndsl.training import load_weights
from ghndsl.training.progress import Watch
from ghndsl.training.team import check_device


def search(
    space: Space,
    data: Dataset,
    out: Path,
    plan: Plan,
    watch: Watch,
    *,
    resume: bool = False,
    crew: Crew | None = None,
    command: Sequence[str] = (),
) -> Outcome:
    """Runs a plan in a folder. The same seed gives the same findings, whoever does the work; `resume` goes on with a
    run that was interrupted, where there is one, and only reads what one found that is done.

    Errors: G303 for a space without candidates, G407 when data and space do not fit, G601, G602, G604, G609 and G007 of
    the folder, G605 of the scorer, G412 of the device, G608 of the engine, G610 of the algorithm, G613 when no
    candidate is left.
    """
    scale = scaled(space, data)
    plan = replace(plan, scorer=scorer_name(plan.scorer, data))
    # Before the folder is made: what is refused leaves nothing behind.
    scale.check_fit()
    proposer(plan, scale)
    _check_goals(plan, scale)
    check_budgets(plan.budgets, plan.scorer, scale)
    try_ranges(Drawing(scale.cheap, plan.vary), plan.vary, scale.data.few(1))
    asked = _asked(space, scale, data, plan, command)
    known = _found_before(out, asked) if resume and is_run(out) else None
    if known is not None:
        return known
    check_device(plan.device)
    crew = crew or Crew()
    begin = Store.resume if resume and is_run(out) else Store.begin
    with ExitStack() as elsewhere:
        elsewhere.enter_context(crew.ready(plan.device if plan.short else "cpu"))
        with begin(out, asked) as store, _ending(store):
            splits = RunFolder(out).splits
            if not splits.is_file():
                write_splits(splits, data, plan.seed)
            return _Search(scale, store, plan, watch, crew, elsewhere).run()


def _found_before(out: Path, asked: Asked) -> Outcome | None:
    """What a run found that is done; None where something is left to do. Errors: G602 where other things were asked,
    G609 and G007 of the folder."""
    with Store.read(out) as store:
        run = store.run()
    check_same(out, run.asked, asked)
    if run.status != "done":
        return None
    # Results that are lost, damaged or of another version are made anew.
    with suppress(CompileError, OSError, LookupError, TypeError):
        return from_json(RunFolder(out).results(), out)
    return None


def _check_goals(plan: Plan, scale: Scaled) -> None:
    """Refuses objectives that no candidate has a value for, and a middle rung that stands for no objective."""
    names = [goal.name for goal in plan.objectives]
    if plan.short and "score" not in names:
        message = "the middle rung puts a loss in the place of the score, which is no objective here"
        raise CompileError(Diagnostic("G612", message, help="`--maximize score`, or two rungs"))
    graph = scale.full.build(scale.full.draw(random.Random(0)))
    counts = {"params": graph.params, "macs": graph.macs, "memory": graph.memory}
    for name in names:
        if counts.get(name, 0) is None:
            message = f"the {name} of candidates are not known while sizes of `{scale.full.name}` are open"
            raise CompileError(Diagnostic("G611", message, help="give sizes by `--set`, or another objective"))


@contextmanager
def _ending(store: Store) -> Generator[None]:
    """Keeps how a run ended: done, interrupted by Ctrl-C, or failed."""
    with ExitStack() as undo:
        undo.callback(store.end, "failed")
        try:
            yield
        except KeyboardInterrupt:
            undo.pop_all()
            store.end("interrupted")
            raise
        undo.pop_all()
        store.end("done")


class _Search:
    """One run, rung by rung; each leaves its results in the run and is passed over when they are there."""

    def __init__(self, scale: Scaled, store: Store, plan: Plan, watch: Watch, crew: Crew, elsewhere: ExitStack) -> None:
        self.scale = scale
        self.plan = plan
        self.folder = RunFolder(store.folder)
        counts = Counts.of(store)
        session = counts.run.begun
        board = Board(self.folder.progress, session, [*map(counts.filled, planned(plan))], watch)
        self.watch = board.watch
        self.staffing = Staffing(scale, plan, crew, self.folder, session)
        # What is held for work that is done elsewhere, such as a cluster.
        self.elsewhere = elsewhere
        self.scoring = Scoring(scale, store, plan, self.watch)
        self.climbing = Climbing(scale, store, plan, self.watch)
        self.timings = Timings(store)
        self.before = counts.run.seconds

    def run(self) -> Outcome:
        started = time.perf_counter()
        with self.timings.timed("train_ghn"):
            ghn = self._hypernetwork() if uses_ghn(self.plan.scorer) else None
        with self.timings.timed("score"), closing(self._engine(ghn, "look")) as looking:
            ledger, scores = self.scoring.run(looking)
            points = self.scoring.points(ledger)
        with self.timings.timed("short"), closing(self._engine(ghn, "short")) as training:
            order = self.climbing.shortened(training, ledger, points)
        # What follows is done here, and may have the memory.
        self.elsewhere.close()
        best, controls = self.climbing.chosen(scores, order)
        entries = [ledger.entries[place] for place in (*best, *controls)]
        with self.timings.timed("train"), closing(self._engine(ghn, "full", entries)) as training:
            finalists = placed(self.climbing.trained(training, ledger, scores, best, controls))
        with self.timings.timed("write"):
            tested, refusal = self._finished(finalists[0])
            anytime = self._anytime(finalists)
        outcome = Outcome(
            finalists[0],
            tested,
            tuple(finalists),
            correlations([one.score for one in finalists], [one.accuracy for one in finalists]),
            len(scores),
            sum(entry.state == "failed" for entry in ledger.entries.values()),
            self.before + time.perf_counter() - started,
            self.timings.seconds,
            self.folder.path,
            self.plan.metric(self.scale.full_data.task.metric),
            self._front(ledger, points),
            refusal,
            sum(one.state == "failed" for one in self.climbing.known.values()),
            anytime,
        )
        self.folder.keep(to_json(outcome))
        return outcome

    def _engine(self, ghn: GHN | None, rung: Rung, entries: Sequence[Entry] = ()) -> Later[Item, Measured | Learned]:
        """The engine of a rung; on the last, these are to be trained."""
        return Later(partial(self._begun, ghn, rung, entries))

    def _begun(self, ghn: GHN | None, rung: Rung, entries: Sequence[Entry]) -> Engine[Item, Measured | Learned]:
        if rung == "look":
            return self.staffing.scoring(self.scoring.look(ghn))
        return self.staffing.short(ghn) if rung == "short" else self.staffing.full([one.candidate for one in entries])

    def _hypernetwork(self) -> GHN:
        """The hypernetwork, trained on candidates of the cheap scale; an unfinished training goes on."""
        path, settings = self.folder.hypernetwork, self.plan.ghn
        if path.is_file() and (ghn := GHN.load(path)).origin.steps >= settings.steps:
            return ghn
        origin = Origin(self.scale.full.name, self.scale.full.text_hash)
        teaching = Teaching(self.scale.cheap, self.scale.data, settings, self.plan.seed, origin, path, self.plan.vary)
        # Each of them has a candidate of each step at least.
        count = min(self.plan.processes, settings.meta_batch)
        return gathered(teaching, count, self.plan.device, self.watch(TITLES["train_ghn"]))

    def _finished(self, winner: Finalist) -> tuple[float, str | None]:
        """Writes the winner; returns how it does on the samples that chose nothing, which are touched here alone, and
        why it has no ONNX model, if it has none."""
        full, candidate = self.scale.full, read_line(winner.line)
        graph = full.build(candidate)
        weights = load_weights(weights_of(self.folder.finalists, winner.number), graph)
        refusal = write_findings(self.folder.path, heading(full, winner.number, candidate), graph, weights)
        testing = Testing(graph, weights, self.scale.full_data.test, self.plan.budgets)
        tested = gathered(testing, 1, self.plan.device)
        return tested.accuracy, refusal

    def _anytime(self, finalists: Sequence[Finalist]) -> Mapping[str, object] | None:
        """Where networks are judged between budgets, the curves of the winner and of the controls."""
        if self.plan.budgets is None:
            return None
        scale, progress = self.scale, self.watch(TITLES["curves"])
        found = curves_of(self.folder, scale.full, scale.full_data, self.plan, finalists, progress)
        return {"budgets": list(self.plan.budgets), "curves": [one.to_json() for one in found]}

    def _front(self, ledger: Ledger, points: Mapping[int, Point]) -> tuple[Mapping[str, object], ...]:
        """Where there are several objectives, the candidates that no other is better than in all of them."""
        if len(self.plan.objectives) == 1:
            return ()
        best = [ledger.entries[place] for place in front(points)]
        names = [goal.name for goal in self.plan.objectives]
        return tuple(
            {"number": one.proposal.number, "line": one.line, **{name: one.numbers.get(name) for name in names}}
            for one in best
        )


def _asked(space: Space, scale: Scaled, data: Dataset, plan: Plan, command: Sequence[str]) -> Asked:
    """What a run is begun with, and must be gone on with."""
    scales = {"full": scale.full, "scored_at": scale.cheap, "looked_at": scale.deep}
    return Asked(
        space.name,
        space.module.source.text,
        space.text_hash,
        {name: {key: text(value) for key, value in one.settings.items()} for name, one in scales.items()},
        data.name,
        fingerprint(data),
        plan.asked(),
        plan.seed,
        tuple(command),
        plan.metric(data.task.metric),
    )
