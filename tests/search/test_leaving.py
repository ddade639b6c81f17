"""The installed command is interrupted as in a terminal, or its disk is full: it ends tidily, and goes on later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from commanding import COMMAND, call
from seeking import SPACE, few_images, kept, results

from ghndsl.search.store import is_run

WORDS = ("search", "few.nas", "--data", "few.npz", "--workers", "2", "--scorer", "ghn", "--ghn-steps", "30")
RUNGS = ("--rungs", "12,4,2", "--short-steps", "20", "--controls", "1", "--epochs", "60")
STAGES = ("Training the hypernetwork", "Scoring candidates", "Training the best")
LEAVING = 60
"""Seconds after which a search that was interrupted hangs."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    write(folder)
    call(folder, *WORDS, *RUNGS, "-o", "run")
    return folder / "run"


def write(folder: Path) -> None:
    """Puts the space and few images of digits into a folder."""
    (folder / "few.nas").write_text(SPACE, encoding="utf-8")
    few_images(folder)


def interrupted(folder: Path, stage: str, *words: str) -> tuple[int, str]:
    """Presses Ctrl-C, which all processes of a terminal hear, when a stage is under way; the exit code, and what was
    said from then on."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [COMMAND, *WORDS, *RUNGS, "-o", "run", *words]
    with (
        heard(),
        subprocess.Popen(
            command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process,
    ):
        assert process.stderr is not None
        assert any(line.startswith(stage) for line in process.stderr), f"it never came to: {stage}"
        os.killpg(process.pid, signal.SIGINT)
        _, rest = process.communicate(timeout=LEAVING)
        assert not alive(process.pid), "a worker outlives the search"
    return process.returncode, rest


@contextmanager
def heard() -> Generator[None]:
    """What begins in the background does not hear Ctrl-C, and tests may begin there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def alive(group: int) -> list[str]:
    """The processes of a group that have not ended, as Linux shows them; one that is ending has no command any more."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, mine, *_ = path.read_text().rpartition(")")[2].split()
            command = path.with_name("cmdline").read_text()
            if int(mine) == group and state != "Z" and command:
                found.append(command)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="groups of processes are those of Linux")
def test_ctrl_c_in_each_stage_ends_tidily(undisturbed: Path, tmp_path: Path) -> None:
    """Those of one run, one after the other."""
    write(tmp_path)
    for number, stage in enumerate(STAGES):
        code, said = interrupted(tmp_path, stage, *(["--resume"] if number else []))
        assert code == 130, said
        assert "Traceback" not in said
        assert "--resume" in said, "it is told how to go on"
        assert kept(tmp_path / "run")["status"] == "interrupted"
    call(tmp_path, *WORDS, *RUNGS, "-o", "run", "--resume")
    assert kept(tmp_path / "run") == kept(undisturbed)
    assert results(tmp_path / "run") == results(undisturbed)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of files are those of Linux")
def test_a_file_that_cannot_grow_ends_the_search_with_one_error(undisturbed: Path, tmp_path: Path) -> None:
    """The database first, later the hypernetwork or weights. A block has 1,024 bytes."""
    write(tmp_path)
    words = " ".join([*WORDS, *RUNGS, "-o", "run"])
    for blocks in (8, 64):
        going_on = " --resume" if is_run(tmp_path / "run") else ""
        done = subprocess.run(
            ["bash", "-c", f"ulimit -f {blocks} && exec {COMMAND} {words}{going_on}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("error[") == done.stderr.count("error[G007]") == 1, done.stderr
        assert "Traceback" not in done.stderr
    call(tmp_path, *WORDS, *RUNGS, "-o", "run", "--resume")
    assert kept(tmp_path / "run") == kept(undisturbed)
