"""Calls that are complete without a tensor, and those that may be given more tensors: paths, types, refusals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.emit.onnx import to_onnx
from ghndsl.emit.onnx.comparison import check
from ghndsl.emit.run import run
from ghndsl.ghn import GHNConfig, fit
from ghndsl.ir import Graph, verify
from ghndsl.ops import Mode

CASES = [
    ("x + (parameter(5, 8) as place)", ["place"], "f32[N, 5, 8]"),
    ("x + (parameter(5, 8, std=0.5) as encoder.place)", ["encoder.place"], "f32[N, 5, 8]"),
    ("(parameter(8) as gain -> relu) as body", ["body.gain"], "f32[8]"),
    ("x * parameter(8)", ["0"], "f32[N, 5, 8]"),
    ("x -> Scaled as a -> Scaled as b", ["a.gain", "b.gain"], "f32[N, 5, 8]"),
    ("x + zeros(5, 8) * 2 - full((5, 8), 0.5) + ones(N, 1, 8)", [], "f32[N, 5, 8]"),
    ("add([zeros(N, 8), ones(8)])", [], "f32[N, 8]"),
    ("constant([[1, 2], [3, 4]])", [], "i64[2, 2]"),
    ("lookup(parameter(9, 4) as table, arange(N))", ["table"], "f32[N, 4]"),
    ("expand(parameter(1, 8) as token, N, -1)", ["token"], "f32[N, 8]"),
    ("x -> attention(2, bias=false) as a", ["a.in_proj_weight", "a.out_proj.weight"], "f32[N, 5, 8]"),
    ("attention(x, 2, bias=false) as a", ["a.in_proj_weight", "a.out_proj.weight"], "f32[N, 5, 8]"),
    ("attention(x, x[:, 1:], 2, bias=false) as a", ["a.in_proj_weight", "a.out_proj.weight"], "f32[N, 5, 8]"),
    ("x -> scaled_dot_product_attention(x, x)", [], "f32[N, 5, 8]"),
    ("scaled_dot_product_attention(x, x, x, zeros(5, 5))", [], "f32[N, 5, 8]"),
    ("scaled_dot_product_attention(x, x, x, zeros(5))", [], "f32[N, 5, 8]"),
    ("(x -> linear(4)) as k -> relu", ["k.0.weight", "k.0.bias"], "f32[N, 5, 4]"),
    ("(x -> linear(4) as c -> relu) as k -> relu", ["k.c.weight", "k.c.bias"], "f32[N, 5, 4]"),
    ("(x -> lstm(3, bias=false) as l)[0]", ["l.weight_ih_l0", "l.weight_hh_l0"], "f32[N, 5, 3]"),
    ("lstm(x, zeros(1, 5, 3), ones(1, 5, 3), 3, bias=false)[2]", ["2.weight_ih_l0", "2.weight_hh_l0"], "f32[1, 5, 3]"),
    ("x[0] -> gru_cell(zeros(5, 3), 3, bias=false) as c", ["c.weight_ih", "c.weight_hh"], "f32[5, 3]"),
]


def net(body: str) -> str:
    block = 'block Scaled(x: [N, T, D]) { return x * (parameter(D, init="ones") as gain) }\n'
    return f"{block}arch net() {{\n    input x: f32[N, 5, 8]\n    output y = {body}\n}}\n"


@pytest.mark.parametrize(("body", "weights", "kind"), CASES)
def test_paths_and_types(body: str, weights: list[str], kind: str, graph_of: Callable[..., Graph]) -> None:
    graph = graph_of(net(body))
    assert list(graph.weights) == weights
    assert str(graph.outputs["y"]) == kind
    given = ghndsl.GHN(GHNConfig(fit([graph])), seed=0)(graph)
    module = ghndsl.to_torch(graph, given)
    x = torch.randn(3, 5, 8)
    torch.testing.assert_close(module.eval()(x), run(graph, [x], given)["y"])


REFUSED = [
    ("zeros(x)", "`zeros` takes no tensors, 1 is given"),
    ("x -> zeros", "`zeros` takes no tensors, 1 is given"),
    ("x -> zeros(5)", "a link of a chain is a stage, not a tensor f32[5]"),
    ("parameter(N, 8)", "`size` of `parameter` must be a list of whole numbers"),
    ("attention(x, x, x, x, 2)", "`attention` takes 1 to 3 tensors, 4 are given"),
    ("x -> attention(x, 2)", "a link of a chain is a stage, not a tensor"),
    ("x -> attention(3)", "`num_heads` 3 does not divide the size 8"),
    ("attention(x, x[:, :, 0], 2)", "`attention` takes tensors [N, T, D], not f32[N, 5, 8], f32[N, 5]"),
    ("lstm(x, zeros(1, N, 3), 3)[0]", "`lstm` takes 2 states f32[1, 5, 3], not f32[1, N, 3]"),
    ("lookup(x, arange(2))", "`lookup` takes a table of two dimensions first, not [N, 5, 8]"),
    ("x -> embedding(9, 4)", "`embedding` needs indices of whole numbers, i64 or i32, not f32"),
    ("expand(x, 8)", "`expand` to [8] must keep the dimensions of [N, 5, 8]"),
    ("expand(x, N, 6, 8)", "`expand` cannot give [N, 6, 8] to the shape [N, 5, 8]"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_refusals(body: str, message: str, faults_of: Callable[..., tuple[ghndsl.Diagnostic, ...]]) -> None:
    (fault,) = faults_of(net(body))
    assert fault.message.startswith(message)
    assert fault.span is not None


SPACE = """
block Op(x: [N, C, H, W], state: int) {
    choose op {
        plain:  x
        biased: x + (parameter(C, 1, 1) as bias)
        blank:  zeros(N, C, H, W)
    }
    return op
}

