"""Random graphs as Python: a few of those that ONNX is compared on, with awkward names and shared weights."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from ghndsl.diagnostics import CompileError
from ghndsl.emit.run import run
from ghndsl.emit.source import to_source
from ghndsl.passes.dead import dead

ROOT = Path(__file__).parents[2]
COUNT = 60


@pytest.fixture
def grow(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("exported.grow")


@pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel")
def test_random_graphs_compute_the_same(grow: ModuleType, made: Callable[[str], nn.Module]) -> None:
    refused: list[str] = []
    for number in range(COUNT):
        graph = grow.grown(23, number)
        try:
            source = to_source(graph)
        except CompileError as error:
            refused += [one.code for one in error.diagnostics]
            continue
        module = made(source).eval()
        weights = module.state_dict()
        assert {path: tuple(value.shape) for path, value in weights.items()} == {
            path: weight.shape for path, weight in dead(graph).weights.items()
        }
        generator = torch.Generator().manual_seed(number)
        inputs = {name: grow.drawn_input(kind, grow.SIZES, generator) for name, kind in graph.inputs.items()}
        with torch.no_grad():
            wanted, got = run(graph, inputs, weights), module(*inputs.values())
        results = got if isinstance(got, dict) else {next(iter(wanted)): got}
        assert list(results) == list(wanted)
        for name, value in wanted.items():
            torch.testing.assert_close(results[name], value, rtol=1e-4, atol=1e-5, equal_nan=True)
    assert set(refused) <= {"G508"}
    assert len(refused) < COUNT // 10
