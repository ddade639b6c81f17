"""Processes that do work together: all of them do it, they end with it, and why there is no result is said."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import torch
import working

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.gathering import gathered
from ghndsl.training.progress import Progress
from ghndsl.training.team import LostError, Team


@dataclass(frozen=True)
class Adding:
    """Adds what each process has, and notes its number in a folder."""

    folder: Path

    def __call__(self, together: Team, progress: Progress) -> list[float]:
        """The sum, three times."""
        (self.folder / str(together.rank)).write_text(str(os.getpid()))
        found: list[float] = []
        for step in range(3):
            found.append(float(together.total(torch.tensor(10.0**together.rank))))
            progress(step + 1, 3, f"of {together.size}")
        return found


@dataclass(frozen=True)
class Failing:
    """One of the processes does something else; the others wait for it."""

    rank: int
    what: str

    def __call__(self, together: Team, progress: Progress) -> float:
        """The sum, if there is one."""
        if together.rank == self.rank:
            if self.what == "refuses":
                raise CompileError(Diagnostic("G405", "too few samples"))
            working.deed(self.what)
        return float(together.total(torch.tensor(1.0)))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_all_of_them_work(size: int, tmp_path: Path) -> None:
    said: list[tuple[int, int, str]] = []
    found = gathered(Adding(tmp_path), size, progress=lambda *words: said.append(words))
    assert found == [float("1" * size)] * 3
    pids = {(tmp_path / str(rank)).read_text() for rank in range(size)}
    assert len(pids) == size
    assert (str(os.getpid()) in pids) == (size == 1), "what befalls the work does not befall this process"
    assert said[-1] == (3, 3, f"of {size}")
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(
    ("what", "code", "why"),
    [
        ("raises", "G607", "error: ValueError: too wide"),
        ("exits", "G607", "crash: its process ended"),
        ("refuses", "G405", "too few samples"),
    ],
)
def test_when_one_fails_it_is_said_why(what: str, code: str, why: str, rank: int) -> None:
    with pytest.raises(CompileError, match=code) as refused:
        gathered(Failing(rank, what), 2)
    assert why in str(refused.value)
    assert isinstance(refused.value, LostError) == (code == "G607")
    assert not multiprocessing.active_children()


def test_what_breaks_off_ends_all(tmp_path: Path) -> None:
    def interrupt(step: int, total: int, text: str) -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gathered(Adding(tmp_path), 2, progress=interrupt)
    assert not multiprocessing.active_children()


def test_work_that_cannot_begin_is_refused() -> None:
    with pytest.raises(CompileError, match="G607") as refused:
        gathered(working.Unfit("raises"), 2)  # type: ignore[arg-type]
    assert "ValueError: too wide" in str(refused.value)
