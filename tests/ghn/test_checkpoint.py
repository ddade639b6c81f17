"""Checkpoints: they come back as they went, and what is none is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ghndsl.diagnostics import CompileError
from ghndsl.ghn import GHN, GHNConfig, Origin, checkpoint, fit
from ghndsl.ghn.operators import OPERATORS
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
    for path, weight in ghn(graphs[0]).items():
        assert torch.equal(weight, again(graphs[0])[path])
    assert os.listdir(saved.parent) == ["g.safetensors"]


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
    "config's names": (metadata(config={"blocks": {}, "breadth": 3}), "G421", "breadth"),
    "config's sizes": (metadata(config={"blocks": {}, "hidden": -3}), "G421", "positive"),
    "huge": (metadata(config={"blocks": {"conv2d": [2**30] * 4}}), "G421", "positive"),
    "origin": (metadata(origin={"place": 1}), "G421", "place"),
    "a tensor missing": (rewritten(lambda found, _: found.pop("model.decoder.heads.0.slots.weight")), "G421", "slots"),
    "a tensor's shape": (
        rewritten(lambda found, _: found.update({"model.encoder.embedding": torch.zeros(2, 2)})),
        "G421",
        "embedding",
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
    assert checkpoint.load_training(saved)["losses"].tolist() == [1, 1, 1]
    assert GHN.load(saved).config == ghn.config
