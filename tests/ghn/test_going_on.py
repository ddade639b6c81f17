"""What a training was begun with: it goes on with the same alone, and with what is whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError
from ghndsl.ghn import GHN, GHNConfig, GHNSettings, train_ghn
from ghndsl.ghn import checkpoint as files
from ghndsl.ghn.checkpoint import load, load_training
from ghndsl.ghn.feeds import Feeds
from ghndsl.ghn.watching import Watched, watch
from ghndsl.ir import Graph

SETTINGS = GHNSettings(steps=1, batch_size=8, meta_batch=1, fit=2)
CONFIG = GHNConfig(hidden=8, message=8, width=8, rounds=1, rank=4, decoders=("low_rank",))


@pytest.fixture
def begun(draw: Callable[[int], Graph], digits: Dataset, tmp_path: Path) -> Path:
    """One step of a training, with a held-out candidate."""
    path = tmp_path / "g.safetensors"
    train_ghn(draw, digits, SETTINGS, 3, config=CONFIG, held_out=[draw(9)], about={"nodes": "4"}, checkpoint=path)
    return path


CHANGES: dict[str, tuple[dict[str, float], dict[str, object], str]] = {
    "a seed": ({}, {"seed": 4}, "seed: 3 then, 4 now"),
    "a rate": ({"lr": 0.1}, {}, "lr: 0.003 then, 0.1 now"),
    "networks a step": ({"meta_batch": 2}, {}, "meta_batch: 1 then, 2 now"),
    "what else it depends on": ({}, {"about": {"nodes": "5"}}, "nodes: 4 then, 5 now"),
    "nothing else": ({}, {"about": {}}, "nodes: 4 then, nothing now"),
    "something more": ({}, {"about": {"nodes": "4", "cells": "2"}}, "cells: nothing then, 2 now"),
    "nothing held out": ({}, {"held_out": ()}, "held out: 1 ("),
}


@pytest.mark.parametrize(("settings", "others", "words"), CHANGES.values(), ids=CHANGES)
def test_another_training_is_not_gone_on_with(
    draw: Callable[[int], Graph],
    digits: Dataset,
    begun: Path,
    settings: dict[str, float],
    others: dict[str, object],
    words: str,
) -> None:
    same: dict[str, object] = {"seed": 3, "config": CONFIG, "held_out": [draw(9)], "about": {"nodes": "4"}}
    with pytest.raises(CompileError, match="G602") as caught:
        train_ghn(draw, digits, replace(SETTINGS, steps=2, **settings), **{**same, **others}, resume=begun)  # type: ignore[arg-type]
    (note,) = caught.value.diagnostics[0].notes
    assert words in note


def test_other_data_is_refused_and_more_steps_are_not(
    draw: Callable[[int], Graph], digits: Dataset, begun: Path
) -> None:
    longer, same = replace(SETTINGS, steps=2), {"held_out": [draw(9)], "about": {"nodes": "4"}}
    assert len(train_ghn(draw, replace(digits, name="elsewhere"), SETTINGS, 3, **same, resume=begun).losses) == 1
    turned = replace(digits, train=digits.train.mapped(lambda tensor: tensor.flip(0)))
    with pytest.raises(CompileError, match="G602"):
        train_ghn(draw, turned, longer, 3, **same, resume=begun)
    assert len(train_ghn(draw, digits, longer, 3, **same, resume=begun).losses) == 2


DAMAGES: dict[str, Callable[[dict[str, torch.Tensor]], object]] = {
    "losses": lambda found: found.pop("losses"),
    "a part of a moment": lambda found: found.pop(next(name for name in found if name.startswith("exp_avg_sq."))),
    "a shape": lambda found: found.update(
        {name: torch.zeros(2, 2, 2) for name in found if name.startswith("exp_avg.")}
    ),
    "a step": lambda found: found.update({name: torch.zeros(3) for name in found if name.startswith("step.")}),
    "a kind": lambda found: found.update(
        {name: one.int() for name, one in found.items() if name.startswith("exp_avg.")}
    ),
    "all of it": lambda found: found.clear(),
    "looks": lambda found: found.update(watched=torch.zeros(2, 2)),
}


@pytest.mark.parametrize("change", DAMAGES.values(), ids=DAMAGES)
def test_damaged_states_are_refused(
    draw: Callable[[int], Graph], digits: Dataset, begun: Path, change: Callable[[dict[str, torch.Tensor]], object]
) -> None:
    tensors, record = load_training(begun)
    change(tensors)
    files.save(load(begun), begun, tensors, record)
    with pytest.raises(CompileError, match="G421"):
        train_ghn(draw, digits, SETTINGS, 3, held_out=[draw(9)], about={"nodes": "4"}, resume=begun)


def test_a_look_that_was_interrupted_is_taken(
    draw: Callable[[int], Graph], digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, settings, held = tmp_path / "g.safetensors", replace(SETTINGS, steps=4), [draw(9)]
    whole = train_ghn(draw, digits, settings, config=CONFIG, held_out=held)
    looks = list[int]()

    def interrupted(ghn: GHN, held_out: Sequence[Graph], feeds: Feeds, step: int) -> Watched | None:
        looks.append(step)
        if len(looks) == 2:
            raise KeyboardInterrupt
        return watch(ghn, held_out, feeds, step)

    monkeypatch.setattr("ghndsl.ghn.train.watch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_ghn(draw, digits, settings, config=CONFIG, held_out=held, checkpoint=path)
    rest = train_ghn(draw, digits, settings, config=CONFIG, held_out=held, resume=path)
    assert (rest.losses, rest.watched) == (whole.losses, whole.watched)
    assert looks == [1, 2, 2, 3, 4]
    assert rest.resumed_at == 2
