"""A small network of each kind learns a real task: better than whoever answers the same to everything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

import ghndsl
from ghndsl.data import Dataset, Dense, load
from ghndsl.ir import Graph
from ghndsl.training import Settings, evaluate, score, train

TABLE, ILL = load_breast_cancer(return_X_y=True)
SUGAR, PROGRESS = load_diabetes(return_X_y=True)
SHADES, DIGIT = (load_digits().images * (255 / 16)).astype(np.uint8), load_digits().target
COARSE = (SHADES[:400, ::2, ::2] // 64).astype(np.int16).reshape(-1, 16)
"""Every fourth pixel in four shades, as a text of 16 tokens."""
BEFORE = np.concatenate([np.full((400, 1), -1), COARSE[:, :-1] > 0], 1)
"""Whether there was ink at the token before; nothing is asked of the first."""
SORTED = np.argsort(DIGIT, kind="stable")
LEFT = np.arange(1797)
RIGHT = np.where(LEFT % 2, SORTED[(np.argsort(SORTED) + 1) % 1797], LEFT[::-1])
"""For every second image another one of the same digit, for the others any."""
MASKS = np.where(SHADES > 100, 1, 0)
MASKS[:, 0] = 255

KINDS = {
    "table": (
        {"x_train": TABLE, "y_train": ILL},
        "input cells: f32[N, 30]\noutput logits = cells -> linear(8) -> relu -> linear(2)",
        0.9,
    ),
    "regression": (
        {"features_train": SUGAR, "y_train": PROGRESS},
        "input features: f32[N, 10]\noutput y = features -> linear(1)",
        0.35,
    ),
    "tokens": (
        {"tokens_train": COARSE, "y_train": BEFORE},
        "input tokens: i64[N, T]\nx = tokens -> embedding(4, 6)\n"
        "output logits = concat(x[:, :1], x[:, :-1], dim=1) -> linear(2)",
        0.95,
    ),
    "masks": (
        {"image_train": SHADES[:400], "y_train": MASKS[:400]},
        "input image: f32[N, 1, H, W]\noutput logits = image -> conv(2, 3, padding=1)",
        0.9,
    ),
    "pairs": (
        {"left_train": SHADES, "right_train": SHADES[RIGHT], "y_train": DIGIT[RIGHT] == DIGIT},
        "input right: f32[N, 1, 8, 8]\ninput left: f32[N, 1, 8, 8]\ntrunk = (flatten -> linear(16)) as trunk\n"
        "a, b = [one -> trunk for one in [left, right]]\noutput logits = abs(a - b) -> linear(1)",
        0.9,
    ),
}


def of_kind(kind: str, folder: Path) -> tuple[Dataset, Graph, float]:
    arrays, text, bar = KINDS[kind]
    np.savez(folder / "a.npz", **arrays)
    return load(str(folder / "a.npz")), ghndsl.loads(f"arch net() {{\n{text}\n}}"), bar


def trivial(data: Dataset) -> float:
    """What the best constant answer comes to on the test part."""
    if data.task.metric == "r2":
        return 0.0
    targets = data.test.targets[data.test.targets >= 0]
    shares = [float((targets == label).double().mean()) for label in range(data.classes)]
    return max(shares) / len(shares) if isinstance(data.task, Dense) else max(shares)


@pytest.mark.parametrize("kind", KINDS)
def test_learns(kind: str, tmp_path: Path) -> None:
    data, graph, bar = of_kind(kind, tmp_path)
    trained = train(graph, data, Settings(epochs=10, batch_size=32, augment="flip" if kind == "masks" else "none"), 0)
    found = evaluate(graph, trained.weights, data.test)
    assert found.metric == data.task.metric
    assert found.accuracy > max(bar, trivial(data) + 0.1), (found, trivial(data))
    other = evaluate(graph, trained.weights, data.test, batch_size=7)
    assert other.accuracy == pytest.approx(found.accuracy, abs=1e-6)
    assert other.loss == pytest.approx(found.loss, rel=1e-5)
    assert trained.history[-1].loss < trained.history[0].loss
    assert score(graph, trained.weights, data).metric == found.metric


def test_inputs_go_by_name(tmp_path: Path) -> None:
    """The network takes `right` before `left`."""
    data, graph, _ = of_kind("pairs", tmp_path)
    assert list(data.train.inputs) == ["left", "right"]
    fed = data.train.feed(graph)
    assert list(fed) == ["right", "left"]
    assert all(torch.equal(fed[name], data.train.inputs[name]) for name in fed)
