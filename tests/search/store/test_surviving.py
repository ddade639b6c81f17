"""A run outlives what befalls its process and its disk, and one process writes it at a time."""

from __future__ import annotations

import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from refusing import refused

from ghndsl.search.store import Asked, Proposal, Result, Store, Stored, lock, runs_in
from ghndsl.search.store.schema import FILE, LOCK

WRITER = """
import os, sys
from pathlib import Path
from ghndsl.search.store import Asked, Proposal, Result, Store

def say(word, number):
    os.write(1, f"{word} {number}\\n".encode())

def write(folder, asked):
    with Store.resume(folder, asked) if folder.exists() else Store.begin(folder, asked) as store:
        say("writes", os.getpid())
        while True:
            (kept,) = store.propose([Proposal("op=conv " * 20, 2**70)])
            say("proposed", kept.place)
            store.finish(kept.place, Result((0.1 * kept.place,), {"score": 0.1}))
            say("finished", kept.place)

for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        write(Path(sys.argv[1]), Asked("s", "", "", {}, "digits", "f", {}, 0))
    os.waitpid(child, 0)
    say("ended", child)
"""


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that starts one that writes the run `run`, for each line; it ends when it is killed."""
    words = [sys.executable, "-c", WRITER, str(tmp_path / "run")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def said(starter: subprocess.Popen[str]) -> tuple[str, int]:
    assert starter.stdout is not None
    word, number = starter.stdout.readline().split()
    return word, int(number)


@contextmanager
def writer(starter: subprocess.Popen[str]) -> Generator[int]:
    """The number of another process that writes a run, and says what is kept."""
    assert starter.stdin is not None
    starter.stdin.write("again\n")
    starter.stdin.flush()
    word, process = said(starter)
    assert word == "writes"
    try:
        yield process
    finally:
        os.kill(process, signal.SIGKILL)


def test_what_was_kept_survives_kill(starter: subprocess.Popen[str], tmp_path: Path) -> None:
    rng = random.Random(0)
    folder, asked = tmp_path / "run", Asked("s", "", "", {}, "digits", "f", {}, 0)
    last, rows = {"proposed": 0, "finished": 0}, list[Stored]()
    for _ in range(10):
        with writer(starter):
            last.update(said(starter) for _ in range(rng.randrange(1, 60)))
        # What it said before it died is read too.
        last.update(iter(lambda: _while_it_wrote(starter), None))
        with Store.read(folder) as run:
            assert run.run().status == "stopped"
            rows = run.candidates()
        assert [one.place for one in rows] == list(range(1, len(rows) + 1))
        assert 0 <= len(rows) - last["proposed"] <= 1
        done = [one for one in rows if one.state == "done"]
        assert done[-1].place >= last["finished"]
        assert all(one.values == (0.1 * one.place,) for one in done)
        assert len(rows) - len(done) <= 10, "one in flight at each kill"
    with Store.resume(folder, asked) as store:
        assert store.propose([Proposal("a=1", 1)])[0].place == len(rows) + 1


def _while_it_wrote(starter: subprocess.Popen[str]) -> tuple[str, int] | None:
    word, number = said(starter)
    return None if word == "ended" else (word, number)


def test_a_second_process_is_refused_and_readers_are_not(starter: subprocess.Popen[str], tmp_path: Path) -> None:
    folder, asked = tmp_path / "run", Asked("s", "", "", {}, "digits", "f", {}, 0)
    with writer(starter) as process:
        assert f"process {process} on " in refused("G604", lambda: Store.resume(folder, asked))
        with Store.read(folder) as run:
            assert run.run().status == "running"
            with run.snapshot():
                before = run.summary()
                while said(starter)[1] < before.proposed + 3:
                    pass
                assert run.summary() == before
            assert run.summary().done > before.done
    while _while_it_wrote(starter):
        pass
    Store.resume(folder, asked).close()


FORKING = """
import os, sys
from pathlib import Path
from ghndsl.search.store import lock
path = Path(sys.argv[1])
first = lock.take(path)
asks, answers = os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(asks[1])
    os.write(answers[1], b"there")
    os.read(asks[0], 1)
    os._exit(0)
