"""Weights for any network: the hypernetwork's commands, as a person calls them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from commanding import Json, ask, call
from safetensors import safe_open
from sklearn.datasets import load_breast_cancer, load_digits

import ghndsl

SMALL = ["--steps", "3", "--batch-size", "16", "--meta-batch", "2", "--held-out", "2"]
"""A training that takes a moment."""

OTHERS = {
    "resnet18": [],
    "lstm_classifier": ["vocab=500"],
    "gpt2": ["vocab=500", "depth=2", "D=192"],
    "vit_b_32": ["depth=2", "D=192"],
    "swin_v2_t": [],
    "convnext_tiny": [],
    "msdnet": [],
    "unet": ["base=16"],
    "r3d_18": [],
    "unets@17": ["width=8"],
    "transformer@5": ["width=8", "vocab=500"],
    "lstm:Tokens@3": ["width=8", "vocab=500"],
}
"""Networks with weights that a space of small image networks has none of."""

FEW = """
space Table() {
    input cells: f32[N, 30]
    choose width from 4..13
    choose act from [relu, gelu]
    output logits = cells -> linear(width) -> act -> linear(2)
}

space Tokens() {
    input tokens: i64[N, T]
    choose width from 4..13
    choose act from [relu, gelu]
    y, _h, _c = tokens -> embedding(128, width) -> lstm(width, batch_first=true)
    output logits = y -> act -> linear(3)
}

space Masks() {
    input image: f32[N, 1, 4 * H, 4 * W]
    choose width from 4..13
    choose act from [relu, gelu]
    output logits = image -> conv(width, 3, padding=1) -> batch_norm -> act -> conv(2, 1)
}

motif Cell(x, width: int) {
    choose times from 1..5
    choose act from [relu, gelu, silu, tanh]
    return x -> conv(times * width, 3, padding=1, bias=false) -> batch_norm -> act
}

