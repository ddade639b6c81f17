"""Laws of a data set: its parts, its statistics, its seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl import ops
from ghndsl.data import Dataset, check_fit, load
from ghndsl.data.stratified import stratified
from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.types import Dim, DType, TensorType, symbol

N = symbol("N")


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


def test_training_part_is_normalised(digits: Dataset) -> None:
    for data in (digits, digits.resized(4, 4), digits.resized(12, 16)):
        images = data.train.inputs["x"]
        assert abs(images.mean()) < 1e-5
        assert abs(images.std() - 1) < 1e-3
        assert images.dtype == torch.float32
        assert data.train.targets.dtype == torch.int64


def test_seed_decides(digits: Dataset) -> None:
    again, other = load("digits", seed=0), load("digits", seed=1)
    assert torch.equal(digits.train.inputs["x"], again.train.inputs["x"])
    assert not torch.equal(digits.train.targets, other.train.targets)


def test_resized_agrees_with_its_mean_and_std(digits: Dataset) -> None:
    small = digits.resized(4, 4)
    before, after = digits.scales["x"], small.scales["x"]
    pixels = digits.test.inputs["x"] * before.std[0] + before.mean[0]
    expected = (torch.nn.functional.avg_pool2d(pixels, 2) - after.mean[0]) / after.std[0]
    torch.testing.assert_close(small.test.inputs["x"], expected, atol=1e-5, rtol=1e-5)
    assert digits.resized(8, 8) is digits


def test_batches_cover_the_part(digits: Dataset) -> None:
    parts = list(digits.test.batches(100))
    assert [len(part) for part in parts] == [100, 100, 100, 59]
    assert torch.equal(torch.cat([part.inputs["x"] for part in parts]), digits.test.inputs["x"])


@given(
    counts=st.lists(st.integers(1, 30), min_size=1, max_size=8),
    share=st.floats(0.05, 0.5),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_stratified(counts: list[int], share: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    kept, held = stratified(labels, share, np.random.default_rng(seed))
    assert sorted([*kept, *held]) == list(range(len(labels)))
    for label, count in enumerate(counts):
        got = int((labels[held] == label).sum())
        assert got < count
        if min(counts) > 2:
            assert abs(got - share * count) <= 1


def network(shape: tuple[Dim, ...], classes: int, kind: DType = DType.F32) -> Graph:
    build = GraphBuilder("net")
    x = build.input("image", TensorType(shape, kind))
    scope = Scope("arch", "net")
    if kind is DType.F32:
        (x,) = build.add(ops.TABLE["flatten"](), [x], "", scope)
        (x,) = build.add(ops.Linear(classes), [x], "fc", scope)
    build.output("logits", x)
    return build.finish()


@pytest.mark.parametrize(
    ("shape", "classes", "words"),
    [
        ((N, 1, 8, 8), 10, ""),
        ((N, 1, 8, 8), 9, "[N, 9]"),
        ((N, 3, 8, 8), 10, "[N, 3, 8, 8]"),
        ((N, 1, 32, 32), 10, "[N, 1, 8, 8]"),
        ((N, 64), 10, "[N, 64]"),
        ((4, 1, 8, 8), 10, "[4, 1, 8, 8]"),
    ],
)
def test_fit(digits: Dataset, shape: tuple[Dim, ...], classes: int, words: str) -> None:
    graph = network(shape, classes)
    if not words:
        check_fit(digits, graph)
        return
    with pytest.raises(CompileError) as caught:
        check_fit(digits, graph)
    assert caught.value.diagnostics[0].code == "G407"
    assert words in caught.value.diagnostics[0].message


def test_fit_wants_floats_and_one_input(digits: Dataset) -> None:
    build = GraphBuilder("two")
    values = [build.input(name, TensorType((N, 1, 8, 8))) for name in ("a", "b")]
    build.output("logits", values[0])
    for graph in (network((N, 1, 8, 8), 10, DType.I64), build.finish()):
        with pytest.raises(CompileError, match="G407"):
            check_fit(digits, graph)
