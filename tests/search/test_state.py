"""What is told of a run that another process writes is true at any moment of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from ghndsl.search.state import RunState, state_of
from ghndsl.search.store import Asked, Proposal, Result, Rung, Store

ASKED = Asked("s", "text", "h", {}, "digits", "f", {"candidates": 9, "finalists": 2, "controls": 3, "seeds": 2}, 0)
WORST = -1e30


def measured(store: Store, told: tuple[float, ...], measures: Mapping[str, float | None]) -> None:
    """One more candidate."""
    number = store.summary().proposed
    (kept,) = store.propose([Proposal(f"k={number}", number, str(number))])
    store.finish(kept.place, Result(told, measures))


LEADERS = {
    "told": ([((0.2,), {"score": 9.0}), ((0.4,), {})], ("k=1", 0.4, None)),
    "told, not yet": ([((), {"untrained_accuracy": 0.9}), ((0.4,), {"untrained_accuracy": 0.1})], ("k=1", 0.4, None)),
    "scored": ([((), {"score": 0.1}), ((), {"score": 0.3})], ("k=1", 0.3, "score")),
    "looked at": ([((), {"untrained_accuracy": 0.6}), ((), {"untrained_accuracy": 0.5})],
                  ("k=0", 0.6, "untrained_accuracy")),
    "no number": ([((), {"untrained_accuracy": WORST})], (None, None, None)),
    "not comparable": ([((), {"synflow": 5.0})], (None, None, None)),
    "nothing": ([], (None, None, None)),
}  # fmt: skip


@pytest.mark.parametrize(("candidates", "leader"), LEADERS.values(), ids=LEADERS)
def test_who_leads_is_known_by_what_there_is(
    candidates: list[tuple[tuple[float, ...], dict[str, float | None]]],
    leader: tuple[str | None, float | None, str | None],
    tmp_path: Path,
) -> None:
    with Store.begin(tmp_path / "run", ASKED) as store:
        for told, measures in candidates:
            measured(store, told, measures)
    found = state_of(tmp_path / "run")
    assert (found.best, found.value, found.metric) == leader


def totals(found: RunState) -> tuple[int, int, float | None]:
    return found.candidates, found.trainings, found.left


def test_totals_are_what_there_was_when_all_are_scored(tmp_path: Path) -> None:
    """The space holds fewer than were asked for."""
    with Store.begin(tmp_path / "run", ASKED) as store:
        for _ in range(3):
            measured(store, (0.5,), {"early": 0.5})
        assert totals(state_of(tmp_path / "run"))[:2] == (9, 10)
        store.add_measures([(place, {"score": 0.5}) for place in (1, 2, 3)])
        assert totals(state_of(tmp_path / "run")) == (3, 6, None)


def test_what_failed_was_not_trained(tmp_path: Path) -> None:
    with Store.begin(tmp_path / "run", ASKED) as store:
        for _ in range(3):
            measured(store, (0.5,), {"early": 0.5})
        for place, state in ((1, "done"), (2, "failed"), (3, "failed")):
            store.rung(Rung(place, "full", 0, state))
    found = state_of(tmp_path / "run")
    assert (found.trained, found.trainings_failed) == (1, 2)
    assert [one.done for one in found.stages if one.name == "train"] == [3], "all are over"


def test_neither_rate_nor_seconds_count_what_was_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three sessions: a killed one with results until the second 4, one that ends at 110 after a training, and one
    with results each second."""
    clock = [0.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    with Store.begin(tmp_path / "run", ASKED) as store:
        for clock[0] in (2.0, 4.0):
            measured(store, (0.5,), {})
        clock[0] = 50.0
    clock[0] = 100.0
    with Store.resume(tmp_path / "run", ASKED) as store:
        assert store.run().seconds == 4
        clock[0] = 107.0
        store.rung(Rung(1, "full", 0, "done", {}, 0.5, 1.0))
    clock[0] = 200.0
    with Store.resume(tmp_path / "run", ASKED) as store:
        assert store.run().seconds == 4 + 7
        clock[0] = 210.0
        store.end("interrupted")
    clock[0] = 1000.0
    with Store.resume(tmp_path / "run", ASKED) as store:
        assert store.run().seconds == 4 + 7 + 10
        clock[0] = 1005.0
        measured(store, (0.5,), {})
        assert state_of(tmp_path / "run").rate is None
        for clock[0] in (1006.0, 1007.0):
            measured(store, (0.5,), {})
        found = state_of(tmp_path / "run")
        assert (found.rate, found.left) == (1.0, 4.0)
        store.add_measures([(place, {"score": 0.5}) for place in range(1, 6)])
        assert state_of(tmp_path / "run").rate is None, "nothing is scored any more"