motif Cell(x: [N, C, H, W], state: int) {
    choose steps from 1..2
    cell = gru_cell(state) as cell
    h = zeros(N, state)
    for t in range(steps) {
        h = x -> Op(state) as op{t} -> adaptive_avg_pool(1) -> flatten -> cell(h)
    }
    return h
}

space small(state: int = 4, classes: int = 3) {
    input image: f32[N, 2, 6, 6]
    output logits = image -> Cell(state) as a -> linear(classes) as head
}
"""


def test_a_space_may_choose_among_them() -> None:
    space = ghndsl.loads_space(SPACE)
    assert space.size == 3 + 3**2
    assert space.check() == []
    graphs = [space.build(candidate) for candidate in space]
    for graph in graphs:
        verify(graph)
    assert len({graph.id for graph in graphs}) == 12
    ghn = ghndsl.GHN(GHNConfig(fit(graphs)), seed=0)
    for graph, weights in zip(graphs, ghn.many(graphs), strict=True):
        assert run(graph, [torch.ones(2, 2, 6, 6)], weights)["logits"].shape == (2, 3)


def test_a_fault_of_one_candidate_is_found() -> None:
    space = ghndsl.loads_space(SPACE.replace("parameter(C, 1, 1)", "parameter(C + 1, 1, 1)"))
    (fault,) = space.check()
    assert fault.code == "G204"
    assert any("Cell.op0.op = biased" in note for note in fault.notes)


@pytest.mark.parametrize("element", ["bool", "f32"])
def test_in_training_a_query_that_sees_no_key_gets_zeros(element: str, graph_of: Callable[..., Graph]) -> None:
    graph = graph_of(
        f"arch a() {{ input q: f32[4, 3, 8]\n input m: {element}[3, 3]\n"
        " output y = scaled_dot_product_attention(q, q, q, m, 1e-9) }"
    )
    seen = torch.tensor([[0, 0, 0], [1, 0, 0], [0, 1, 1]]).bool()
    mask = seen if element == "bool" else torch.zeros(3, 3).masked_fill(~seen, -torch.inf)
    # The one key that the second query sees fits it so badly that a number for hidden keys would outweigh it.
    q = (torch.randn(4, 1, 8) * torch.tensor([[1.0], [-1e5], [1.0]])).requires_grad_()
    y = run(graph, [q, mask], {}, Mode("train", torch.Generator().manual_seed(0)))["y"]
    y.sum().backward()
    torch.testing.assert_close(y, torch.nn.functional.scaled_dot_product_attention(q, q, q, mask))
    assert not y[:, 0].any()
    assert q.grad is not None
    assert bool(q.grad.isfinite().all())


MASKS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    (places, mask)
    for places in ((5, 16), (2, 5, 16), (2, 3, 5, 16), (2, 2, 3, 5, 16))
    for mask in ((), (1,), (5,), (4,), (1, 5), (5, 1), (5, 5), (2, 5, 5), (3, 5, 5), (2, 1, 1, 5))
]


@pytest.mark.parametrize("element", ["bool", "f32"])
@pytest.mark.parametrize(("places", "mask"), MASKS)
def test_masks_are_those_that_torch_takes(
    places: tuple[int, ...], mask: tuple[int, ...], element: str, graph_of: Callable[..., Graph]
) -> None:
    q, kept = torch.randn(places), torch.rand(mask) > 0.3
    given = kept if element == "bool" else torch.randn(mask)
    text = (
        f"arch a() {{ input q: f32[{', '.join(map(str, places))}]\n input m: {element}[{', '.join(map(str, mask))}]\n"
        " output y = scaled_dot_product_attention(q, q, q, m) }"
    )
    try:
        wanted = torch.nn.functional.scaled_dot_product_attention(q, q, q, given)
    except (RuntimeError, IndexError):
        with pytest.raises(CompileError):
            graph_of(text)
        return
    graph = graph_of(text)
    torch.testing.assert_close(run(graph, [q, given], {})["y"], wanted)
    assert check(to_onnx(graph, {}), graph, {}) < 1e-5
