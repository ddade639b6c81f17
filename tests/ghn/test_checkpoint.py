"""Checkpoints: they come back as they went, and what is none is refused."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ghndsl.diagnostics import CompileError
from ghndsl.ghn import GHN, GHNConfig, Origin, checkpoint, fit
from ghndsl.ghn.operators import OPERATORS
from ghndsl.ghn.presets import MODELS
from ghndsl.ir import Graph

Tensors = dict[str, torch.Tensor]
Metadata = dict[str, str]


@pytest.fixture
def saved(graphs: list[Graph], tmp_path: Path) -> Path:
    config = GHNConfig(fit(graphs), hidden=16, rounds=1, fused=False)
    ghn = GHN(config, seed=3, origin=Origin("cells", "abc", 7))
    ghn.save(tmp_path / "g.safetensors")
    return tmp_path / "g.safetensors"


def test_round_trip(saved: Path, graphs: list[Graph]) -> None:
    ghn, again = GHN(GHNConfig(fit(graphs), hidden=16, rounds=1, fused=False), seed=3), GHN.load(saved)
    assert again.config == ghn.config
    assert again.origin == Origin("cells", "abc", 7)
    wanted, found = ghn(graphs[0]), again(graphs[0])
    assert all(torch.equal(weight, found[path]) for path, weight in wanted.items())
    assert os.listdir(saved.parent) == ["g.safetensors"]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_comes_back(name: str, graphs: list[Graph], tmp_path: Path) -> None:
    config = replace(MODELS[name], blocks=fit(graphs), hidden=8, heads=4, rank=4, width=8)
    ghn = GHN(config, seed=1)
    ghn.save(tmp_path / "g.safetensors")
    again = GHN.load(tmp_path / "g.safetensors")
    assert again.config == config
    wanted, found = ghn(graphs[0]), again(graphs[0])
    assert all(torch.equal(weight, found[path]) for path, weight in wanted.items())


def rewritten(change: Callable[[Tensors, Metadata], object]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = dict(file.metadata())
        change(tensors, metadata)
        save_file(tensors, path, metadata)

    return write


def metadata(**values: object) -> Callable[[Path], None]:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return rewritten(lambda _, found: found.update(texts))


REFUSED = {
    "missing": (lambda path: path.unlink(), "G421", "no file"),
    "text": (lambda path: path.write_text("hello"), "G421", "damaged"),
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-9]), "G421", "damaged"),
    "weights": (metadata(format="pt"), "G421", "no hypernetwork"),
    "no config": (rewritten(lambda _, found: found.pop("config")), "G421", "config"),
    "config": (metadata(config="{"), "G421", "damaged"),
    "config of a list": (metadata(config=[]), "G421", "damaged"),
    "config's names": (metadata(config={"blocks": {}, "decoders": ["tile"], "breadth": 3}), "G421", "breadth"),
    "config's sizes": (metadata(config={"blocks": {}, "decoders": ["tile"], "hidden": -3}), "G421", "positive"),
    "huge": (metadata(config={"blocks": {"conv2d": [2**30] * 4}, "decoders": ["slice"]}), "G421", "positive"),
    "a decoder unknown": (metadata(config={"blocks": {}, "decoders": ["fold"]}), "G421", "` knows "),
    "no decoder": (metadata(config={"blocks": {}, "decoders": []}), "G421", "` knows "),
    "an encoder unknown": (metadata(config={"blocks": {}, "decoders": ["tile"], "encoder": "ear"}), "G421", "` knows "),
    "choices of another encoder": (
        metadata(config={"blocks": {}, "decoders": ["tile"], "encoder": "ghn2", "cell": "lstm"}),
        "G421",
        "`cell`",
    ),
    "heads": (metadata(config={"blocks": {}, "decoders": ["tile"], "encoder": "ghn3", "heads": 5}), "G421", "`heads`"),
    "origin": (metadata(origin={"place": 1}), "G421", "it lacks 'space'"),
    "a tensor missing": (
        rewritten(lambda found, _: found.pop("model.decoder.heads.0.slice.trunk.slots.weight")),
        "G421",
        "slots",
    ),
    "a tensor's shape": (
        rewritten(lambda found, _: found.update({"model.encoder.embedding": torch.zeros(2, 2)})),
        "G421",
        "embedding",
    ),
    "an endless size": (metadata(config='{"blocks": {"conv": [Infinity]}, "decoders": ["slice"]}'), "G421", "infinity"),
    "a word for a truth": (
        metadata(config={"blocks": {}, "decoders": ["tile"], "shapes": "no"}),
        "G421",
        "`shapes` must be true or false",
    ),
    "an origin of numbers": (metadata(origin={"space": 3, "space_hash": None, "steps": 1}), "G421", "in words"),
    "an origin of less": (metadata(origin={"space": "a"}), "G421", "it lacks 'space_hash'"),
    "whole numbers": (
        rewritten(lambda found, _: found.update({name: tensor.long() for name, tensor in found.items()})),
        "G421",
        "is torch.int64",
    ),
    "no numbers": (
        rewritten(lambda found, _: found.update({name: tensor * math.nan for name, tensor in found.items()})),
        "G421",
        "its training diverged",
    ),
    "codes in another order": (metadata(operators=[*OPERATORS[1::-1], *OPERATORS[2:]]), "G422", "was `linear`"),
    "a code of later": (metadata(operators=[*OPERATORS, "warp"]), "G422", "`warp`; now it is none"),
}


@pytest.mark.parametrize(("change", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(saved: Path, change: Callable[[Path], None], code: str, words: str) -> None:
    change(saved)
    with pytest.raises(CompileError) as caught:
        GHN.load(saved)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert words in str(diagnostic)


def test_an_operator_appended_later_breaks_nothing(saved: Path) -> None:
    metadata(operators=OPERATORS[:-3])(saved)
    GHN.load(saved)


def test_training_state_stands_beside(saved: Path) -> None:
    ghn = GHN.load(saved)
    checkpoint.save(ghn, saved, {"losses": torch.ones(3)})
    assert checkpoint.load_training(saved)[0]["losses"].tolist() == [1, 1, 1]
    assert GHN.load(saved).config == ghn.config
