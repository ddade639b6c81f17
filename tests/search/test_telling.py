"""What a search tells of its stages is seen by others at once, costs nothing, and dies with the session."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from threading import Event

import commanding
import pytest
from commanding import ask, call
from seeking import SPACE, begun, end, few_images, kept, other, results, seek

import ghndsl
from ghndsl.data import load
from ghndsl.search import telling
from ghndsl.search.folder import RunFolder
from ghndsl.search.planned import planned
from ghndsl.search.state import RunState, state_of
from ghndsl.search.store import Asked, Proposal, Result, Rung, Store
from ghndsl.search.telling import Board, Telling, looked_at, told
from ghndsl.search.titles import TITLES
from ghndsl.search.training import Full, passes_of
from ghndsl.stages import Stage
from ghndsl.training import Settings
from ghndsl.training.progress import Progress, Watch, silent, unwatched

ASKED = Asked("s", "text", "h", {}, "digits", "f", {"candidates": 9, "short": 4, "finalists": 2, "seeds": 2}, 0)
STAGES = [
    Stage("train_ghn", TITLES["train_ghn"], total=100),
    Stage("score", TITLES["score"], total=9),
    Stage("score_early", "Scoring the best by early", total=2),
    Stage("short", TITLES["short"], total=4),
    Stage("train", TITLES["train"], total=4),
]


def numbers(state: RunState) -> dict[str, tuple[int, int]]:
    return {one.name: (one.done, one.total) for one in state.stages}


def under_way(stages: Sequence[Stage]) -> list[str]:
    return [one.name for one in stages if one.is_under_way]


@pytest.mark.parametrize(
    ("scorer", "changes", "names"),
    [
        ("early", {}, {"score": 20, "train": 3}),
        ("tuned+synflow>early", {"short": 4}, {"train_ghn": 2, "score": 20, "score_early": 5, "short": 4, "train": 3}),
        ("one_shot+smash", {"seeds": 2}, {"smash": 2, "one_shot": 8, "score": 20, "train": 6}),
    ],
)
def test_the_stages_are_those_that_a_plan_has(scorer: str, changes: dict[str, object], names: dict[str, int]) -> None:
    assert {one.name: one.total for one in planned(other(scorer=scorer, **changes))} == names


def scored(store: Store, count: int, *measures: str) -> None:
    for number in range(count):
        (place,) = store.propose([Proposal(f"k={number}", number, str(number))])
        store.finish(place.place, Result((0.5,), dict.fromkeys(measures, 0.5)))


def test_each_stage_is_told_of_as_it_goes_on(tmp_path: Path) -> None:
    """What is not begun is 0 of so many, and what is kept of it counts though it is not told of yet."""
    folder = tmp_path / "run"
    with Store.begin(folder, ASKED) as store:
        board = Board(RunFolder(folder).progress, store.run().begun, STAGES, unwatched)
        progress = board.watch(TITLES["train_ghn"])
        assert under_way(state_of(folder).stages) == ["train_ghn"]
        progress(0, 100, "loss 2.1")
        found = state_of(folder)
        assert numbers(found) == {
            "train_ghn": (0, 100), "score": (0, 9), "score_early": (0, 2), "short": (0, 4), "train": (0, 4),
        }  # fmt: skip
        assert found.stages[0].text == "loss 2.1"
        progress(100, 100, "loss 0.9")
        assert under_way(state_of(folder).stages) == []
        board.watch(TITLES["score"])
        scored(store, 3, "early")
        found = state_of(folder)
        assert (numbers(found)["score"], numbers(found)["score_early"]) == ((3, 9), (3, 3))
        assert under_way(found.stages) == ["score"]
        # The space holds no more.
        board.watch(TITLES["score"])(3, 3, "")
        board.watch(TITLES["train"])(1, 4, "")
        found = state_of(folder)
        assert (found.candidates, found.left, numbers(found)["score"]) == (3, None, (3, 3))
        assert under_way(found.stages) == ["train"]


def trained(folder: Path, session: float, done: int) -> None:
    path = RunFolder(folder).finalists / f"17.1{RunFolder.PROGRESS}"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    Telling(path, Stage("17.1", "17"), session)(done, 600, "loss 0.5")


def test_what_a_session_left_is_none_of_the_next_one(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Store.begin(folder, ASKED) as store:
        first = store.run().begun
        board = Board(RunFolder(folder).progress, first, STAGES, unwatched)
        board.watch(TITLES["train_ghn"])(77, 100, "loss 0.5")
        assert numbers(state_of(folder))["train_ghn"] == (77, 100)
        board.watch(TITLES["train"])
        trained(folder, first, 300)
        (part,) = state_of(folder).stages[-1].parts
        assert (part.title, part.done, part.total) == ("17", 300, 600)
        assert state_of(folder).stages[-1].share == 0.5 / 4
    killed = state_of(folder)
    assert (killed.status, under_way(killed.stages), killed.stages[-1].parts) == ("stopped", [], ())
    assert numbers(killed)["train_ghn"] == (0, 100), "nothing of it is kept"
    with Store.resume(folder, ASKED) as store:
        assert (under_way(state_of(folder).stages), state_of(folder).stages[-1].parts) == ([], ())
        scored(store, 9, "score")
        store.rung(Rung(1, "full", 0, "done", {}, 0.5, 1.0))
        Board(RunFolder(folder).progress, store.run().begun, STAGES, unwatched).watch(TITLES["train"])
        found = state_of(folder)
        assert (found.stages[-1].parts, numbers(found)["train"]) == ((), (1, 4))
        assert numbers(found)["train_ghn"] == (100, 100), "it was over before candidates were proposed"
        trained(folder, store.run().begun, 301)
        assert [part.done for part in state_of(folder).stages[-1].parts] == [301]
        store.end("interrupted")
        assert state_of(folder).stages[-1].parts == ()


@pytest.mark.parametrize(
    "content",
    [None, b"", b"[]", b"{}", b"\xff", b'{"session": 1, "stages": 7}', b'{"session": 1, "stages": [{"name": "a"}]}',
     b'{"session": 1, "stages": [{"name": "", "title": "", "done": Infinity, "total": 1}]}', b"[" * 99_999],
)  # fmt: skip
def test_a_run_that_tells_nothing_is_known_by_what_it_keeps(content: bytes | None, tmp_path: Path) -> None:
    with Store.begin(tmp_path / "run", ASKED) as store:
        scored(store, 2, "early")
        if content is not None:
            RunFolder(store.folder).progress.write_bytes(content)
        assert told(RunFolder(store.folder).progress) is None
        assert numbers(state_of(store.folder)) == {"score": (2, 9), "short": (0, 4), "train": (0, 4)}


def test_it_is_written_at_once_or_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, written = [100.0], list[bytes]()
    monkeypatch.setattr(telling, "monotonic", lambda: clock[0])
    monkeypatch.setattr(telling, "write_atomically", lambda _path, content, lasting: written.append(content))
    heard: list[int] = []
    watch: Watch = lambda _title: lambda step, _total, _text: heard.append(step)  # noqa: E731
    progress = Board(tmp_path / "p", 0.0, STAGES, watch).watch(TITLES["train_ghn"])
    for step in range(1, 10):
        progress(step, 2000, "")
        assert b'"done": %d,' % step in written[-1]
    for step in range(10, 1000):
        progress(step, 2000, "")
        clock[0] += 0.1
    assert len(written) == pytest.approx(20 + 100, abs=2)
    progress(2000, 2000, "")
    assert b'"done": 2000' in written[-1], "the last one always is"
    assert heard == [*range(1, 1000), 2000]


def test_what_was_not_written_at_once_is_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are quick at first, and then one is slow."""
    is_told, write = Event(), telling.write_atomically

    def heard(path: Path, content: bytes, *, lasting: bool) -> None:
        write(path, content, lasting=lasting)
        if b'"done": 100' in content:
            is_told.set()

    monkeypatch.setattr(telling, "_SELDOM", 0.5)
    monkeypatch.setattr(telling, "write_atomically", heard)
    progress = Board(tmp_path / "p", 0.0, STAGES, unwatched).watch(TITLES["train_ghn"])
    for step in range(1, 101):
        progress(step, 101, "")
    assert is_told.wait(30)
    found = told(tmp_path / "p")
    assert found is not None
    assert under_way(found.stages) == ["train_ghn"]