os.read(answers[0], 5)
lock.give_back(first)
lock.give_back(lock.take(path))
"""


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FORKING, str(tmp_path / LOCK)], check=True)


def test_what_another_only_looks_at_is_not_refused(tmp_path: Path) -> None:
    import fcntl

    path = tmp_path / LOCK
    path.touch()
    with path.open("rb") as looker:
        fcntl.flock(looker, fcntl.LOCK_SH)
        real, tries = fcntl.flock, iter([None, None])

        def flock(handle: int, kind: int) -> None:
            if kind == fcntl.LOCK_UN and next(tries, "gone") == "gone":
                real(looker, fcntl.LOCK_UN)
            real(handle, kind)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fcntl, "flock", flock)
            lock.give_back(lock.take(path))


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_it_is_said(
    number: int, folder: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(_handle: int, _kind: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", flock)
    assert "cannot be locked" in refused("G604", lambda: Store.begin(folder, asked))
    assert not folder.exists()


def test_a_full_disk_ends_with_one_error_and_loses_nothing(folder: Path, asked: Asked) -> None:
    with Store.begin(folder, asked) as store:
        places = store.propose([Proposal("a=1", number) for number in range(8)])
        store.finish(places[0].place, Result((0.5,)))
        store._connection.execute("PRAGMA max_page_count = 20")
        many = [Proposal("a=1 " * 1000, number) for number in range(50)]
        assert "the disk is full" in refused("G007", lambda: store.propose(many))
        large = Result((0.5,), {"m" * 300_000: 1.0})
        refused("G007", lambda: store.finish(places[1].place, large))
        with Store.read(folder) as run:
            assert [one.values for one in run.candidates()] == [(0.5,), *[None] * 7]
    with Store.resume(folder, asked) as store:
        assert store.summary().waiting == 7
        assert store.propose(many)[-1].place == 58
        assert store.finish(places[1].place, large) == (0.5,)


@contextmanager
def without_rights() -> Generator[Path]:
    """A folder of one's own, as a person without the rights of an administrator."""
    user = os.getuid()
    with tempfile.TemporaryDirectory() as parent:
        if user == 0:
            os.chown(parent, 65534, 65534)
            os.setresuid(65534, 65534, 0)
        try:
            yield Path(parent)
        finally:
            if user == 0:
                os.setresuid(0, 0, 0)


def test_a_folder_that_may_not_be_written_is_read(asked: Asked) -> None:
    with without_rights() as parent:
        folder = parent / "run"
        with Store.begin(folder, asked) as store:
            store.propose([Proposal("a=1", 1)])
        folder.chmod(0o555)
        for name in (FILE, LOCK):
            (folder / name).chmod(0o444)
        with Store.read(folder) as run:
            assert (run.run().status, run.summary().waiting) == ("stopped", 1)
        assert "run.lock" in refused("G007", lambda: Store.resume(folder, asked))
        refused("G601", lambda: Store.begin(folder / "run", asked))
        folder.chmod(0)
        refused("G601", lambda: Store.read(folder))
        refused("G007", lambda: Store.begin(folder, asked))
        refused("G007", lambda: runs_in(folder))
        folder.chmod(0o755)
        (folder / LOCK).chmod(0o644)
        refused("G007", lambda: Store.resume(folder, asked))
        (folder / FILE).chmod(0o644)
        Store.resume(folder, asked).close()


def test_one_who_writes_by_hand_is_waited_for(store: Store, folder: Path) -> None:
    store._connection.execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "is held by another program" in refused("G604", lambda: store.event("a", "b"))
        other.execute("ROLLBACK")
    store.event("a", "b")
