"""What `train-ghn` is to learn from: ranges no source has, data that one does not take, other beginnings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commanding import call

SMALL = ["--steps", "1", "--batch-size", "8", "--meta-batch", "1", "--held-out", "0"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data of three colours, and a hypernetwork that began with the digits."""
    path = tmp_path_factory.mktemp("teaching")
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (40, 8, 8, 3), np.uint8), np.arange(40) % 2
    np.savez(path / "c.npz", x_train=images, y_train=labels)
    call(path, "train-ghn", "digits", *SMALL, "-o", "d.safetensors")
    return path


SPACE = ["nasbench201", "--data", "c.npz"]
BOTH = ["nasbench201", "resnet18", "--data", "c.npz"]
REFUSED: dict[str, tuple[list[str], int, list[str]]] = {
    "no source has it": ([*SPACE, "--vary", "breadth=4..8"], 1, ["G120", "breadth"]),
    "a network has it, no space": ([*BOTH, "--set", "size=8", "--vary", "groups=1..2"], 1, ["G120", "`nasbench201`"]),
    "networks do not vary": (["resnet18", "--data", "c.npz", "--vary", "size=8..16"], 2, ["--vary"]),
    "varies and grows": ([*SPACE, "--vary", "width=4..8", "--grow", "width=4..8"], 2, ["width", "twice"]),
    "is set and varies": ([*SPACE, "--set", "width=4", "--vary", "width=4..8"], 2, ["width", "twice"]),
    "the least is nothing": ([*SPACE, "--vary", "width=0..8"], 1, ["width"]),
    "grows by the clock": ([*SPACE, "--grow", "width=4..8", "--minutes", "1"], 2, ["--steps"]),
    "fits one of two": (["nasbench201", "digits", "--data", "c.npz"], 1, ["G407", "the source is `digits`"]),
    "time runs back": ([*SPACE, "--minutes", "-1"], 2, ["--minutes"]),
}


@pytest.mark.parametrize(("words", "code", "said"), REFUSED.values(), ids=REFUSED)
def test_refused(folder: Path, words: list[str], code: int, said: list[str]) -> None:
    error = call(folder, "train-ghn", *words, *SMALL, "-o", "new.safetensors", code=code).stderr
    assert [word for word in said if word not in error] == []
    assert not (folder / "new.safetensors").exists()


OTHERWISE = {
    "another model": (["digits", "--model", "ghn2"], ["encoder: gru then, ghn2 now"]),
    "another space": (["nasbench201", "--data", "c.npz"], ["digits then, NASBench201 now"]),
    "one more": (["digits", "digits@3"], ["digits then, digits + "]),
}


@pytest.mark.parametrize(("words", "said"), OTHERWISE.values(), ids=OTHERWISE)
def test_what_began_otherwise_is_not_gone_on_with(folder: Path, words: list[str], said: list[str]) -> None:
    before = (folder / "d.safetensors").read_bytes()
    error = call(folder, "train-ghn", *words, *SMALL, "--resume", "-o", "d.safetensors", code=1).stderr
    assert [word for word in ("G602", *said) if word not in error] == []
    assert (folder / "d.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "code", "said"), [(["--noise", "-1"], 2, "--noise"), (["--data", "c.npz"], 1, "G407")]
)
def test_no_weights_of_what_does_not_fit(folder: Path, more: list[str], code: int, said: str) -> None:
    error = call(folder, "generate", "digits@1", "--ghn", "d.safetensors", *more, "-o", "w", code=code).stderr
    assert said in error
    assert not (folder / "w").exists()
