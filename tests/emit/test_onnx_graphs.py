"""Random graphs, exported at random opsets: a few of those that `make bench` compares, and the tools that make them."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest
import torch

import ghndsl
from ghndsl import ops
from ghndsl.emit.onnx import OPSETS
from ghndsl.ir import verify

ROOT = Path(__file__).parents[2]
COUNT = 40


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    names = ("exported.draw", "exported.grow", "exported.judge", "exported.shrink", "onnx_graphs")
    return {name.rsplit(".", maxsplit=1)[-1]: importlib.import_module(name) for name in names}


def test_random_graphs_compute_the_same(tools: dict[str, ModuleType]) -> None:
    seen: set[str] = set()
    runs = 0
    for number in range(COUNT):
        graph = tools["grow"].grown(7, number)
        verify(graph)
        opset, fold = tools["onnx_graphs"].way(7, number)
        verdict = tools["judge"].judged(graph, opset, fold=fold)
        assert verdict.failure is None, ghndsl.format(graph)
        runs += verdict.runs
        seen |= {node.op.name for node in graph.nodes}
    assert runs > 2 * COUNT
    assert len(seen) > 40


def test_a_number_is_one_graph_and_one_way(tools: dict[str, ModuleType]) -> None:
    grown, way = tools["grow"].grown, tools["onnx_graphs"].way
    assert [grown(0, n).id for n in range(5)] == [grown(0, n).id for n in range(5)]
    assert grown(0, 1).id != grown(1, 1).id
    ways = {way(0, n) for n in range(300)}
    assert {opset for opset, _ in ways} == set(OPSETS)
    assert {fold for _, fold in ways} == {False, True}


def test_graphs_join_share_and_have_several_inputs(tools: dict[str, ModuleType]) -> None:
    graphs = [tools["grow"].grown(0, number) for number in range(60)]
    paths = [[node.path for node in graph.nodes if node.weights] for graph in graphs]
    assert any(len(set(found)) < len(found) for found in paths)
    assert any(len(graph.inputs) > 1 for graph in graphs)
    assert any(len(set(node.inputs)) > 1 for graph in graphs for node in graph.nodes)
    assert any(len(graph.outputs) > 1 for graph in graphs)
    assert any("H" in kind.symbols for graph in graphs for kind in graph.inputs.values())


def test_wrong_numbers_are_found_and_made_small(tools: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    def slope_of_onnx(self, context, inputs, weights):
        return (context.node("HardSigmoid", inputs[0].name),)

    text = "x -> conv(4, 3) -> relu -> hardsigmoid -> max_pool(2)) + (x -> conv(4, 3, 2, 1) -> conv(4, 2)"
    graph = ghndsl.loads(f"arch a() {{\n input x: f32[N, 3, 9, 9]\n output y = ({text})[:, :, :1, :1]\n}}")
    judged = tools["judge"].judged
    assert judged(graph, 20, fold=False).failure is None
    monkeypatch.setattr(ops.Hardsigmoid, "onnx", slope_of_onnx)
    assert judged(graph, 20, fold=False).failure.startswith("other numbers")
    small = tools["shrink"].shrunk(graph, lambda part: judged(part, 20, fold=False).failure is not None)
    assert [node.op.name for node in small.nodes] == ["hardsigmoid"]


DIFFERENCES = [
    (torch.tensor([1.0]), torch.tensor([1.0]), torch.tensor([1.00005]), False),
    (torch.tensor([1.0]), torch.tensor([1.0]), torch.tensor([1.0003]), True),
    (torch.tensor([1.0]), torch.tensor([1.0001]), torch.tensor([1.0003]), False),
    (torch.tensor([1.0]), torch.tensor([1.0]), torch.tensor([torch.nan]), True),
    (torch.tensor([torch.nan]), torch.tensor([torch.nan]), torch.tensor([torch.nan]), False),
    (torch.tensor([torch.inf]), torch.tensor([torch.inf]), torch.tensor([torch.inf]), False),
    (torch.tensor([torch.nan, 1.0]), torch.tensor([torch.nan, 1.0]), torch.tensor([torch.nan, 2.0]), True),
    (torch.tensor([1.0]), torch.tensor([1.0]), torch.tensor(1.0), True),
    (torch.tensor([1]), torch.tensor([1]), torch.tensor([1.0]), True),
]


@pytest.mark.parametrize(("wanted", "shaken", "found", "differs"), DIFFERENCES)
def test_what_rounding_explains_is_no_failure(
    tools: dict[str, ModuleType], wanted: torch.Tensor, shaken: torch.Tensor, found: torch.Tensor, differs: bool
) -> None:
    assert (tools["judge"].difference(wanted, shaken, found) is not None) == differs
