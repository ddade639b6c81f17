"""Small architectures that other exporters got wrong: ONNX Runtime's numbers are torch's, or the refusal names why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import onnx
import pytest
import torch

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import DEFAULT_OPSET, OPSETS, check, to_onnx
from ghndsl.emit.onnx.file import save_onnx
from ghndsl.ir import Graph
from ghndsl.ops import Role

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"


@dataclass(frozen=True)
class Case:
    """A row of the table in `docs/onnx.md`, a network, and what is said of it if it is refused.

    A text without a line of its own is a chain that begins with the type of its input.
    """

    row: int
    text: str
    refused: str | None = None

    def __str__(self) -> str:
        return f"{self.row} {' '.join(self.text.split())}"

    @property
    def graph(self) -> Graph:
        return graph_of(self.text)


@cache
def graph_of(text: str) -> Graph:
    if "\n" not in text:
        kind, chain = text.split(" -> ", maxsplit=1)
        text = f"input x: {kind}\n output y = x -> {chain}"
    return ghndsl.loads(f"arch a() {{\n {text}\n}}")


def weights_of(graph: Graph) -> dict[str, torch.Tensor]:
    """Initial weights moved away from zeros and ones; what follows from the attributes stays."""
    generator = torch.Generator().manual_seed(1)
    moved = initial_weights(graph, 0)
    for path, weight in graph.weights.items():
        if moved[path].is_floating_point() and weight.role is not Role.TABLE:
            moved[path] = moved[path] + torch.rand(weight.shape, generator=generator)
    return moved


FAR = """input x: f32[N, 1, 3, 1]
        q = x * 0 + constant([[300.0], [-300.0], [5.0]])
        k, v = -q, constant([[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]])
        """

TEXTS = (
    (1, "f32[N, 2, 12, 12] -> adaptive_avg_pool(7)"),
    (1, "f32[N, 2, 7, 7] -> adaptive_avg_pool(3)"),
    (1, "f32[N, 2, 7, 5] -> adaptive_avg_pool((1, none))"),
    (1, "f32[N, 2, 1, 1] -> adaptive_avg_pool(7)"),
    (1, "f32[N, 2, 6, 9] -> adaptive_avg_pool(3)"),
    (1, "f32[N, 2, H, W] -> adaptive_avg_pool(1)"),
    (3, "f32[N, 2, 7, 7] -> adaptive_max_pool(3)"),
    (3, "f32[N, 2, 7, 5] -> adaptive_max_pool((1, none))"),
    (4, "f32[N, 1, 4, 4] -> avg_pool(3, 2, 1, ceil_mode=true)"),
    (4, "f32[N, 1, 4, 4] -> conv(2, 3, padding=1) -> avg_pool(3, 2, 1, ceil_mode=true)"),
    (4, "f32[N, 1, 4, 4] -> avg_pool(3, 2, 1, ceil_mode=true, count_include_pad=false)"),
    (4, "f32[N, 1, 4, 4] -> conv(2, 1) -> avg_pool(3, 2, 1, ceil_mode=true, count_include_pad=false)"),
    (5, "f32[N, 2, 5, 5] -> max_pool(2, 3, 1, ceil_mode=true)"),
    (5, "f32[N, 2, 5, 5] -> avg_pool(2, 3, 1, ceil_mode=true)"),
    (5, "f32[N, 2, 5, 5] -> avg_pool(2, 3, 1, ceil_mode=true, count_include_pad=false)"),
    (5, "f32[N, 2, 4] -> max_pool(1, 3, ceil_mode=true)"),
    (5, "f32[N, 2, 5, 6, 5] -> max_pool(2, 3, 1, ceil_mode=true)"),
    (6, "f32[N, 2, 9, 7] -> avg_pool(3, 2, 1, divisor_override=5)"),
    (6, "f32[N, 2, 4, 4] -> avg_pool(3, 2, 1, ceil_mode=true, divisor_override=5)"),
    (7, "f32[N, 2, 5] -> max_pool(3, 2, dilation=2)"),
    (7, "f32[N, 2, 4] -> max_pool(3, 2, 1, 2)"),
    (7, "f32[N, 2, 9, 9] -> max_pool(3, 1, 1, 2)"),
    (7, "f32[N, 2, 9, 9] -> max_pool(3, 2, 1, 2, ceil_mode=true)"),
    *(
        (8, f'f32[N, 3, 9, 7] -> conv(4, {kernel}, padding={padding}, padding_mode="{mode}")')
        for mode in ("circular", "reflect", "replicate")
        for kernel, padding in (("3", "1"), ("(3, 5)", "(1, 2)"))
    ),
    (9, 'f32[N, 2, 5, 7] -> interpolate(scale_factor=1.7, mode="bilinear", align_corners=true)'),
    (9, 'f32[N, 2, 5, 7] -> interpolate(scale_factor=1.7, mode="bilinear")'),
    (9, 'f32[N, 2, 5, 7] -> interpolate((1, 1), mode="bilinear", align_corners=true)'),
    (9, 'f32[N, 2, 5, 7] -> interpolate((1, 1), mode="bilinear")'),
    (9, "f32[N, 2, 5, 7] -> interpolate(scale_factor=1.5)"),
    (9, 'f32[N, 2, 5, 7] -> interpolate(scale_factor=1.5, mode="nearest-exact")'),
    (9, 'f32[N, 2, 5, 7] -> interpolate(scale_factor=2.0, mode="bicubic")'),
    (9, 'f32[N, 2, 5, 7] -> interpolate((3, 4), mode="bilinear", antialias=true)'),
    (9, 'f32[N, 2, H, W] -> interpolate(scale_factor=2, mode="bilinear")'),
    (11, "f32[N, 3, 9, 7] -> batch_norm(track_running_stats=false)"),
    (11, "f32[N, 3, 9, 7] -> batch_norm(affine=false, track_running_stats=false)"),
    (
        12,
        """input x: f32[N, 3, 8, 8]
        a = x -> conv(4, 3, padding=1, bias=false) as conv1 -> batch_norm as bn1
        b = x -> conv(4, 1) as down.0 -> batch_norm as down.1
        c = (a + b) -> relu -> conv(4, 1) as twice
        output y = (c -> batch_norm as bn3) + c
        """,
    ),
    (13, "f32[N, 3, 32, 32] -> conv(4, 3, 2) -> relu -> adaptive_avg_pool(1) -> flatten -> linear(5)"),
    (13, "input x: f32[N, T, 3]\n y, _h, _c = x -> lstm(4, batch_first=true)\n output z = y[:, -1] -> linear(2)"),
    (16, "f32[N, 5] -> gelu"),
    (16, 'f32[N, 5] -> gelu(approximate="tanh")'),
    (17, "f32[N, 5] -> hardsigmoid"),
    (17, "f32[N, 5] -> hardswish"),
    (18, "f32[N, 3, 4, 5] -> softmax(1)"),
    (18, "f32[N, 3, 4, 5] -> log_softmax(1)"),
    (19, "f32[N, 3, 4, 6] -> pixel_unshuffle(2)"),
    (19, "f32[N, 12, 4, 6] -> pixel_shuffle(2)"),
    (19, "f32[N, 6, 4, 5] -> channel_shuffle(3)"),
    (20, "f32[N, 6] -> group_norm(3)"),
    (20, "f32[N, 6, 5] -> group_norm(2)"),
    (20, "f32[N, 3, 7] -> instance_norm(track_running_stats=true)"),
    (20, "f32[N, 3, 4, 5] -> instance_norm(affine=true, track_running_stats=true)"),
    (21, "f32[N, 5, 8] -> rms_norm"),
    (21, "f32[N, 4, 5, 8] -> rms_norm(dims=2, eps=1e-3)"),
    (22, "f32[N, 3, 4, 5] -> flatten"),
    (22, "f32[N, T, 8] -> reshape(N, T, 2, 4) -> transpose(1, 2)"),
    (
        22,
        """input x: f32[N, 4, 8]
        token = (parameter(1, 1, 8) as cls) -> expand(N, -1, -1)
        output y = concat(token, x)
        """,
    ),
    (23, "input x: f32[N, 4, 4]\n y = x * 0.5\n output z = scaled_dot_product_attention(y, y, y)"),
    (23, "input x: f32[N, 4, 4]\n y = x * 0.5\n output z = scaled_dot_product_attention(y, x, y)"),
    (23, "input x: f32[N, 4, 4]\n y = x / 4\n output z = scaled_dot_product_attention(y, y, y, is_causal=true)"),
    (24, "f32[N, 2, 13, 4] -> local_response_norm(5, beta=-0.5, k=0.5)"),
    (24, "f32[N, 8, 5, 6] -> local_response_norm(7, alpha=-0.5, beta=1.0, k=9.0)"),
    (25, 'f32[N, 6, 11, 2] -> interpolate((3, 8), mode="bicubic", antialias=true)'),
    (25, 'f32[N, 6, 2, 4] -> interpolate(scale_factor=(5.0, 2.0), mode="bilinear", antialias=true)'),
    (25, 'f32[N, 2, 9, 13] -> interpolate(scale_factor=1.7, mode="bicubic", antialias=true)'),
    (26, "i64[N, 4, 3, 5] -> pixel_shuffle(2)"),
    (26, "i64[N, 4, H, 5] -> pixel_shuffle(2)"),
    (28, FAR + "output y = scaled_dot_product_attention(q, k, v, is_causal=true, scale=1.0)"),
    (28, FAR + "output y = scaled_dot_product_attention(q, k, v, constant([[true, false, false]]), scale=1.0)"),
    (
        28,
        """input x: f32[N, 2, 3, 4]
        shown = constant([[false, false, false], [true, false, true], [true, true, true]])
        output y = scaled_dot_product_attention(x, x, x, shown)
        """,
    ),
    (
        28,
        """input x: f32[N, 2, 3, 4]
        hidden = constant([[1.0, 1.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]) * -3e38
        output y = scaled_dot_product_attention(x, x, x, hidden + hidden)
        """,
    ),
    (29, "f32[N, 5] -> affine(900.0) -> exp -> clamp(0.5)"),
    (29, "f32[N, 5] -> affine(900.0) -> exp -> affine(-1.0) -> pow(0.5)"),
    (29, "f32[N, 5] -> affine(900.0) -> exp -> affine(-1.0) -> pow(-0.5)"),
    (29, "f32[N, 5] -> clamp(3e38) -> gelu"),
    (29, 'f32[N, 5] -> clamp(3e38) -> gelu(approximate="tanh")'),
    (29, "f32[N, 6, 5, 4] -> clamp(1e25) -> local_response_norm(3)"),
    (29, "f32[N, 6, 5, 4] -> clamp(1e25) -> local_response_norm(4)"),
    (
        29,
        """input x: f32[N, 6, 5, 4]
        y = x * constant([[[1e4]], [[1e4]], [[1.0]], [[1.0]], [[1.0]], [[1.0]]])
        output z = y -> local_response_norm(3, 9.0)
        """,
    ),
)
REFUSED = (
    (2, "f32[N, 2, H, W] -> adaptive_avg_pool(7)", "`adaptive_avg_pool` to size 7 needs a known input size"),
    (2, "f32[N, 2, H, W] -> adaptive_avg_pool((1, 3))", "`adaptive_avg_pool` to size 3 needs a known input size"),
    (7, "f32[N, 2, 1] -> max_pool(2, 1, 1, 2)", "`max_pool` has a window that sees nothing but padding"),
    (3, "f32[N, 2, H, W] -> adaptive_max_pool(7)", "`adaptive_max_pool` to size 7 needs a known input size"),
    (
        27,
        "f32[N, 3, T] -> scaled_dot_product_attention(x, x)",
        "`scaled_dot_product_attention` without a `scale` needs a known last dimension in ONNX, not T",
    ),
)
EQUAL = [Case(row, text) for row, text in TEXTS]
REFUSALS = [Case(*row) for row in REFUSED]
equal = pytest.mark.parametrize("case", EQUAL, ids=str)


@equal
def test_equal_at_every_batch_and_checked_in_full(case: Case) -> None:
    weights = weights_of(case.graph)
    model = to_onnx(case.graph, weights)
    onnx.checker.check_model(model, full_check=True)
    assert check(model, case.graph, weights, [1, 2, 7]) < 1e-4


@equal
def test_equal_at_every_opset_and_imports_exactly_that(case: Case) -> None:
    weights = weights_of(case.graph)
    for opset in OPSETS:
        model = to_onnx(case.graph, weights, opset)
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", opset)]
        assert check(model, case.graph, weights, [2]) < 1e-4, opset


@equal
def test_the_batch_stays_symbolic(case: Case) -> None:
    model = to_onnx(case.graph)
    for value in (*model.graph.input, *model.graph.output):
        assert "N" in [dim.dim_param for dim in value.type.tensor_type.shape.dim]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refused_by_name_and_nothing_is_written(case: Case, tmp_path: Path) -> None:
    for opset in OPSETS:
        with pytest.raises(CompileError) as caught:
            save_onnx(tmp_path / "a.onnx", case.graph, opset=opset)
        (told,) = caught.value.diagnostics
        assert told.code == "G502"
        assert case.refused is not None
        assert told.message.startswith(case.refused)
    assert not list(tmp_path.iterdir())


KINDS = [
    ("f32[N, 2, 6, 9] -> adaptive_avg_pool(3)", {"AveragePool": {"kernel_shape": [2, 3], "strides": [2, 3]}}),
    ("f32[N, 2, H, W] -> adaptive_avg_pool(1)", {"GlobalAveragePool": {}}),
    ("f32[N, 5] -> hardsigmoid", {"HardSigmoid": {"alpha": pytest.approx(1 / 6)}}),
    ("f32[N, 3, 4, 5] -> softmax(1)", {"Softmax": {"axis": 1}}),
    ("f32[N, 3, 4, 5] -> softmax(-1)", {"Softmax": {"axis": -1}}),
    ("f32[N, 3, 4, 5] -> log_softmax(1)", {"LogSoftmax": {"axis": 1}}),
    (
        "f32[N, 3, 9, 7] -> conv(4, (3, 5), padding=(1, 2))",
        {"Conv": {"pads": [1, 2, 1, 2]}},
    ),
]


@pytest.mark.parametrize(("text", "kinds"), KINDS, ids=[text for text, _ in KINDS])
def test_nodes_say_what_torch_means(text: str, kinds: dict[str, dict[str, object]]) -> None:
    for opset in OPSETS:
        found = {
            node.op_type: {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            for node in to_onnx(graph_of(text), opset=opset).graph.node
        }
        assert found.keys() == kinds.keys()
        for kind, attributes in kinds.items():
            assert {name: found[kind][name] for name in attributes} == attributes


NATIVE = [("f32[N, 5] -> gelu", "Gelu", 20), ("f32[N, 5, 8] -> rms_norm", "RMSNormalization", 23)]


@pytest.mark.parametrize(("text", "kind", "since"), NATIVE, ids=[kind for _, kind, _ in NATIVE])
def test_young_operators_are_only_where_an_opset_has_them(text: str, kind: str, since: int) -> None:
    for opset in OPSETS:
        kinds = {node.op_type for node in to_onnx(graph_of(text), opset=opset).graph.node}
        assert opset >= since or kind not in kinds


def test_average_pool_in_ceil_mode_counts_as_torch_does() -> None:
    """Row 4 in numbers."""
    graph = graph_of("f32[N, 1, 4, 4] -> avg_pool(3, 2, 1, ceil_mode=true)")
    image = torch.arange(1.0, 17.0).view(1, 1, 4, 4)
    wanted = torch.tensor([[14 / 9, 10 / 3, 2], [19 / 3, 11, 6], [4.5, 7.5, 4]])
    torch.testing.assert_close(ghndsl.to_torch(graph)(image)[0, 0], wanted)


@pytest.mark.parametrize("case", [case for case in EQUAL if case.row == 5], ids=str)
def test_windows_beyond_the_input_give_numbers(case: Case) -> None:
    """Row 5: neither NaN nor the smallest float."""
    found = ghndsl.to_torch(case.graph)(torch.ones(2, *[int(str(s)) for s in case.graph.inputs["x"].shape[1:]]))
    assert bool((found.abs() <= 1).all())


def test_a_network_in_training_is_exported_in_evaluation() -> None:
    """Row 10."""
    graph = graph_of("f32[N, 3, 8, 8] -> conv(4, 3) -> batch_norm -> dropout(0.5) -> flatten -> stochastic_depth(0.5)")
    module = ghndsl.to_torch(graph, seed=0).train()
    module(torch.randn(4, 3, 8, 8))
    state = module.state_dict()
    for opset in OPSETS:
        model = to_onnx(graph, state, opset)
        assert [node.op_type for node in model.graph.node] == ["Conv", "BatchNormalization", "Flatten"]
        assert all(a.name != "training_mode" for node in model.graph.node for a in node.attribute)
        assert check(model, graph, state, [2]) < 1e-4


def test_the_page_tells_the_opsets() -> None:
    assert f"\n{OPSETS[0]} to {OPSETS[-1]}, by default {DEFAULT_OPSET}." in PAGE.read_text(encoding="utf-8")


def test_the_page_has_every_row() -> None:
    stated = {}
    cases = PAGE.read_text(encoding="utf-8").split("\n## Cases\n")[1].split("\n## ")[0]
    for line in cases.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].isdigit():
            stated[int(cells[0])] = cells[2]
    rows = {case.row for case in EQUAL} | {10, 14, 15}
    refused = {case.row for case in REFUSALS}
    wanted = dict.fromkeys(rows, "equal") | dict.fromkeys(rows & refused, "equal, or refused")
    assert stated == wanted | dict.fromkeys(refused - rows, "refused")
