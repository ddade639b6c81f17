"""Attention in windows equals torchvision's, number for number, and takes and gives its weights as they are."""

import math

import pytest
import torch
from torchvision.models.maxvit import RelativePositionalMultiHeadAttention
from torchvision.models.swin_transformer import ShiftedWindowAttention, ShiftedWindowAttentionV2

import ghndsl
from ghndsl import ops
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.run import run
from ghndsl.emit.weights import matched
from ghndsl.ghn import GHN, GHNConfig, fit
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.ops import Mode, ShapeError
from ghndsl.types import TensorType, symbol

N, H = symbol("N"), symbol("H")
CLASSES = {1: ShiftedWindowAttention, 2: ShiftedWindowAttentionV2}

CASES = [
    # size, window, shift, biases
    ((8, 8), (4, 4), (2, 2), True),
    ((7, 9), (4, 3), (2, 1), True),
    ((4, 9), (4, 3), (2, 1), False),
    ((3, 3), (7, 7), (3, 3), True),
    ((14, 14), (7, 7), (0, 0), True),
    ((9, 8), (2, 4), (0, 2), True),
    ((9, 8), (2, 4), (1, 3), True),
]


def network(op: ops.Operator, *shape: int) -> Graph:
    build = GraphBuilder("net")
    (y,) = build.add(op, [build.input("x", TensorType((N, *shape)))], "attn", Scope("arch", "net"))
    build.output("y", y)
    return build.finish()


def theirs(version: int, window: tuple[int, int], shift: tuple[int, int], *, bias: bool) -> torch.nn.Module:
    torch.manual_seed(version)
    made = CLASSES[version](12, list(window), list(shift), 3, bias, bias, 0.3, 0.2)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return made


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("size", "window", "shift", "bias"), CASES)
def test_equals_torchvision(version, size, window, shift, bias) -> None:
    module = theirs(version, window, shift, bias=bias)
    op = ops.WindowAttention(3, window, shift, version, bias, bias, 0.3, 0.2)
    graph = network(op, *size, 12)
    weights = {f"attn.{name}": value for name, value in module.state_dict().items()}
    ours = ghndsl.to_torch(graph, seed=0)
    ours.load_state_dict(weights, strict=True)
    module.load_state_dict(dict(ours.attn.named_parameters()) | dict(ours.attn.named_buffers()), strict=True)
    x = torch.randn(2, *size, 12)
    for training in (False, True):
        results = []
        for one in (module, ours):
            torch.manual_seed(7)
            results.append(one.train(training)(x))
        torch.testing.assert_close(results[1], results[0])
    torch.testing.assert_close(run(graph, [x], matched(graph, weights))["y"], module.eval()(x))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("size", "window", "shift", "bias"), CASES)
def test_names_order_and_first_tables_are_torchvisions(version, size, window, shift, bias) -> None:
    module = theirs(version, window, shift, bias=bias)
    op = ops.WindowAttention(3, window, shift, version, bias, bias)
    weights = op.weights(TensorType((N, *size, 12)))
    named = [*module.named_parameters(), *module.named_buffers()]
    assert [(w.name, w.shape) for w in weights] == [(name, tuple(value.shape)) for name, value in named]
    first = initial_weights(network(op, *size, 12), 0)
    for name, value in module.named_buffers():
        assert first[f"attn.{name}"].dtype is value.dtype
        torch.testing.assert_close(first[f"attn.{name}"], value)


def test_tables_are_never_generated_and_may_be_left_out() -> None:
    graph = network(ops.WindowAttention(3, 4, 2, 2), 8, 8, 12)
    tables = {path for path, weight in graph.weights.items() if weight.table is not None}
    assert tables == {"attn.relative_coords_table", "attn.relative_position_index"}
    first = initial_weights(graph, 0)
    made = GHN(GHNConfig(fit([graph]), hidden=8, message=8, width=8), seed=0)(graph)
    kept = matched(graph, {path: value for path, value in first.items() if path not in tables})
    for found in (made, kept):
        assert all(torch.equal(found[path], first[path]) for path in tables)
    x = torch.randn(2, 8, 8, 12)
    for kind in ("train", "eval", "calibrate"):
        statistics: dict[str, torch.Tensor] = {}
        assert run(graph, [x], made, Mode(kind, statistics=statistics))["y"].isfinite().all()
        assert not statistics


