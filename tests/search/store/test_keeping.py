"""What is kept of a run is read as it was, and no architecture is kept twice."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl.search.store import Asked, Proposal, Result, Rung, Store, runs_in

INTEGERS = st.integers() | st.integers(-(2**70), 2**70) | st.just(1 << 99_999)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PROPOSALS = st.builds(
    Proposal,
    TEXTS,
    INTEGERS,
    st.none(),
    st.none() | INTEGERS,
    st.none() | INTEGERS,
    st.none() | INTEGERS,
)
RESULTS = st.builds(
    Result,
    st.none() | st.lists(NUMBERS, max_size=3).map(tuple),
    st.dictionaries(TEXTS, st.none() | NUMBERS, max_size=3),
    st.none() | TEXTS,
    st.none() | st.floats(0, 1e9),
    st.none() | st.floats(0, 1e9),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    asked = Asked("s", "text", "h", {}, "digits", "f", {}, 2**90)
    with tempfile.TemporaryDirectory() as parent, Store.begin(Path(parent) / "run", asked) as begun:
        yield begun


@settings(max_examples=50)
@given(kept=st.lists(st.tuples(PROPOSALS, RESULTS), max_size=4))
def test_what_is_kept_is_read_as_it_was(shared: Store, kept: list[tuple[Proposal, Result]]) -> None:
    last = shared.summary().proposed
    places = [one.place for one in shared.propose([proposal for proposal, _ in kept])]
    told = [shared.finish(place, result) for place, (_, result) in zip(places, kept, strict=True)]
    rows = shared.candidates(after=last)
    built = [Proposal(one.line, one.number, one.identity, one.params, one.macs, one.memory) for one in rows]
    results = [Result(one.values, one.measures, one.error, one.seconds, one.cpu_seconds) for one in rows]
    assert (built, results) == ([one for one, _ in kept], [one for _, one in kept])
    assert told == [one.values for one in rows]
    assert places == [one.place for one in rows] == list(range(last + 1, last + 1 + len(kept)))


STRANGE: Mapping[str, tuple[Result, str | None]] = {
    "diverged": (Result((0.5, math.nan), {"loss": math.nan}), "its values are 0.5, nan"),
    "infinite": (Result((-math.inf,)), "its values are -inf"),
    "raised": (Result(None, error="ValueError: caf\udce9"), "ValueError: caf\\udce9"),
    "only a measure": (Result((1.0,), {"loss": math.inf}), None),
}


@pytest.mark.parametrize(("result", "error"), STRANGE.values(), ids=STRANGE)
def test_numbers_that_are_none_are_kept_as_failures(store: Store, result: Result, error: str | None) -> None:
    (kept,) = store.propose([Proposal("a=1", 1)])
    values = store.finish(kept.place, result)
    (row,) = store.candidates()
    assert (row.state, row.error, row.values) == ("failed" if error else "done", error, None if error else values)
    assert all(value is None for value in row.measures.values())


def test_an_architecture_is_kept_once(store: Store) -> None:
    numbers = enumerate("xyx", 1)
    first, second, third = store.propose([Proposal(f"a={number}", number, name) for number, name in numbers])
    assert (first.same_as, second.same_as, third.same_as) == (None, None, first.place)
    assert [(one.state, one.same_as) for one in store.candidates()] == [("proposed", None)] * 2 + [("repeat", 1)]
    assert store.finish(first.place, Result((0.5,))) == (0.5,)
    assert [store.finish(place, Result((9.0,))) for place in (1, 2, 3)] == [(0.5,), (9.0,), (0.5,)]
    assert [one.values for one in store.candidates()] == [(0.5,), (9.0,), None], "the first result counts"
    (again,) = store.propose([Proposal("a=1", 1, "x")])
    assert again.same_as == first.place
    assert store.finish(again.place, Result(None)) == (0.5,)
    summary = store.summary()
    assert (summary.queries, summary.repeats, summary.waiting, summary.proposed) == (2, 2, 0, 4)
    with pytest.raises(ValueError, match="nothing was proposed at 9"):
        store.finish(9, Result(None))


def test_a_run_is_summed_up(store: Store) -> None:
    places = [one.place for one in store.propose([Proposal(f"a={number}", number) for number in range(5)])]
    for place, score in zip(places[:4], (0.1, 0.3, 0.3, None), strict=True):
        values = None if score is None else (score,)
        store.finish(place, Result(values, {"score": score, 'a"b': 1.0}, seconds=2.0, worker="worker 7", attempts=2))
    found = store.summary()
    assert (found.done, found.failed, found.waiting, found.attempts, found.seconds) == (3, 1, 1, 8, 8.0)
    assert [one.place for one in store.best("score", 5)] == [2, 3, 1]
    assert [one.place for one in store.best("score", is_least=True)] == [1]
    assert [one.place for one in store.best('a"b', 2)] == [1, 2]
    (waiting,) = store.candidates(state="proposed")
    assert (waiting.worker, waiting.attempts) == (None, 0)
    assert {(one.worker, one.attempts) for one in store.candidates(state="done")} == {("worker 7", 2)}
    assert [one.place for one in store.candidates(after=3)] == [4, 5]


def test_what_is_measured_later_is_added(store: Store) -> None:
    store.propose([Proposal("a=1", 1), Proposal("a=2", 2)])
    for place in (1, 2):
        store.finish(place, Result((0.5,), {"score": 0.1 + 0.2, "loss": 1.0}))
    store.add_measures([(1, {"early": -1.5, "loss": 2.0}), (2, {"early": math.nan})])
    assert [one.measures for one in store.candidates()] == [
        {"score": 0.1 + 0.2, "loss": 2.0, "early": -1.5},
        {"score": 0.1 + 0.2, "loss": 1.0, "early": None},
    ]


def test_trainings_and_events_are_kept(store: Store) -> None:
    store.propose([Proposal("a=1", 1)])
    failed = Rung(1, "full", 2**64 - 1, "failed", {"epochs": 600}, error="memory: MemoryError")
    done = replace(failed, state="done", accuracy=0.1 + 0.2, loss=math.nan, steps=10, file="trained/1", error=None)
    store.rung(failed)
    store.rung(replace(failed, rung="short"))
    store.rung(done)
    assert store.rungs() == [replace(done, loss=None), replace(failed, rung="short")]
    store.event("best", "score 0.5")
    store.event("lost", "a worker")
    assert [(one.kind, one.text) for one in store.events(after=1)] == [("lost", "a worker")]


def test_how_a_run_ended_is_known(folder: Path, asked: Asked) -> None:
    with Store.begin(folder, asked) as store:
        assert (store.run().status, store.is_written) == ("running", True)
    with Store.read(folder) as run:
        assert (run.run().status, run.run().ended, run.is_written) == ("stopped", None, False)
    with Store.resume(folder, asked) as store:
        store.end("done")
    with Store.read(folder) as run:
        found = run.run()
        assert (found.status, found.asked) == ("done", asked)
        assert found.ended is not None
        assert [one.kind for one in run.events()] == ["resumed"]
    assert runs_in(folder.parent) == runs_in(folder) == [folder]