space Digits(width: int = 4, cells: int = 1) {
    input image: f32[N, 1, 8, 8]
    x = image -> conv(width, 3, padding=1) as stem
    for i in range(cells) {
        x = x -> Cell(width) as cell{i}
    }
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(10)
}
"""
"""Small spaces, each of twenty candidates: of so many two may be held out."""

HERE = Path()


def said(*words: object) -> dict[str, Json]:
    """What a command answers, as JSON."""
    return ask(HERE, *map(str, words))


def refused(*words: object) -> str:
    """What a command says that refuses its input."""
    return call(HERE, *map(str, words), code=1).stderr


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hypernetwork that has seen the space of the digits alone."""
    path = tmp_path_factory.mktemp("ghn") / "g.safetensors"
    found = said("train-ghn", "digits", "--data", "digits", *SMALL, "-o", path)
    assert found["steps"] == 3
    assert found["held_out"]["candidates"] == 2
    assert found["held_out"]["metric"] == "accuracy"
    return path


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spaces") / "few.nas"
    path.write_text(FEW, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Measured tumours: thirty numbers each, two classes."""
    x, y = load_breast_cancer(return_X_y=True)
    path = tmp_path_factory.mktemp("data") / "table.npz"
    np.savez(path, x_train=x[:400].astype("float32"), y_train=y[:400], x_test=x[400:].astype("float32"), y_test=y[400:])
    return path


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Letters of a licence, each to be told apart: capital, small, or neither."""
    text = np.frombuffer(str(sys.copyright).encode() * 9, np.uint8).astype(np.int64)
    rows = text[: len(text) // 12 * 12].reshape(-1, 12)
    kinds = np.where((rows >= 65) & (rows < 91), 1, np.where((rows >= 97) & (rows < 123), 2, 0))
    path = tmp_path_factory.mktemp("data") / "tokens.npz"
    np.savez(path, tokens_train=rows % 128, y_train=kinds)
    return path


@pytest.fixture(scope="module")
def masks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits, enlarged, and where their ink is."""
    pixels = load_digits().images[:100].repeat(4, 1).repeat(4, 2)
    path = tmp_path_factory.mktemp("data") / "masks.npz"
    np.savez(path, image_train=(pixels * 15.9).astype(np.uint8)[..., None], y_train=(pixels > 7).astype(np.int64))
    return path


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits in three colours."""
    digits = load_digits()
    shades = (digits.images[:400] * 15.9).astype(np.uint8)[..., None]
    path = tmp_path_factory.mktemp("data") / "colours.npz"
    np.savez(path, x_train=shades * np.array([1, 0, 1], np.uint8), y_train=digits.target[:400])
    return path


@pytest.mark.parametrize("network", OTHERS)
def test_a_checkpoint_of_one_space_makes_every_weight_of_any_network(
    network: str, checkpoint: Path, tmp_path: Path
) -> None:
    settings = [word for setting in OTHERS[network] for word in ("--set", setting)]
    found = said("generate", network, *settings, "--ghn", checkpoint, "-o", tmp_path / "w.safetensors")
    assert found["params"] == said("show", network, *settings)["params"] != 0
    with safe_open(tmp_path / "w.safetensors", "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    wide = [tensor for tensor in tensors.values() if tensor.ndim > 1 and tensor.shape[0] > 128]
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())
    for tensor in wide[:8]:
        rows = tensor.reshape(len(tensor), -1)
        assert len(np.unique(rows, axis=0)) == len(rows)


@pytest.mark.parametrize("model", ["ghn", "ghn1", "ghn2", "ghn3", "logah"])
def test_the_family(model: str, few: Path, tmp_path: Path) -> None:
    path = tmp_path / "g.safetensors"
    said("train-ghn", few, "--data", "digits", "--model", model, *SMALL, "-o", path)
    with safe_open(path, "np") as file:
        metadata = file.metadata()
    assert {"encoder", "decoders", "hidden"} <= json.loads(metadata["config"]).keys()
    assert json.loads(metadata["origin"])["space_hash"]
    said("generate", f"{few}@3", "--ghn", path, "-o", tmp_path / "w.safetensors")
    other = ("generate", "vit_b_32", "--set", "depth=1", "--ghn", path, "-o", tmp_path / "v.safetensors")
    if model == "ghn1":
        error = refused(*other)
        assert "G420" in error
        assert "conv_proj" in error
        assert not (tmp_path / "v.safetensors").exists()
    else:
        said(*other)


def test_several_spaces_and_networks_together(colours: Path, tmp_path: Path) -> None:
    sources = ["nasbench201", "darts", "resnet18"]
    scale = ["--set", "width=4", "--set", "size=8", "--set", "cells=2"]
    found = said("train-ghn", *sources, *scale, "--data", colours, *SMALL, "-o", tmp_path / "g.safetensors")
    assert [source["name"] for source in found["sources"]] == sources
    assert found["loss"] > 0


def test_schedules_precision_average_and_more_steps(few: Path, tmp_path: Path) -> None:
    path = tmp_path / "g.safetensors"
    more = ["--vary", "width=4..8", "--grow", "cells=1..2", "--precision", "bf16", "--ema", "0.9", "--seed", "3"]
    common = ["train-ghn", few, "--data", "digits", *more, *SMALL[2:]]
    whole = said(*common, "--steps", "4", "-o", tmp_path / "whole.safetensors")
    said(*common, "--steps", "4", "--stop-after", "2", "-o", path)
    resumed = said(*common, "--steps", "4", "--resume", "-o", path)
    assert resumed["steps"] == whole["steps"] == 4
    assert resumed["loss"] == pytest.approx(whole["loss"], abs=1e-6)


def test_tables_tokens_and_masks(few: Path, table: Path, tokens: Path, masks: Path, tmp_path: Path) -> None:
    """The data says what is learned: the commands are the same."""
    tasks = [("Table", table, "accuracy"), ("Tokens", tokens, "accuracy"), ("Masks", masks, "mean_iou")]
    for name, data, metric in tasks:
        space, path, weights = f"{few}:{name}", tmp_path / "g.safetensors", tmp_path / "w.safetensors"
        found = said("train-ghn", space, "--data", data, *SMALL, "-o", path)
        assert found["held_out"]["metric"] == metric
        said("generate", f"{space}@2", "--ghn", path, "-o", weights)
        judged = said("evaluate", f"{space}@2", "--weights", weights, "--data", data)
        assert judged["metric"] == metric
        other = masks if data is table else table
        assert "G407" in refused("evaluate", f"{space}@2", "--weights", weights, "--data", other)
        ranked = said("rank", space, "--data", data, "--ghn", path, "--scorer", "ghn", "-n", "3")
        assert len(ranked["candidates"]) == 3


SHIPPED = {
    "mlp": (["features=30"], "table"),
    "lstm:Tokens": (["vocab=128", "width=8", "classes=3"], "tokens"),
    "transformer:Tokens": (["vocab=128", "width=4", "classes=3"], "tokens"),
    "unets": (["channels=1", "width=1"], "masks"),
}


@pytest.mark.parametrize("space", SHIPPED)
def test_shipped_spaces_of_tables_tokens_and_masks(
    space: str, table: Path, tokens: Path, masks: Path, tmp_path: Path
) -> None:
    settings, kind = SHIPPED[space]
    words = [word for setting in settings for word in ("--set", setting)]
    data = {"table": table, "tokens": tokens, "masks": masks}[kind]
    brief = ["--steps", "2", "--batch-size", "8", "--meta-batch", "1", "--held-out", "1"]
    found = said("train-ghn", space, *words, "--data", data, *brief, "-o", tmp_path / "g.safetensors")
    assert found["held_out"]["metric"] == ("mean_iou" if kind == "masks" else "accuracy")
    assert len(found["held_out"]["history"]) == 2
    assert found["diverged"] is False


def test_generated_weights_are_a_start(checkpoint: Path, tmp_path: Path) -> None:
    """With noise and orthogonal rows, with statistics of the data, and as where training begins."""
    common = ["generate", "digits@17", "--ghn", checkpoint]
    plain, other, again = (tmp_path / f"{name}.safetensors" for name in ("plain", "other", "again"))
    said(*common, "-o", plain)
    changed = ["--noise", "0.1", "--orthogonal", "--seed", "1", "--data", "digits"]
    said(*common, *changed, "-o", other)
    said(*common, *changed, "-o", again)
    assert other.read_bytes() == again.read_bytes() != plain.read_bytes()
    kept = checkpoint.read_bytes()
    assert "written over" in call(HERE, *map(str, common), "-o", str(checkpoint), code=2).stderr
    assert checkpoint.read_bytes() == kept
    trained = said(
        "train", "digits@17", "--data", "digits", "--preset", "quick", "--epochs", "1", "--weights", other, "-o", again
    )
    assert trained["accuracy"] > 0.2


BAD = {
    "no such model": (["--model", "ghn4"], 1, "ghn4"),
    "a range of nothing": (["--vary", "width=8..4"], 2, "8..4"),
    "an unknown parameter": (["--vary", "breadth=4..8"], 1, "breadth"),
    "an unknown space": (["nasbench201:None"], 1, "None"),
    "a network that does not fit": (["lstm_classifier"], 1, "G407"),
    "no precision": (["--precision", "int8"], 2, "int8"),
    "no device": (["--device", "abacus"], 2, "abacus"),
}


@pytest.mark.parametrize(("more", "code", "words"), BAD.values(), ids=BAD)
def test_bad_input(more: list[str], code: int, words: str, colours: Path, tmp_path: Path) -> None:
    path = tmp_path / "g.safetensors"
    given = ("train-ghn", "nasbench201", *more, "--data", str(colours), *SMALL, "-o", str(path))
    error = call(HERE, *given, code=code).stderr
    assert words in error
    assert "Traceback" not in error
    assert not path.exists()


def test_a_training_that_diverged_is_told_and_makes_no_weights(tmp_path: Path) -> None:
    path = tmp_path / "g.safetensors"
    found = said("train-ghn", "digits", "--data", "digits", "--lr", "1e9", *SMALL, "-o", path)
    assert found["diverged"] is True
    assert "its training diverged" in refused("generate", "digits@3", "--ghn", path, "-o", tmp_path / "w.safetensors")
    assert not (tmp_path / "w.safetensors").exists()


def test_a_checkpoint_says_where_it_comes_from(checkpoint: Path) -> None:
    assert ghndsl.GHN.load(checkpoint).origin.space == "digits"
