"""The names of a model: those that were asked for, and none of them twice."""

from __future__ import annotations

from dataclasses import replace

import onnx
import pytest

import ghndsl
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import OPSETS, check, to_onnx
from ghndsl.ir import Graph
from ghndsl.passes import dead


def network(text: str) -> Graph:
    return ghndsl.loads(f"arch a() {{\n {text}\n}}")


KEPT = [
    "input mean: f32[N, 3]\n input constant: f32[N, 3]\n output y = ((mean + constant) * 2.0) -> linear(4) as x",
    "input x: f32[N, 4]\n output y = x -> linear(4) as a.b -> linear(4) as a_b -> linear(4) as a",
    "input größe: f32[N, 4]\n output 出力 = größe -> linear(4) as слой.0",
    "input x: f32[N, 4]\n output for.in = x -> linear(4) as class.def -> relu as import",
    "input x: f32[N, 4]\n output constant = x * 2.0 + (parameter(4) as constant_1)",
    "input x: f32[N, 4]\n output relu.Relu = (x -> relu) -> exp\n output add = x + x",
    "input x: f32[N, 4]\n output a = x -> relu\n output b = x -> exp -> relu as a -> relu as a.b",
    "input bias: f32[N, 4]\n output weight = bias -> linear(4) as x",
]
"""All names of inputs, outputs and weights are found in the model as they are."""
YIELD = {
    "input x: f32[N, 4]\n output .x = x -> relu": (["x"], ["x_1"], []),
    "input x: f32[N, 4]\n output .x = x -> relu\n output x_1 = x -> exp": (["x"], ["x_2", "x_1"], []),
    "input x: f32[N, 4]\n output y = x + (parameter(4) as x)": (["x"], ["y"], ["x_1"]),
    "input x: f32[N, 4]\n output y = x + (parameter(4) as y)": (["x"], ["y"], ["y_1"]),
    "input x: f32[N, 4]\n input x_1: f32[N, 4]\n output y = x + x_1 + (parameter(4) as x)": (
        ["x", "x_1"],
        ["y"],
        ["x_2"],
    ),
    "input x: f32[N, 4]\n output .x = x": (["x"], ["x_1"], []),
}
"""Of two equal names the first keeps it, of inputs, outputs and weights in this order; the other gets a number.

The language refuses an output named as an input, so `.x` stands for such a one.
"""


@pytest.mark.parametrize("text", KEPT)
def test_names_that_were_given_are_kept(text: str) -> None:
    graph = network(text)
    model = to_onnx(graph)
    assert [value.name for value in model.graph.input] == list(graph.inputs)
    assert [value.name for value in model.graph.output] == list(graph.outputs)
    assert {value.name for value in model.graph.initializer} >= set(dead(graph).weights)
    assert_sound(model, graph)


@pytest.mark.parametrize("text", YIELD)
def test_of_two_equal_names_the_first_keeps_it(text: str) -> None:
    graph = network(text.replace(" .x", " same"))
    results = [replace(port, name="x") if port.name == "same" else port for port in graph.results]
    graph = replace(graph, results=tuple(results))
    model = to_onnx(graph)
    inputs, outputs, weights = YIELD[text]
    assert [value.name for value in model.graph.input] == inputs
    assert [value.name for value in model.graph.output] == outputs
    assert [value.name for value in model.graph.initializer] == weights
    assert_sound(model, graph)


def assert_sound(model: onnx.ModelProto, graph: Graph) -> None:
    """No name is given twice, and ONNX Runtime finds its way, at the first and the last opset."""
    body = model.graph
    given = [value.name for value in (*body.input, *body.initializer)]
    given += [name for node in body.node for name in node.output]
    assert len(given) == len(set(given))
    nodes = [node.name for node in body.node]
    assert len(nodes) == len(set(nodes))
    weights = initial_weights(graph, 0)
    for opset in (OPSETS[0], OPSETS[-1]):
        assert check(to_onnx(graph, weights, opset), graph, weights, [2]) < 1e-5


def test_shared_weights_are_one_initialiser() -> None:
    graph = network("input x: f32[N, 4]\n f = linear(4) as f\n output y = x -> f -> relu -> f -> f")
    assert [value.name for value in to_onnx(graph).graph.initializer] == ["f.weight", "f.bias"]


def test_an_input_named_as_a_weight_is_fed_by_its_name() -> None:
    graph = network("input x: f32[N, 4]\n output y = x -> linear(4) as a -> linear(4) as a.weight_2")
    (port,) = graph.arguments
    graph = replace(graph, arguments=(replace(port, name="a.weight"),))
    model = to_onnx(graph)
    assert [value.name for value in model.graph.input] == ["a.weight"]
    assert {value.name for value in model.graph.initializer} >= {"a.weight_1", "a.bias"}
    assert_sound(model, graph)
