"""Processes that train together: two of them, joined as `torchrun` joins them, do what one does."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from commanding import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from teaming import Training, launched, summed, together

from ghndsl.diagnostics import CompileError
from ghndsl.ghn import GHN, GHNSettings
from ghndsl.training.team import Team, team

SHORT = GHNSettings(steps=8, batch_size=16, meta_batch=3, fit=1)
"""Three networks a step, so that the shares of two processes differ."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    digits, path = load_digits(), tmp_path_factory.mktemp("data") / "few.npz"
    np.savez(path, x_train=(digits.images[:200] * 15.9).astype(np.uint8)[..., None], y_train=digits.target[:200])
    return path


def distance(some: tuple[float, ...], others: tuple[float, ...]) -> float:
    return float(np.linalg.norm(np.subtract(some, others)))


@given(st.integers(1, 9), st.integers(0, 50), st.integers(0, 60))
@settings(max_examples=30)
def test_each_number_falls_to_one_process(size: int, start: int, count: int) -> None:
    numbers = range(start, start + count)
    shares = [Team(rank, size).share(numbers) for rank in range(size)]
    assert sorted(number for share in shares for number in share) == [*numbers]
    assert count < size or all(shares)


def test_sums_over_two_processes() -> None:
    first, second = together(summed)
    assert first["gradients"][:3] == [[[0, 3, 6], [9, 12, 15]], None, 7]
    assert all(map(math.isnan, first["gradients"][3]))
    assert str(first["gradients"]) == str(second["gradients"])
    assert first["total"] == second["total"] == [3, 1]
    assert (first["own"], second["own"]) == ([1.5, 0], [1.5, 1])
    assert first["agreed"] == second["agreed"] == 0.1
    assert (first["share"], second["share"]) == ([3, 5, 7, 9], [4, 6, 8])
    assert first["beside"] == second["beside"] == 2
    assert (first["is_first"], second["is_first"]) == (True, False)


def test_one_process_by_itself_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (None, "1"):
        if size is not None:
            monkeypatch.setenv("WORLD_SIZE", size)
            monkeypatch.setenv("RANK", "0")
        with team() as alone:
            assert alone == Team()
            assert not torch.distributed.is_initialized()
            value = torch.tensor([1.0, 2.0])
            assert alone.total(value) is value
            assert alone.agreed(0.1) == 0.1


def test_two_processes_train_as_one_does(data: Path, tmp_path: Path) -> None:
    work = Training(replace(SHORT, ema=0.5, augment="shift"), data)
    single = work(Team())
    first, second = together(replace(work, checkpoint=tmp_path / "g.safetensors"))
    assert first.losses == second.losses == pytest.approx(single.losses, rel=1e-5)
    assert first.parameters == second.parameters
    # AdamW makes steps of one size from gradients that are nearly nothing, so from rounding as well.
    begun = replace(work, settings=replace(work.settings, steps=0))(Team())
    moved, apart = (distance(single.parameters, other.parameters) for other in (begun, first))
    assert apart < 0.05 * moved
    assert [look.step for look in first.watched] == [look.step for look in single.watched] == [*range(1, 9)]
    assert first.watched[-1].loss == pytest.approx(single.watched[-1].loss, rel=1e-3)
    assert not second.watched
    ghn = GHN.load(tmp_path / "g.safetensors")
    numbers = torch.cat([parameter.flatten() for parameter in ghn.parameters()]).tolist()
    assert numbers == list(first.parameters)


def test_the_command_learns_in_two_processes_what_it_does_in_one(tmp_path: Path) -> None:
    """The first of them speaks."""
    words = ["train-ghn", "digits", "--data", "digits", "--steps", "3", "--batch-size", "16", "--meta-batch", "2"]
    single = ask(tmp_path, *words, "--held-out", "2", "-o", "one.safetensors")
    first, second = launched(tmp_path, *words, "--held-out", "2", "-o", "two.safetensors", "--json")
    both = json.loads(first.stdout)
    assert second.stdout == ""
    assert both["processes"] == 2
    assert both["loss"] == pytest.approx(single["loss"], rel=1e-4)
    assert both["held_out"]["loss"] == pytest.approx(single["held_out"]["loss"], rel=1e-3)


def test_more_processes_than_networks_are_refused(data: Path) -> None:
    with pytest.raises(ValueError, match="2 processes share 1 candidates"):
        Training(replace(SHORT, meta_batch=1), data)(Team(1, 2))


def test_when_one_process_fails_the_others_end_and_keep_what_was_done(data: Path, tmp_path: Path) -> None:
    """Candidates from 15 on cannot be drawn by the second process, so after five steps of three."""
    path = tmp_path / "g.safetensors"
    first, second = together(Training(SHORT, data, path, failing=15))
    assert (first.error, second.error) == ("G607", "G303")
    assert GHN.load(path).origin.steps == 5


@pytest.mark.skipif(torch.cuda.is_available(), reason="a device is there")
@pytest.mark.parametrize(("name", "text"), [("WORLD_SIZE", "two"), ("WORLD_SIZE", "-1"), ("RANK", "")])
def test_what_torchrun_would_not_tell(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv(name, text)
    with pytest.raises(CompileError, match="G412") as caught, team():
        pass
    assert f"`{name}` is `{text}`" in str(caught.value)


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(CompileError, match="no device `cuda`"), team("cuda"):
        pass
