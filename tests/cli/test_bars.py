"""How far something is shows without flooding, fits the terminal, and says how fast it goes and what is left."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from ghndsl import stages
from ghndsl.cli import bars
from ghndsl.cli.bars import steps
from ghndsl.cli.drawing import drawn
from ghndsl.cli.following import following
from ghndsl.search.folder import RunFolder
from ghndsl.search.telling import Board
from ghndsl.stages import Pace, Stage
from ghndsl.training.progress import unwatched

PARTS = tuple(
    Stage(f"{number}.1", f"{number}, seed 1", 120, 600, 0.5, "loss 0.231, accuracy 91.0%") for number in range(10, 40)
)
SEARCH = (
    Stage("train_ghn", "Training the hypernetwork", 4000, 4000, 13.2, "loss 0.6"),
    Stage("score", "Scoring candidates", 1204, 2000, 8.1, "best score 0.93", is_under_way=True),
    Stage("short", "Training the better ones a little", 0, 40),
    Stage("train", "Training the best from scratch", 0, 10),
)
LAST = (*SEARCH[:1], Stage("train", "Training the best from scratch", 2, 60, 0.001, "best", PARTS, is_under_way=True))


def rows(found: Sequence[Stage], width: int, unit: str = "") -> list[str]:
    shown = io.StringIO()
    Console(file=shown, width=width).print(drawn(found, width, unit))
    return shown.getvalue().splitlines()


@pytest.mark.parametrize("width", [30, 60, 80, 110, 160])
@pytest.mark.parametrize("found", [SEARCH, LAST, SEARCH[:1], ()])
def test_no_row_is_wider_than_the_terminal(found: Sequence[Stage], width: int) -> None:
    lines = rows(found, width)
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= 2 * len(found) + 10, "of what many do, some is shown"


def test_what_is_under_way_stands_out() -> None:
    first, second, words, third, fourth = rows(SEARCH, 80)
    assert first == "  Training the hypernetwork         ━━━━━━━━━━ 4,000/4,000 13.2/s"
    assert second == "> Scoring candidates                ━━━━━━──── 1,204/2,000  8.1/s 1:38 left"
    assert words == "    best score 0.93"
    assert (third.split()[-1], fourth.split()[-1]) == ("0/40", "0/10")


def test_passes_of_what_is_in_work_are_shown() -> None:
    lines = rows(LAST, 100)
    assert "22 more in work" in lines[2]
    assert lines[3].startswith("    10, seed 1: loss 0.231, accuracy 91.0%")
    assert lines[3].split("─")[-1].split() == ["120/600", "30/min", "16:00", "left"]


def test_texts_do_not_steer_the_terminal() -> None:
    bad = Stage("a", "\x1b[2Ja", 1, 2, text="\x1b]0;b\x07\n", is_under_way=True)
    assert "\x1b" not in "".join(rows([bad], 80))


@pytest.mark.parametrize(
    ("seconds", "steps", "lines"), [(1e-6, 1000, 11), (400.0, 10, 11), (100.0, 1000, 252), (1.0, 3, 4)]
)
def test_lines_are_few_however_long_it_takes(
    seconds: float, steps: int, lines: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for each tenth, and for what takes long some an hour."""
    clock = [0.0]
    monkeypatch.setattr(bars, "monotonic", lambda: clock[0])
    monkeypatch.setattr(stages, "perf_counter", lambda: clock[0])
    with bars.steps() as begin:
        progress = begin("Training")
        for step in range(steps + 1):
            progress(step, steps, "")
            clock[0] += seconds
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"Training: 0 of {steps:,}"
    assert said[-1].startswith(f"Training: {steps:,} of {steps:,}, ")
    assert len(said) == pytest.approx(lines, abs=2)


def test_what_is_not_begun_or_over_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with bars.shown() as show:
        show(SEARCH)
        show(SEARCH)
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "Training the hypernetwork", "Scoring candidates",
    ]  # fmt: skip


def test_the_end_is_told_of_when_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    """And not only that of the last part."""
    last = (Stage("7", "7", 2, 2),)
    with bars.shown() as show:
        show([Stage("train", "Training", 2, 3, parts=last, is_under_way=True)])
        show([Stage("train", "Training", 3, 3)])
    assert capsys.readouterr().err.splitlines() == ["Training: 2 of 3; 7: 2 of 2", "Training: 3 of 3"]


def test_where_nobody_can_read_it_work_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8", buffering=1) as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        with bars.steps() as begin:
            begin("Training")(1, 2, "")
        board = Board(RunFolder(tmp_path).progress, 0.0, [Stage("train", "Training")], unwatched)
        with following(tmp_path) as watch:
            for _ in range(2):
                watch("Training")
                board.watch("Training")(2, 2, "")
        # What could not be written is tried once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


def test_an_interrupt_that_a_library_drops_is_not_lost(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with following(tmp_path) as watch:
            progress = watch("Training")
            progress(1, 2, "")
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                progress(2, 2, "")
            with pytest.raises(KeyboardInterrupt):
                watch("Scoring")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with steps() as begin:
            progress = begin("Training")
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                progress(1, 2, "")
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_pace_is_that_of_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(stages, "perf_counter", lambda: clock[0])
    pace = Pace()
    assert pace.mark(400) is None
    for count in range(500, 560):
        clock[0] += 0.5 if count > 505 else 100.0
        found = pace.mark(count)
    assert found == 2.0
    clock[0] += 100
    assert pace.mark(559) == 2.0, "told again"
