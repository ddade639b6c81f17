"""Proposals and what they came to go in; they are kept in the run before they count, and are known again on resume."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.passes import simplify
from ghndsl.search.correlation import WORST
from ghndsl.search.engines import Failure, Outcome
from ghndsl.search.engines.work import Caught
from ghndsl.search.scorers import Measured
from ghndsl.search.store import Proposal, Result, State, Store, Stored
from ghndsl.space import Candidate, Space

_OF_THE_MACHINE = ("G007", "G607")
"""The errors that are no fault of a candidate."""


@dataclass(frozen=True)
class Entry:
    """A proposal: its place, counted from 1, what building it told, and what was measured; `same_as` is the place of
    the first of the same architecture, which is measured in its stead."""

    place: int
    candidate: Candidate
    proposal: Proposal
    same_as: int | None = None
    state: State = "proposed"
    measured: Measured = field(default_factory=dict[str, float])

    @property
    def line(self) -> str:
        """The candidate's line."""
        return self.proposal.line

    @property
    def numbers(self) -> dict[str, float | None]:
        """All numbers that are known of it, by name."""
        one = self.proposal
        return {**self.measured, "params": one.params, "macs": one.macs, "memory": one.memory}


class Ledger:
    """The candidates of a run in the order of proposals; a run that is gone on with proposes the same ones again."""

    def __init__(self, store: Store, full: Space) -> None:
        self._store = store
        self._full = full
        self._stored = deque(store.candidates())
        self.entries: dict[int, Entry] = {}
        self.finished = 0
        """How many were measured, or failed."""

    def propose(self, candidate: Candidate) -> Entry:
        """The entry of a candidate that was proposed next: the one that the run holds in this place, or a new one.

        Errors: G602 when the run holds another one there.
        """
        if not self._stored:
            entry = self._new(candidate)
        else:
            entry = self._again(self._stored.popleft(), candidate)
            self.finished += entry.state in ("done", "failed")
        self.entries[entry.place] = entry
        return entry

    def first(self, entry: Entry) -> Entry:
        """The entry that is measured for one."""
        return self.entries[entry.same_as or entry.place]

    def done(self) -> list[Entry]:
        """Those that were measured, in their order."""
        return [entry for entry in self.entries.values() if entry.state == "done"]

    def finish(self, entry: Entry, measured: Measured, values: tuple[float, ...], spent: Outcome[object]) -> Entry:
        """Keeps what a candidate came to: what was measured, and what an algorithm is told."""
        return self._keep(entry, spent, Result(values, measured))

    def fail(self, entry: Entry, failure: Failure, spent: Outcome[object] | None) -> Entry:
        """Keeps why a candidate has no value; nothing is spent on one that no worker had."""
        return self._keep(entry, spent, Result(None, {}, reason(self._store, entry.place, failure)))

    def add(self, found: Iterable[tuple[int, Measured]]) -> None:
        """Keeps what was measured later, all of it together."""
        pairs = [*found]
        self._store.add_measures(pairs)
        for place, measured in pairs:
            entry = self.entries[place]
            self.entries[place] = replace(entry, measured={**entry.measured, **measured})

    def _keep(self, entry: Entry, spent: Outcome[object] | None, result: Result) -> Entry:
        whole = (result if spent is None else _with_cost(result, spent)).settled()
        self._store.finish(entry.place, whole)
        state: State = "failed" if whole.values is None else "done"
        done = replace(entry, state=state, measured=_known(whole.measures))
        self.entries[entry.place] = done
        self.finished += 1
        return done

    def _again(self, stored: Stored, candidate: Candidate) -> Entry:
        if stored.line != str(candidate):
            message = f"{self._store.folder} cannot be gone on with: other candidates are proposed now than then"
            note = f"candidate {stored.place}: `{stored.line}` then, `{candidate}` now"
            help_ = "another version began it, or measured times were part of it; begin anew in another folder"
            raise CompileError(Diagnostic("G602", message, notes=(note,), help=help_))
        if stored.identity is None and stored.state == "proposed":
            # It could not be built, and the run was killed before that was kept.
            _, failure = self._built(candidate)
            return self._unfit(stored.place, candidate, failure)
        told = Proposal(stored.line, stored.number, stored.identity, stored.params, stored.macs, stored.memory)
        return Entry(stored.place, candidate, told, stored.same_as, stored.state, _known(stored.measures))

    def _new(self, candidate: Candidate) -> Entry:
        built, failure = self._built(candidate)
        (kept,) = self._store.propose([built])
        if failure is not None:
            return self._unfit(kept.place, candidate, failure)
        return Entry(kept.place, candidate, built, kept.same_as, "proposed" if kept.same_as is None else "repeat")

    def _built(self, candidate: Candidate) -> tuple[Proposal, Failure | None]:
        """What building a candidate tells, or why it cannot be built."""
        line, number, caught = str(candidate), self._full.number(candidate), Caught()
        found = Proposal(line, number)
        with caught:
            graph = self._full.build(candidate)
            found = Proposal(line, number, simplify(graph).id, graph.params, graph.macs, graph.memory)
        return found, caught.failure

    def _unfit(self, place: int, candidate: Candidate, failure: Failure | None) -> Entry:
        """The entry of a candidate that is no network."""
        why = failure or Failure("error", "it was not built")
        line, number = str(candidate), self._full.number(candidate)
        return self.fail(Entry(place, candidate, Proposal(line, number)), why, None)


def reason(store: Store, place: int, failure: Failure) -> str:
    """Why something failed that was done with a candidate, in one line; an event keeps all of it, with the traceback
    where there is one.

    Raises what is no fault of the candidate: a full disk (G007), or another process that trained with it and ended
    (G607); what is done again is no failure then.
    """
    error = failure.raised
    if isinstance(error, CompileError) and error.diagnostics[0].code in _OF_THE_MACHINE:
        raise error
    line = f"{failure.kind}: {failure.message}"
    store.event("failed", f"{place}: {failure.text or line}")
    return line


def _with_cost(result: Result, spent: Outcome[object]) -> Result:
    took = replace(result, seconds=spent.seconds, cpu_seconds=spent.cpu_seconds)
    return replace(took, worker=f"worker {spent.worker}", attempts=spent.attempts)


def _known(measures: Mapping[str, float | None]) -> dict[str, float]:
    return {name: WORST if value is None else value for name, value in measures.items()}
