"""What is begun is ended before Ctrl-C is heard."""

from __future__ import annotations

import signal
from collections.abc import Generator

import pytest
import torch

from ghndsl.ghn import GHN, GHNConfig, GHNSettings
from ghndsl.ghn.state import TrainingState
from ghndsl.training.interrupts import whole


@pytest.fixture(autouse=True)
def heard() -> Generator[None]:
    """As in a terminal: what a shell starts in the background does not hear Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_block_is_whole() -> None:
    done: list[int] = []

    def work() -> None:
        with whole():
            signal.raise_signal(signal.SIGINT)
            done.append(1)
        done.append(2)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [1]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_where_ctrl_c_is_not_heard_it_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with whole():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_step_of_a_hypernetwork_is_done_as_a_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights, their averages and the count of steps go together."""
    config = GHNConfig(hidden=8, message=8, rounds=1, width=8, rank=4)
    states = [TrainingState(GHN(config, 0), GHNSettings(steps=3, ema=0.9)) for _ in range(2)]
    stepped = states[1].optimiser.step

    def step() -> None:
        stepped()
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(states[1].optimiser, "step", step)
    states[0].update(_loss(states[0]), 0.5)
    with pytest.raises(KeyboardInterrupt):
        states[1].update(_loss(states[1]), 0.5)
    assert states[0].losses == states[1].losses
    for mine, yours in zip(*(state.tensors().values() for state in states), strict=True):
        assert torch.equal(mine, yours)


def _loss(state: TrainingState) -> torch.Tensor:
    return torch.stack([parameter.square().sum() for parameter in state.parameters.values()]).sum()
