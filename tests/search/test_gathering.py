"""Processes that do work together: all of them do it, they end with the context, and what cannot begin is said."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
import torch
import working

from ghndsl.diagnostics import CompileError
from ghndsl.search.gathering import gathered
from ghndsl.training.team import Team


class Adding:
    """Adds what each process has, and notes its number in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, together: Team) -> list[float]:
        """The sum."""
        (self.folder / str(together.rank)).write_text(str(os.getpid()))
        return [float(together.total(torch.tensor(10.0**together.rank))) for _ in range(3)]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_all_of_them_work(size: int, tmp_path: Path) -> None:
    work = Adding(tmp_path)
    with gathered(work, size) as together:
        assert (together.rank, together.size, together.beside) == (0, size, size)
        assert work(together) == [float("1" * size)] * 3
    pids = {(tmp_path / str(rank)).read_text() for rank in range(size)}
    assert len(pids) == size
    assert str(os.getpid()) in pids
    assert not multiprocessing.active_children()


def test_what_breaks_off_ends_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="enough"), gathered(Adding(tmp_path), 2):
        raise ValueError("enough")
    assert not multiprocessing.active_children()


def test_one_that_ends_is_missed() -> None:
    def lasting() -> None:
        with gathered(_ends, 2) as together:
            together.total(torch.tensor(1.0))

    with pytest.raises(CompileError, match="G607"):
        lasting()


def _ends(together: Team) -> None:
    os._exit(3)


def test_work_that_cannot_begin_is_refused() -> None:
    with pytest.raises(CompileError, match="G607") as refused, gathered(working.Unfit("raises"), 2):
        pytest.fail("there is nobody to work with")
    assert "ValueError: too wide" in str(refused.value)
