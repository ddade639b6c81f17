"""The command `train`: resumed, from several seeds, with the time it took, on a folder of images."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from commanding import ask, call
from PIL import Image
from safetensors.torch import load_file

from ghndsl.training import learner

NET = """arch net() {
    input image: f32[N, 3, 8, 8]
    output logits = image -> conv(4, 3, stride=2, padding=1) -> batch_norm -> relu -> flatten -> linear(2) as head
}
"""
TRAIN = ("train", "net.arch", "--data", "set", "--epochs", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network and a set of dark and light images."""
    found, rng = tmp_path_factory.mktemp("training"), np.random.default_rng(0)
    (found / "net.arch").write_text(NET)
    for name, low in (("dark", 0), ("light", 100)):
        (found / "set" / name).mkdir(parents=True)
        for number in range(30):
            pixels = rng.integers(low, low + 156, (10, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(found / "set" / name / f"{number}.png")
    return found


def test_ctrl_c_keeps_the_last_whole_pass(folder: Path) -> None:
    call(folder, *TRAIN, "-o", "whole.safetensors")
    passes, real = [0], learner.Learner.pass_once

    def interrupted(self: learner.Learner, clock: learner.Clock) -> None:
        passes[0] += 1
        if passes[0] == 2:
            raise KeyboardInterrupt
        real(self, clock)

    with mock.patch.object(learner.Learner, "pass_once", interrupted):
        stopped = call(folder, *TRAIN, "-o", "w.safetensors", code=130)
    assert "w.training.safetensors holds what was done; `--resume` goes on with it" in stopped.stderr
    assert not (folder / "w.safetensors").exists()
    refused = call(folder, *TRAIN, "-o", "w.safetensors", "--resume", "--seed", "1", code=1)
    assert "seed: 0 then, 1 now" in refused.stderr
    assert ask(folder, *TRAIN, "-o", "w.safetensors", "--resume")["resumed_at"] == 1
    whole, resumed = (load_file(folder / name) for name in ("whole.safetensors", "w.safetensors"))
    assert all(bool((whole[path] == resumed[path]).all()) for path in whole)
    assert not list(folder.glob("*.training*"))
    assert "begins anew" in call(folder, *TRAIN, "-o", "w.safetensors", "--resume").stderr


def test_several_seeds(folder: Path) -> None:
    found = ask(folder, *TRAIN, "-o", "s.safetensors", "--seeds", "3", "--profile")
    runs = found["runs"]
    accuracies = [run["accuracy"] for run in runs]
    assert [run["seed"] for run in runs] == [0, 1, 2]
    assert found["accuracy"] == pytest.approx(np.mean(accuracies))
    assert found["spread"] == pytest.approx(np.std(accuracies, ddof=1))
    best = max(runs, key=lambda run: (run["validation_accuracy"], -run["validation_loss"]))
    assert found["seed"] == best["seed"]
    assert sum(found["profile"].values()) == pytest.approx(1)
    kept = ask(folder, "evaluate", "net.arch", "--data", "set", "--weights", "s.safetensors")
    assert kept["accuracy"] == pytest.approx(best["accuracy"])
    assert not list(folder.glob("*.training*"))


def test_profile_and_settings_without_effect(folder: Path) -> None:
    done = call(
        folder, *TRAIN[:-1], "1", "-o", "p.safetensors", "--preset", "cifar", "--profile", "--precision", "bf16"
    )
    assert "has no branches that drop path could leave out" in done.stderr
    assert "has no auxiliary output" in done.stderr
    for work in ("data", "forward", "backward", "optimiser", "saving", "evaluation", "%"):
        assert work in done.stdout


def test_wrong_usage(folder: Path) -> None:
    assert "G412" in call(folder, *TRAIN, "-o", "x.safetensors", "--device", "cuda", code=1).stderr
    call(folder, *TRAIN, "-o", "x.safetensors", "--seeds", "0", code=2)
    assert not (folder / "x.safetensors").exists()


EXITS = """arch net() {
    input image: f32[N, 3, 8, 8]
    x = image -> conv(4, 3, stride=2, padding=1) -> batch_norm -> relu
    exit early = x -> mean([2, 3]) -> linear(2) as early
    output logits = x -> conv(8, 3) -> flatten -> linear(2) as head
}
"""


def test_a_network_with_exits_is_judged_between_budgets(folder: Path) -> None:
    (folder / "exits.arch").write_text(EXITS)
    call(folder, "train", "exits.arch", "--data", "set", "--epochs", "1", "-o", "e.safetensors")
    evaluate = ("evaluate", "exits.arch", "--weights", "e.safetensors", "--data", "set")
    text = call(folder, *evaluate, "--budgets", "1k..5k").stdout
    assert "Each answer alone" in text
    assert "area under the curve between the budgets: mean accuracy " in text
    assert "mean budget  MACs spent  accuracy" in text
    found = ask(folder, *evaluate, "--budgets", "1k..5k")
    assert [one["name"] for one in found["exits"]] == ["early"]  # type: ignore[index,union-attr]
    assert 0 <= found["area"] <= 1  # type: ignore[operator]
    assert "area" not in ask(folder, *evaluate)
    for budgets, words in (("1..2", "too little for the first exit"), ("5G..6G", "beyond the last output")):
        refused = call(folder, *evaluate, "--budgets", budgets, code=1)
        assert words in refused.stderr
    whole = ("evaluate", "net.arch", "--weights", "w.safetensors", "--data", "set", "--budgets", "1k..5k")
    assert "`net` has no exits that answer" in call(folder, *whole, code=1).stderr
