"""Weights files: they come back as they went, and what is none is refused."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.ir import Graph
from ghndsl.passes import dead
from ghndsl.training import load_weights, save_weights

Weights = dict[str, torch.Tensor]


def test_round_trip(small: Graph, tmp_path: Path) -> None:
    path, weights = tmp_path / "w.safetensors", initial_weights(small, 0)
    save_weights(path, weights, small)
    found = load_weights(path, small)
    assert list(found) == list(small.weights)
    assert all(torch.equal(found[name], weights[name]) for name in weights)
    with safe_open(path, framework="pt") as file:
        assert file.metadata()["id"] == small.id
    assert os.listdir(tmp_path) == ["w.safetensors"]


def test_unused_weights_may_be_missing(small: Graph, tmp_path: Path) -> None:
    path, weights = tmp_path / "w.safetensors", initial_weights(dead(small), 0)
    save_weights(path, weights)
    assert load_weights(path, small).keys() == weights.keys() < small.weights.keys()


def test_shared_memory_is_copied(small: Graph, tmp_path: Path) -> None:
    weights = initial_weights(small, 0)
    weights["sizes.weight"] = weights["fc.weight"][:3]
    save_weights(tmp_path / "w.safetensors", weights)
    assert torch.equal(load_weights(tmp_path / "w.safetensors", small)["sizes.weight"], weights["fc.weight"][:3])


def changed(change: Callable[[Weights], object]) -> Callable[[Path, Weights], None]:
    def write(path: Path, weights: Weights) -> None:
        change(weights)
        save_file(weights, path)

    return write


def truncated(path: Path, weights: Weights) -> None:
    save_file(weights, path)
    path.write_bytes(path.read_bytes()[:-10])


def pickled(path: Path, weights: Weights) -> None:
    path.write_bytes(pickle.dumps(dict.fromkeys(weights, 0)))


REFUSED = {
    "missing file": (lambda path, weights: None, "no file"),
    "text": (lambda path, weights: path.write_text("hello"), "damaged"),
    "empty": (lambda path, weights: path.write_bytes(b""), "damaged"),
    "huge header": (lambda path, weights: path.write_bytes(b"\xff" * 100), "damaged"),
    "pickle": (pickled, "damaged"),
    "truncated": (truncated, "damaged"),
    "a folder": (lambda path, weights: path.mkdir(), "no file"),
    "missing": (changed(lambda weights: weights.pop("fc.bias")), "missing: fc.bias"),
    "unexpected": (changed(lambda weights: weights.update(other=torch.zeros(1))), "unexpected: other"),
    "shape": (changed(lambda weights: weights.update({"fc.bias": torch.zeros(9)})), "fc.bias [9] instead of [10]"),
    "type": (changed(lambda weights: weights.update({"fc.bias": torch.zeros(10).double()})), "fc.bias float64"),
    "none of them": (changed(lambda weights: [weights.pop(name) for name in list(weights)]), "and 7 more"),
}


@pytest.mark.parametrize(("write", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(small: Graph, tmp_path: Path, write: Callable[[Path, Weights], None], words: str) -> None:
    write(tmp_path / "w.safetensors", initial_weights(small, 0))
    with pytest.raises(CompileError) as caught:
        load_weights(tmp_path / "w.safetensors", small)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "G410"
    assert words in str(diagnostic)


def test_an_interruption_leaves_the_old_file(small: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, initial_weights(small, 0))
    before = path.read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_weights(path, initial_weights(small, 1))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["w.safetensors"]
