"""Batch normalisations that are folded: which are, which are not, and the numbers are the same."""

from __future__ import annotations

import pytest
import torch

import ghndsl
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import check, to_onnx
from ghndsl.emit.onnx.fold import fold_batch_norms
from ghndsl.emit.run import run
from ghndsl.ir import Graph, verify
from ghndsl.ops import Role

IMAGE = "input x: f32[N, 6, 8, 8]\n"

FOLDED = {
    "x -> conv(4, 3, bias=false) as c -> batch_norm as b": ["conv"],
    "x -> conv(4, 3) as c -> batch_norm as b": ["conv"],
    'x -> conv(4, 3, groups=2, padding=1, padding_mode="reflect") as c -> batch_norm(affine=false) as b': ["conv"],
    "x -> conv_transpose(8, 3, 2) as c -> batch_norm as b -> relu": ["conv_transpose", "relu"],
    "x -> conv_transpose(4, 3, groups=2, bias=false) as c -> batch_norm(0.1) as b": ["conv_transpose"],
    "x -> flatten -> linear(7) as c -> batch_norm as b": ["flatten", "linear"],
    "x -> conv(4, 1) as c -> batch_norm as b -> batch_norm as d": ["conv", "batch_norm"],
    "(x -> conv(4, 1) as c -> batch_norm as b) + (x -> conv(4, 1, bias=false) as d -> batch_norm as e)": [
        "conv",
        "conv",
        "add",
    ],
}
STAYS = {
    "x -> batch_norm as b -> conv(4, 1) as c": ["batch_norm", "conv"],
    "x -> conv(4, 1) as c -> relu -> batch_norm as b": ["conv", "relu", "batch_norm"],
    "x -> conv(4, 1) as c -> batch_norm(track_running_stats=false) as b": ["conv", "batch_norm"],
    "x -> flatten(2) -> linear(7) as c -> batch_norm as b": ["flatten", "linear", "batch_norm"],
    "x -> conv(4, 1) as c -> dropout -> batch_norm as b": ["conv", "dropout", "batch_norm"],
}
WHOLE = {
    "y = x -> conv(4, 1) as c\n output a = y -> batch_norm as b\n output z = y -> relu": ["conv", "batch_norm", "relu"],
    "y = x -> conv(4, 1) as c\n output a = y -> batch_norm as b\n output z = y": ["conv", "batch_norm"],
    "f = conv(6, 1, bias=false) as c\n output a = x -> f -> batch_norm as b -> f": ["conv", "batch_norm", "conv"],
    "b = batch_norm as b\n output a = [x -> conv(4, 1) as c -> b, x -> conv(4, 3) as d -> b, x -> relu][0]": ["conv"],
    "n = batch_norm as b\n output a = x -> conv(4, 1) as c -> n\n output z = x -> conv(4, 3) as d -> n": [
        "conv",
        "conv",
    ],
}
ROWS = {
    **{f"output y = {text}": kinds for text, kinds in (FOLDED | STAYS).items()},
    **WHOLE,
}


def network(text: str) -> Graph:
    return ghndsl.loads(f"arch a() {{\n {IMAGE} {text}\n}}")


def weights_of(graph: Graph) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    weights = initial_weights(graph, 0)
    for path, weight in graph.weights.items():
        if weight.role in (Role.SCALE, Role.SHIFT, Role.MEAN, Role.VARIANCE):
            weights[path] = weights[path] + torch.rand(weight.shape, generator=generator)
    return weights


@pytest.mark.parametrize("text", ROWS)
def test_what_is_folded_and_the_numbers_are_the_same(text: str) -> None:
    graph = network(text)
    weights = weights_of(graph)
    folded, made = fold_batch_norms(graph, weights)
    verify(folded)
    assert [node.op.name for node in folded.nodes] == ROWS[text]
    assert {p: tuple(made[p].shape) for p in folded.weights} == {p: w.shape for p, w in folded.weights.items()}
    image = torch.randn(3, 6, 8, 8, generator=torch.Generator().manual_seed(2))
    found = run(folded, [image], made)
    for name, wanted in run(graph, [image], weights).items():
        torch.testing.assert_close(found[name], wanted, atol=1e-4, rtol=1e-4)
    assert check(to_onnx(graph, weights, fold_batch_norm=True), graph, weights) < 1e-4


def test_each_pair_that_one_value_feeds_keeps_its_own_bias() -> None:
    graph = ghndsl.load("resnet18")
    weights = weights_of(graph)
    model = to_onnx(graph, weights, fold_batch_norm=True)
    assert not [node for node in model.graph.node if node.op_type == "BatchNormalization"]
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    biases = [node.input[2] for node in convolutions]
    assert biases == [f"{node.input[1].removesuffix('.weight')}.bias" for node in convolutions]
    assert len(set(biases)) == 20
    assert check(model, graph, weights, [2]) < 1e-4


def test_a_bias_that_a_path_of_another_node_would_hide_is_not_made() -> None:
    graph = network("y = x -> conv(4, 1, bias=false) as c -> batch_norm as b\n output z = y + (parameter(1) as c.bias)")
    folded, _ = fold_batch_norms(graph, weights_of(graph))
    assert "batch_norm" in [node.op.name for node in folded.nodes]


def test_nothing_given_is_changed() -> None:
    graph = network("output y = x -> conv(4, 1) as c -> batch_norm as b")
    weights = weights_of(graph)
    before = {path: value.clone() for path, value in weights.items()}
    to_onnx(graph, weights, fold_batch_norm=True)
    assert weights.keys() == before.keys()
    assert all(torch.equal(weights[path], value) for path, value in before.items())