def test_what_cannot_be_told_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "progress.json").mkdir()
    Board(tmp_path / "progress.json", 0.0, STAGES, unwatched).watch(TITLES["score"])(1, 9, "")
    Telling(tmp_path / "nowhere" / "p", Stage("", ""))(1, 9, "")


def test_a_stage_of_no_plan_is_watched_and_not_told(tmp_path: Path) -> None:
    board = Board(tmp_path / "p", 0.0, STAGES, lambda _title: silent)
    before = (tmp_path / "p").read_bytes()
    board.watch("Drawing candidates")(1, 1, "")
    assert (tmp_path / "p").read_bytes() == before


def test_processes_that_train_together_tell_of_it(tmp_path: Path) -> None:
    space, plan = ghndsl.loads_space(SPACE), other(final=Settings(epochs=2, batch_size=64))
    line = str(space.candidate(0))
    Full(space, load("digits", None, 0).few(200), plan, tmp_path, processes=2, session=3.0)(line, 0)
    found = told(passes_of(tmp_path, 0, 0))
    assert found is not None
    assert (found.session, [(one.title, one.done, one.total) for one in found.stages]) == (3.0, [("0", 2, 2)])


def once(begun_: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Looks until something has begun, and holds the search and its workers still."""
    while not begun_():
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail("the search ended before")
    os.killpg(process.pid, signal.SIGSTOP)


def stage(folder: Path, name: str) -> Stage | None:
    found = looked_at(RunFolder(folder))
    return None if found is None else next(one for one in found.stages if one.name == name)


def hypernetwork_learns(folder: Path) -> bool:
    one = stage(folder, "train_ghn")
    return one is not None and one.rate is not None and one.done < one.total


def last_rung_trains(folder: Path) -> bool:
    one = stage(folder, "train")
    return one is not None and any(part.rate is not None and part.done < part.total for part in one.parts)


WORDS = (
    "search", "few.nas", "--data", "few.npz", "-o", "run", "--ghn-steps", "80", "--rungs", "8,2,1", "--controls", "0",
    "--scorer", "ghn", "--short-steps", "2", "--epochs", "200", "--workers", "1",
)  # fmt: skip


def asked(folder: Path) -> tuple[str, list[Stage], list[float | None]]:
    """The status that `watch --json` tells, the stages, and the seconds left of each."""
    found = ask(folder, "watch", "run")
    rows = found["stages"]
    assert isinstance(rows, list)
    left = [row["left"] for row in rows if isinstance(row, dict)]
    return (
        str(found["status"]),
        [*map(Stage.from_json, rows)],
        [one if isinstance(one, float) else None for one in left],
    )


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be held still here")
def test_each_stage_is_watched_from_another_process(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (tmp_path / "few.nas").write_text(SPACE, encoding="utf-8")
    few_images(tmp_path)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with (
        (tmp_path / "said").open("w+", encoding="utf-8") as said,
        subprocess.Popen(
            [commanding.COMMAND, *WORDS], cwd=tmp_path, stderr=said, env=environment, text=True, start_new_session=True
        ) as process,
    ):
        try:
            once(lambda: hypernetwork_learns(folder), process)
            shown = call(tmp_path, "watch", "run", "--once").stdout.splitlines()
            status, learning, _ = asked(tmp_path)
            os.killpg(process.pid, signal.SIGCONT)
            once(lambda: last_rung_trains(folder), process)
            later, training, left = asked(tmp_path)
            with subprocess.Popen(
                [commanding.COMMAND, "watch", "run"], cwd=tmp_path, stdout=PIPE, stderr=PIPE, env=environment, text=True
            ) as watching:
                assert watching.stderr is not None
                seen = watching.stderr.readline()
                os.killpg(process.pid, signal.SIGCONT)
                assert process.wait(300) == 0
                ended, more = watching.communicate(timeout=300)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        said.seek(0)
        lines = said.read().splitlines()
    assert status == later == "running"
    assert under_way(learning) == ["train_ghn"]
    assert 0 < learning[0].done < learning[0].total == 80
    assert [(one.name, one.done, one.total) for one in learning[1:]] == [
        ("score", 0, 8), ("short", 0, 2), ("train", 0, 1),
    ]  # fmt: skip
    assert [line for line in shown if line.startswith("> Training the hypernetwork: ")]
    assert "  Training the best from scratch: 0 of 1" in shown
    assert under_way(training) == ["train"]
    assert [one.done for one in training] == [80, 8, 2, 0]
    (part,) = training[-1].parts
    assert 0 < part.done < part.total == 200
    assert part.rate is not None
    assert left[:-1] == [None] * 3
    assert left[-1] == training[-1].left is not None
    for title in [TITLES[name] for name in ("train_ghn", "train")]:
        mine = [line for line in lines if line.startswith(title)]
        assert any(re.search(r": \d+ of \d+, [\d.,]+/(s|min|h), [\d:]+ left", line) for line in mine), lines
        assert len(mine) <= 12, "about one for each tenth"
    assert any(re.search(r"; \d+: \d+ of 200, .* left, loss", line) for line in lines)
    assert watching.returncode == 0
    assert seen.startswith("Training the hypernetwork: 80 of 80")
    assert "Training the best from scratch: 1 of 1" in more
    assert ended.startswith("run: few on few.npz, done; 8 of 8 scored, 1 of 1 trained\n")
    assert not call(tmp_path, "watch", "run").stderr


def test_a_killed_training_is_gone_on_with_and_told_of_once(tmp_path: Path) -> None:
    plan = other(candidates=4, batch=2, finalists=1, controls=0, final=Settings(epochs=200, batch_size=64))
    seek(tmp_path / "undisturbed", plan=plan)
    folder = tmp_path / "run"
    process = begun(folder, plan=plan)
    while not last_rung_trains(folder):
        process.join(0.05)
        assert process.is_alive(), "the search ended before"
    end(process)
    left = [*(folder / "trained").glob(f"*{RunFolder.PROGRESS}")]
    killed = state_of(folder)
    assert left
    assert (killed.status, under_way(killed.stages)) == ("stopped", [])
    assert {(one.parts, one.rate) for one in killed.stages} == {((), None)}
    states: list[RunState] = []

    def watch(title: str) -> Progress:
        return lambda _step, _total, _text: states.append(state_of(folder)) if title == TITLES["train"] else None

    seek(folder, resume=True, plan=plan, watch=watch)
    first = states[0]
    assert (first.stages[-1].done, first.stages[-1].parts) == (killed.trained, ())
    assert under_way(first.stages) == ["train"]
    assert [one.stages[-1].done for one in states] == [*range(killed.trained, 2)]
    assert kept(folder) == kept(tmp_path / "undisturbed")
    assert results(folder) == results(tmp_path / "undisturbed")
    assert not [*(folder / "trained").glob(f"*{RunFolder.PROGRESS}")]
    assert [(one.done, one.total) for one in state_of(folder).stages] == [(4, 4), (1, 1)]
