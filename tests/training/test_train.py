"""Training: it learns, the seed decides, and what goes wrong is told."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.module import to_torch
from ghndsl.ir import Graph
from ghndsl.passes import dead
from ghndsl.training import PRESETS, Settings, evaluate, preset, train

BRIEF = Settings(epochs=1)


def test_learns(small: Graph, digits: Dataset) -> None:
    trained = train(small, digits, Settings(epochs=4, augment="shift"), seed=0)
    assert evaluate(small, trained.weights, digits.validation).accuracy > 0.85
    assert trained.history[-1].loss < trained.history[0].loss
    assert trained.weights.keys() == dead(small).weights.keys()
    assert not trained.diverged


def test_the_seed_decides(small: Graph, digits: Dataset) -> None:
    torch.manual_seed(1)
    first = train(small, digits, BRIEF, seed=3)
    state = torch.get_rng_state()
    torch.rand(5)
    again, other = train(small, digits, BRIEF, seed=3), train(small, digits, BRIEF, seed=4)
    assert all(torch.equal(first.weights[name], again.weights[name]) for name in first.weights)
    assert first.history == again.history
    assert not torch.equal(first.weights["fc.weight"], other.weights["fc.weight"])
    torch.manual_seed(1)
    assert torch.equal(state, torch.get_rng_state())


def test_narrow_convolutions_that_skip_places_are_trained() -> None:
    # In a process of its own, for torch's kernel for channels last writes beyond its memory and aborts.
    done = subprocess.run([sys.executable, "-c", SKIPPING], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


SKIPPING = """
import itertools
import numpy as np, torch, ghndsl
from ghndsl.data.assemble import assemble
from ghndsl.data.raw import Raw
from ghndsl.emit.run import run
from ghndsl.ops import Mode
from ghndsl.training import Settings, train
torch.set_num_threads(1)
rng = np.random.default_rng(0)
for channels, stride in itertools.product([1, 4, 7], ["2", "(1, 2)"]):
    print(channels, stride, flush=True)
    graph = ghndsl.loads(f"arch a() {{ input x: f32[N, {channels}, 32, 32]\\n"
        f"x = x -> conv(16, 1, {stride}) as a -> relu -> adaptive_avg_pool(1)\\n"
        "output logits = x -> flatten -> linear(4) as b }")
    raw = Raw({'x': rng.integers(0, 256, (200, 32, 32, channels), dtype=np.uint8)}, rng.integers(0, 4, 200))
    data = assemble("noise", raw, None, 0)
    weights = dict(train(graph, data, Settings(epochs=1), seed=0).weights)
    # A generated kernel may lie in memory as its maker left it.
    lie = {"a.weight": (channels, 1, channels, channels)}
    leaves = {name: torch.empty_strided(value.shape, lie.get(name, value.stride())).copy_(value).requires_grad_()
        for name, value in weights.items()}
    for _ in range(3):
        run(graph, [data.train.inputs["x"][:16]], leaves, Mode("train"))["logits"].sum().backward()
        noise = [torch.rand(10**n) for n in range(5)]
"""


def test_starts_from_given_weights(small: Graph, digits: Dataset) -> None:
    weights = initial_weights(small, 7)
    trained = train(small, digits, replace(BRIEF, epochs=0), seed=0, weights=weights)
    assert all(torch.equal(trained.weights[name], weights[name]) for name in trained.weights)


def test_divergence_is_told(small: Graph, digits: Dataset) -> None:
    trained = train(small, digits, Settings(epochs=9, lr=1e30, warmup=0, clip=0), seed=0)
    assert trained.diverged
    assert len(trained.history) < 9
    assert not math.isfinite(trained.history[-1].loss)


def test_interruption_comes_through(small: Graph, digits: Dataset) -> None:
    seen: list[tuple[int, int]] = []

    def progress(step: int, total: int, text: str) -> None:
        assert "loss" in text
        seen.append((step, total))
        if step == 2:
            raise KeyboardInterrupt

    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        train(small, digits, Settings(epochs=5), seed=0, progress=progress)
    assert seen == [(1, 5), (2, 5)]
    assert torch.get_num_threads() == threads


def test_evaluation_is_that_of_the_module(small: Graph, digits: Dataset) -> None:
    weights = dict(train(small, digits, BRIEF, seed=0).weights)
    module = to_torch(small, weights).eval()
    with torch.no_grad():
        logits = module(digits.test.inputs["x"])["logits"]
    metrics = evaluate(small, weights, digits.test)
    assert metrics.accuracy == float((logits.argmax(1) == digits.test.targets).double().mean())
    assert metrics.loss == pytest.approx(
        float(torch.nn.functional.cross_entropy(logits, digits.test.targets)), abs=1e-5
    )
    for size in (1, 7, 1000):
        other = evaluate(small, weights, digits.test, batch_size=size)
        assert other.accuracy == metrics.accuracy
        assert other.loss == pytest.approx(metrics.loss, abs=1e-5)


def test_misfit_is_refused(small: Graph, digits: Dataset) -> None:
    with pytest.raises(CompileError, match="G407"):
        train(small, digits.resized(4, 4), BRIEF, seed=0)


def test_presets() -> None:
    assert all(preset(name) == settings for name, settings in PRESETS.items())
    with pytest.raises(CompileError, match=r"G411(?s:.*)did you mean `quick`"):
        preset("quik")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", -1),
        ("batch_size", 0),
        ("lr", math.nan),
        ("warmup", 2),
        ("label_smoothing", -0.1),
        ("augment", "zoom"),
        ("precision", "f16"),
        ("crop", -1),
        ("cutout", -1),
        ("auxiliary", math.nan),
        ("drop_path", 1.0),
        ("ema", 1.0),
        ("decay", 1.1),
    ],
)
def test_settings_are_checked(name: str, value: float | str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(**{name: value})
