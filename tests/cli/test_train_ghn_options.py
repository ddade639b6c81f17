"""Options of `train-ghn` that mean nothing, values of ranges that build nothing, and what is said of all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commanding import call
from safetensors import safe_open

SMALL = ["--steps", "1", "--batch-size", "8", "--meta-batch", "1", "--held-out", "0"]
WRITTEN = ["-o", "g.safetensors"]
GROUPED = """
space grouped(groups: int = 4, depth: int = 1) {
    input x: f32[N, 3, 8, 8]
    y = x -> conv(16, 1)
    for i in range(depth) {
        choose act from [relu, gelu, silu, tanh, sigmoid]
        choose k from [1, 3, 5]
        y = y -> act -> conv(16 * depth, k, groups=groups, padding=k // 2) -> conv(16, 1)
    }
    output logits = y -> adaptive_avg_pool(1) -> flatten -> linear(2)
}
"""
"""Sixteen channels are shared out evenly to 1, 2, 4, 8 and 16 groups alone."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data of three colours, a space, and a folder."""
    path = tmp_path_factory.mktemp("options")
    rng = np.random.default_rng(0)
    np.savez(path / "c.npz", x_train=rng.integers(0, 256, (40, 8, 8, 3), np.uint8), y_train=np.arange(40) % 2)
    (path / "grouped.nas").write_text(GROUPED, encoding="utf-8")
    (path / "sub").mkdir()
    return path


USAGE: dict[str, tuple[list[str], str]] = {
    "a range twice": ([*SMALL, "--vary", "groups=4..8", "--vary", "groups=5..6"], "`groups` is given twice"),
    "growth twice": ([*SMALL, "--grow", "depth=1..2", "--grow", "depth=1..3"], "`depth` is given twice"),
    "an endless rate": ([*SMALL, "--lr", "inf"], "--lr"),
    "a rate that is no number": ([*SMALL, "--lr", "nan"], "--lr"),
    "endless time": (["--minutes", "inf"], "--minutes"),
    "no time": (["--minutes", "0"], "--minutes"),
    "an average of no number": ([*SMALL, "--ema", "nan"], "--ema"),
    "too many held out": (["--steps", "1", "--held-out", "1001"], "--held-out"),
}


@pytest.mark.parametrize(("words", "said"), USAGE.values(), ids=USAGE)
def test_wrong_usage(folder: Path, words: list[str], said: str) -> None:
    error = call(folder, "train-ghn", "grouped.nas", "--data", "c.npz", *words, *WRITTEN, code=2).stderr
    assert said in error
    assert not (folder / "g.safetensors").exists()


REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "the most": (["c.npz", "--vary", "groups=1..3"], ["with `groups=3`"]),
    "the least": (["c.npz", "--grow", "groups=3..4"], ["with `groups=3`"]),
    "one between": (["c.npz", "--vary", "groups=2..4", "--grow", "depth=1..2"], ["with `groups=3`\n"]),
    "a folder": (["sub"], ["G402", "folder"]),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_before_training(folder: Path, words: list[str], said: list[str]) -> None:
    error = call(folder, "train-ghn", "grouped.nas", *SMALL, *WRITTEN, "--data", *words, code=1).stderr
    assert [word for word in said if word not in error] == []
    assert "Training" not in error
    assert not (folder / "g.safetensors").exists()


def test_what_grows_is_made_by_blocks_of_its_largest_size(folder: Path) -> None:
    grown = ["--set", "groups=1", "--grow", "depth=1..3"]
    call(folder, "train-ghn", "grouped.nas", "--data", "c.npz", *SMALL, *grown, "-o", "grown.safetensors")
    with safe_open(folder / "grown.safetensors", "np") as file:
        blocks = json.loads(file.metadata()["config"])["blocks"]
    assert any(48 in block for block in blocks.values())


def test_what_was_learned_from_is_told(folder: Path) -> None:
    words = ["--set", "size=8", "--data", "c.npz", "--minutes", "0.0001", *SMALL[2:]]
    told = call(folder, "train-ghn", "resnet18", *words, "-o", "r.safetensors").stderr
    assert "f32[N, 3, 8, 8], classes=2" in told
    assert " s of " in told
    ranking = ["rank", "grouped.nas", "--data", "c.npz", "-n", "1"]
    note = "the hypernetwork learned from `resnet18`, not from `grouped`"
    assert note in call(folder, *ranking, "--scorer", "ghn", "--ghn", "r.safetensors").stderr
    assert note not in call(folder, *ranking, "--scorer", "params", "--ghn", "r.safetensors").stderr


INTERRUPTED = {
    "what is kept": (["train-ghn", "grouped.nas", *SMALL[2:], "--steps", "9", "-o", "i.safetensors"], True),
    "nothing is": (["rank", "grouped.nas", "-n", "2", "--scorer", "params"], False),
}


@pytest.mark.parametrize(("words", "is_kept"), INTERRUPTED.values(), ids=INTERRUPTED)
def test_ctrl_c_tells_what_is_kept(
    words: list[str], is_kept: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(step: int, total: int, text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ghndsl.cli.bars._begun", lambda *_: interrupt)
    error = call(folder, *words, "--data", "c.npz", code=130).stderr
    assert error.endswith("interrupted\n")
    assert ("i.safetensors holds what was done; `--resume` goes on with it" in error) is is_kept
    assert (folder / "i.safetensors").exists() is is_kept
    (folder / "i.safetensors").unlink(missing_ok=True)
