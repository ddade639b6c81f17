"""Engines: each item has one outcome, whatever happens to its worker, and nothing is left running."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event, Thread

import pytest
import working

from ghndsl.diagnostics import CompileError
from ghndsl.search.crew import Crew
from ghndsl.search.engines import Engine, Failure, Here, Local, Outcome, engine, names
from ghndsl.search.engines.process import interrupts_held

_MEMORY = 1 << 30
_PATIENCE = 30


def outcomes(worked: Engine[object, object], items: Sequence[object]) -> dict[int, Outcome[object]]:
    """The outcome of each item by its place among them; each comes once."""
    with closing(worked):
        for key, item in enumerate(items):
            worked.submit(key, item)
        found = [worked.next() for _ in items]
        with pytest.raises(ValueError, match="no item is in work"):
            worked.next()
    assert sorted(outcome.key for outcome in found) == [*range(len(items))]
    return {outcome.key: outcome for outcome in found}


DEEDS = (
    ("well", None, "", 1),
    ("raises", "error", "ValueError: too wide", 1),
    ("fills", "memory", "MemoryError", None),
    ("exits", "crash", "its process ended with exit code 3", 2),
    ("faults", "crash", "its process was ended by SIGSEGV", 2),
    ("gives what cannot be sent", "error", "what was found cannot be sent", 1),
    ("well", None, "", 1),
)


def test_a_cluster_has_no_number_of_workers() -> None:
    with pytest.raises(CompileError, match="no number of workers"), Crew(2, "ray").ready():
        pass


def test_whatever_a_task_does_the_others_go_on() -> None:
    names = [name for name, *_ in DEEDS]
    found = outcomes(Local[object, object](working.deed, 2, memory=_MEMORY), names)
    for (name, kind, message, attempts), outcome in zip(DEEDS, map(found.__getitem__, range(len(DEEDS))), strict=True):
        assert attempts in {outcome.attempts, None}, name
        if kind is None:
            assert (outcome.value, outcome.seconds > 0) == ("done", True)
            continue
        assert isinstance(outcome.value, Failure), name
        assert outcome.value.kind == kind, name
        assert message in outcome.value.message, name
        assert "\n" not in outcome.value.message
    assert "in _raise" in found[1].value.text
    assert isinstance(found[1].value.raised, ValueError)
    assert not multiprocessing.active_children()


def test_what_takes_too_long_is_ended() -> None:
    found = outcomes(Local[object, object](working.deed, 1, seconds=0.3), ["is endless", "well"])
    assert found[0].value == Failure("time", "it took longer than 0.3 s")
    assert (found[0].attempts, found[1].value) == (1, "done")
    assert 0.3 <= found[0].seconds < _PATIENCE


@pytest.mark.parametrize(("name", "kind"), [("is killed", None), ("breaks its GPU", None), ("torch is full", "memory")])
def test_an_item_is_tried_once_more(name: str, kind: str | None, tmp_path: Path) -> None:
    """Of a worker that ends or has lost its GPU, and of one that has no memory left, if it did something before."""
    first = outcomes(Local[object, object](working.Once(tmp_path, name), 1), [3])[0]
    assert (first.value.kind if isinstance(first.value, Failure) else None) == kind
    assert first.attempts == (2 if kind is None else 1)
    (tmp_path / "3").unlink()
    (tmp_path / "4").touch()
    again = outcomes(Local[object, object](working.Once(tmp_path, name), 1), [4, 3])
    assert [(again[key].value, again[key].attempts) for key in (0, 1)] == [(16, 1), (9, 2)]


@pytest.mark.parametrize("make", [Here, *(lambda task, n=n: Local(task, n) for n in (1, 2, 3))])
def test_outcomes_depend_on_no_number_of_workers(make: Callable[..., Engine[object, object]]) -> None:
    found = outcomes(make(working.squared), range(20))
    assert [found[key].value for key in range(20)] == [number * number for number in range(20)]
    assert {outcome.attempts for outcome in found.values()} == {1}


def test_workers_killed_at_ten_random_moments_change_nothing() -> None:
    rng, killed = random.Random(8), 0
    with closing(Local[int, int](working.squared, 2, attempts=11)) as worked:
        for key in range(4):
            worked.submit(key, key)
        found: dict[int, int | Failure] = {}
        while len(found) < 60:
            outcome = worked.next()
            assert outcome.key not in found
            found[outcome.key] = outcome.value
            if len(found) <= 56:
                worked.submit(len(found) + 3, len(found) + 3)
            if killed < 10 and rng.random() < 0.3:
                os.kill(rng.choice(worked.pids), signal.SIGKILL)
                killed += 1
    assert killed == 10
    assert found == {number: number * number for number in range(60)}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("moment", ["submitting", "starting", "busy"])
def test_no_worker_outlives_its_parent(moment: str, how: signal.Signals) -> None:
    """Ctrl-C goes to all processes of the terminal. Output ends when the last process that could write to it does."""
    command = [sys.executable, working.__file__, moment]
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as program,
        ExitStack() as undo,
    ):
        # Should it not end, the test fails: nobody waits for it.
        undo.callback(program.kill)
        assert program.stdout is not None
        assert program.stdout.readline() == f"{moment}\n"
        if how == signal.SIGKILL:
            program.kill()
        else:
            os.killpg(program.pid, how)
        said, wrong = program.communicate(timeout=_PATIENCE)
    if how == signal.SIGINT:
        assert said.splitlines()[-1] == "interrupted"
        assert (wrong, program.returncode) == ("", 0)


def test_no_item_is_given_to_a_process_that_lost_its_gpu() -> None:
    found = outcomes(Local[object, object](working.deed, 1), ["number", "breaks its GPU", "number", "number"])
    first, broken, *others = [found[key].value for key in range(4)]
    assert first not in others
    assert len({*others}) == 1
    assert isinstance(broken, Failure)
    message = "AcceleratorError: CUDA error: an illegal memory access was encountered"
    assert (broken.kind, broken.message, found[1].attempts) == ("crash", message, 2)
    assert "in _break_its_gpu" in broken.text


def test_closing_ends_what_would_never_end() -> None:
    worked = Local[object, object](working.deed, 2)
    for key, name in enumerate(["well", "is endless", "is endless", "well"]):
        worked.submit(key, name)
    worked.next()
    worked.close()
    worked.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    ("name", "told"), [("raises", "ValueError: too wide"), ("exits", "its process ended with exit code 3")]
)
def test_a_task_that_no_worker_can_begin_is_refused(name: str, told: str) -> None:
    with closing(Local[int, int](working.Unfit(name), 1)) as worked:
        worked.submit(0, 0)
        with pytest.raises(CompileError, match="G607") as refused:
            worked.next()
    assert told in str(refused.value)


def test_a_worker_has_one_thread_and_one_device() -> None:
    items = ["threads", *["device"] * 6]
    found = outcomes(Local[object, object](working.deed, 5, devices=("4", "7")), items)
    assert found[0].value == "1"
    assert all(found[key].value == ("4", "7")[found[key].worker] for key in range(1, 7))


def test_a_worker_loads_what_its_task_needs() -> None:
    """In a process of its own, as workers are copies of one that may have loaded more for others."""
    done = subprocess.run([sys.executable, working.__file__, "loaded"], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_key_is_in_work_once() -> None:
    for worked in (Here(working.squared), Local(working.squared, 1)):
        with closing(worked):
            worked.submit(5, 1)
            with pytest.raises(ValueError, match="item 5 is in work already"):
                worked.submit(5, 2)


def test_one_worker_that_need_not_be_isolated_is_this_process() -> None:
    for isolated, kind in ((True, Local), (False, Here)):
        with closing(engine("local", working.squared, 1, isolated=isolated)) as worked:
            assert isinstance(worked, kind)


def test_of_several_gpus_each_worker_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "gpus", lambda: ("0", "1"))
    found = outcomes(engine("local", working.deed, 1, has_gpus=True), ["device"])
    assert found[0].value == "0"


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("rai", {}, "there is no engine `rai`"),
        ("local", {"address": "auto"}, "has no address"),
        ("ray", {}, "needs the package Ray"),
    ],
)
def test_an_engine_that_cannot_be_used_is_refused(
    name: str, options: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(CompileError, match="G608") as refused:
        engine(name, working.squared, 1, **options)
    assert told in str(refused.value)


@pytest.mark.parametrize("others", [0, 1])
def test_an_interrupt_waits_whichever_thread_gets_it(others: int) -> None:
    """What begins in the background does not hear Ctrl-C, and tests may begin there."""
    before, over, held = signal.signal(signal.SIGINT, signal.default_int_handler), Event(), Event()

    def interrupted() -> None:
        with interrupts_held():
            os.kill(os.getpid(), signal.SIGINT)
            # Longer than Python takes to hear of it.
            assert not over.wait(0.1)
            held.set()

    threads = [Thread(target=over.wait, daemon=True) for _ in range(others)]
    try:
        for thread in threads:
            thread.start()
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
        over.set()
    assert held.is_set()