MAXVIT = """
block Attend(x: [N, G, P, D], size: int, heads: int) {
    q, k, v = x -> linear(3 * D) as to_qkv -> reshape(N, G, P, 3 * heads, D // heads) -> permute(0, 1, 3, 2, 4) \
-> split(heads, 2)
    bias = relative_position_bias(heads, size) as self
    y = scaled_dot_product_attention(q, k, v, bias, scale=D ** -0.5)
    return y -> permute(0, 1, 3, 2, 4) -> reshape(N, G, P, D) -> linear(D) as merge
}

arch net() {
    input x: f32[N, 5, 16, 12]
    output y = x -> Attend(4, 3) as attn
}
"""


def test_the_attention_of_maxvit_is_text() -> None:
    torch.manual_seed(0)
    module = RelativePositionalMultiHeadAttention(12, 4, 16)
    module.relative_position_bias_table.data.mul_(30)
    graph = ghndsl.loads(MAXVIT)
    ours = ghndsl.to_torch(graph, seed=0)
    ours.load_state_dict({f"attn.{name}": value for name, value in module.state_dict().items()}, strict=True)
    x = torch.randn(2, 5, 16, 12)
    torch.testing.assert_close(ours(x), module(x))
    pairs = 2 * 5 * 16 * 12
    assert graph.macs == 4 * 5 * 16 * 12 * 12 + pairs * 16


def test_macs_count_padding_and_the_network_of_biases() -> None:
    places = 8 * 12
    wanted = places * (4 * 6 * 6 + 2 * 12 * 6)
    assert network(ops.WindowAttention(2, (4, 3)), 7, 10, 6).macs == wanted
    assert network(ops.WindowAttention(2, (4, 3), version=2), 7, 10, 6).macs == wanted + 7 * 5 * 512 * (2 + 2)


def test_a_learned_scale_is_at_most_a_hundred() -> None:
    op = ops.WindowAttention(1, 2, version=2)
    kind = TensorType((1, 2, 2, 4))
    weights = {w.name: torch.randn(w.shape) for w in op.weights(kind)}
    weights["relative_position_index"] = initial_weights(network(op, 2, 2, 4), 0)["attn.relative_position_index"]
    x = torch.randn(1, 2, 2, 4)
    results = [
        op.run([x], {**weights, "logit_scale": torch.full((1, 1, 1), math.log(by))}, Mode()) for by in (1e2, 1e5)
    ]
    torch.testing.assert_close(results[0], results[1])


REFUSED = [
    (ops.WindowAttention(2, 4), (N, H, 8, 6), "`window_attention` needs a known height and width, not [N, H, 8, 6]"),
    (ops.WindowAttention(2, 4), (N, 8, 6), "`window_attention` takes a tensor [N, H, W, C], not [N, 8, 6]"),
    (ops.WindowAttention(4, 4), (N, 8, 8, 6), "`num_heads` 4 does not divide the last dimension, 6"),
    (ops.WindowAttention(2, 4), (N, 8, 8, H), "`window_attention` makes weights for its input's last dimension"),
]


@pytest.mark.parametrize(("op", "shape", "message"), REFUSED, ids=str)
def test_shapes_are_refused(op, shape, message) -> None:
    with pytest.raises(ShapeError) as caught:
        op.infer(TensorType(shape))
    assert str(caught.value).startswith(message)


WRONG = [
    (
        {"window_size": (4, 4, 4)},
        "`window_size` of `window_attention` is one number, or two: down and along, not (4, 4, 4)",
    ),
    ({"window_size": 0}, "`window_size` must be at least 1, not 0"),
    ({"window_size": 4, "shift_size": -1}, "`shift_size` must be at least 0, not -1"),
    (
        {"window_size": 4, "shift_size": 4},
        "`shift_size` of `window_attention` must be below `window_size` 4, not 4",
    ),
    (
        {"window_size": (7, 2), "shift_size": (3, 2)},
        "`shift_size` of `window_attention` must be below `window_size` 2, not 2",
    ),
    ({"window_size": 4, "version": 3}, "`version` of `window_attention` is 1 or 2, not 3"),
    ({"window_size": (4, 1), "version": 2}, "`window_size` of `window_attention` must be at least 2 in version 2"),
    ({"window_size": 4, "dropout": 2.0}, "`dropout` of `window_attention` is a probability, not 2"),
]


@pytest.mark.parametrize(("attributes", "message"), WRONG)
def test_attributes_are_refused(attributes, message) -> None:
    with pytest.raises(ShapeError) as caught:
        ops.bind(ops.WindowAttention, [2], attributes)
    assert str(caught.value) == message
