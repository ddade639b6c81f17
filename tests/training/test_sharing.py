"""Processes that train one network together: two of them do what one does, and go on where they were left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from teaming import together

import ghndsl
from ghndsl.data import load
from ghndsl.diagnostics import CompileError
from ghndsl.training import Settings, Trained, train
from ghndsl.training.team import Team

PLAIN = """arch net() {
    input image: f32[N, 1, 8, 8]
    output logits = image -> conv(4, 3, stride=2, padding=1) as a -> relu -> flatten -> linear(10) as b
}"""
CHANCY = PLAIN.replace("-> relu", "-> batch_norm as norm -> relu -> dropout(0.2)")
SETTINGS = Settings(epochs=2, batch_size=33, augment="shift", cutout=2, ema=0.5)


@dataclass(frozen=True)
class Outcome:
    """What a process found, in numbers that go from one to the other."""

    losses: list[float]
    accuracies: list[float]
    weights: list[float]


def learned(text: str, mine: Team, **more: object) -> Outcome:
    trained: Trained = train(ghndsl.loads(text), load("digits").few(100), SETTINGS, 0, together=mine, **more)
    flat = torch.cat([tensor.double().flatten() for tensor in trained.weights.values()]).tolist()
    return Outcome([one.loss for one in trained.history], [one.accuracy for one in trained.history], flat)


def several(mine: Team, folder: Path) -> list[Outcome]:
    """A network that leaves nothing to chance; another that does, trained at once, and from after its first pass."""
    path, first = folder / "t.safetensors", folder / "first.safetensors"

    def progress(step: int, total: int, text: str) -> None:
        if step == 1:
            shutil.copy(path, first)

    whole = learned(CHANCY, mine, checkpoint=path, progress=progress)
    return [learned(PLAIN, mine), whole, learned(CHANCY, mine, resume=first)]


def test_two_processes_do_what_one_does_and_go_on(tmp_path: Path) -> None:
    single = learned(PLAIN, Team())
    first, second = together(partial(several, folder=tmp_path))
    assert first == second
    plain, whole, resumed = first
    assert plain.losses == pytest.approx(single.losses, rel=1e-4)
    assert plain.accuracies == pytest.approx(single.accuracies, abs=0.03)
    assert plain.weights == pytest.approx(single.weights, abs=1e-3)
    assert resumed == whole
    chance = load_file(tmp_path / "first.safetensors")["chance.network"]
    assert not torch.equal(chance[0], chance[1])


def test_batches_too_small_to_share() -> None:
    with pytest.raises(CompileError, match="2 processes share batches of 3 samples"):
        train(ghndsl.loads(PLAIN), load("digits").few(3), SETTINGS, 0, together=Team(1, 2))
