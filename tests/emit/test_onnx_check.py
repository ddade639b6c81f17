"""How a model is compared with its graph: at which sizes, and what is told where the two cannot be compared."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import Comparison, compare, to_onnx
from ghndsl.ir import Graph


def compared(graph: Graph) -> Comparison:
    weights = initial_weights(graph, 0)
    return compare(to_onnx(graph, weights), graph, weights)


def network(body: str) -> Graph:
    return ghndsl.loads(f"arch a() {{\n {body}\n}}")


SIZES = {
    "input x: f32[N, 3, H, W]\n output y = x -> conv(4, 3)": {"H": 32, "W": 28},
    "input x: f32[N, 3, H, W]\n output y = x -> conv(4, (30, 20))": {"H": 32, "W": 28},
    "input x: f32[N, H, W]\n output y = zeros(H - W, 2)\n output z = x": {"H": 32, "W": 28},
    "input x: f32[N, H, W]\n output y = zeros(W - H, 2)\n output z = x": {"H": 28, "W": 32},
    "input x: f32[N, 3, 16*H, 16*W]\n output y = x -> pixel_unshuffle(16)": {"H": 2, "W": 1},
    "input x: f32[N, H, W, A, B]\n output y = x": {"H": 32, "W": 28, "A": 24, "B": 20},
    "input x: f32[N, 3, 8*H + 5]\n output y = x -> conv(4, 3)": {"H": 4},
    "input x: f32[N, T, 4]\n output y = x + parameter(9, 4)[0:T]": {"T": 8},
    "input x: f32[N, 3, H, 40]\n output y = x -> conv(4, 33)": {"H": 64},
    "input x: f32[N, 3, H, W]\n output y = x -> conv(4, 600, 600)": {"H": 600, "W": 600},
    "input x: f32[N, 1, 4*H]\n output y = x -> conv(2, 1030)": {"H": 258},
    "input x: f32[N, 3, 8, 8]\n output y = x -> conv(4, 3)": {},
}


@pytest.mark.parametrize("body", SIZES)
def test_sizes_are_those_that_the_graph_runs_with(body: str) -> None:
    found = compared(network(body))
    assert found.sizes == SIZES[body]
    assert found.difference < 1e-4


@pytest.mark.parametrize(
    ("ours", "theirs", "is_close"),
    [("x * 0.01", "x * 0.0101", False), ("x * 100.0", "x * 100.01", True), ("x * 100.0", "x * 101.0", False)],
)
def test_differences_are_shares_of_the_largest_number(ours: str, theirs: str, is_close: bool) -> None:
    one, other = (network(f"input x: f32[N, 4]\n output y = {what}") for what in (ours, theirs))
    assert compare(to_onnx(other), one, {}).is_close is is_close


TELLING = {"x": True, "x * 0.0 + 1.0": False, "x * 1e-5 + 1.0": False, "x * 0.1 + 1.0": True}


@pytest.mark.parametrize("what", TELLING)
def test_outputs_that_hardly_depend_on_inputs_tell_little(what: str) -> None:
    graph = network(f"input x: f32[N, 4]\n output z = x\n output y = {what}")
    assert compare(to_onnx(graph), graph, {}).is_telling is TELLING[what]


MIXED = [("H, W", "W, H"), ("H - W + 40", "W - H + 40"), ("2 * H", "H + W"), ("H // W + 1", "W // H + 1")]


@pytest.mark.parametrize(("ours", "theirs"), MIXED)
def test_sizes_that_are_mixed_up_are_found(ours: str, theirs: str) -> None:
    one, other = (
        network(f"input x: f32[N, H, W]\n output y = x\n output z = zeros({size})") for size in (ours, theirs)
    )
    assert compare(to_onnx(one), one, {}).difference == 0
    assert compare(to_onnx(other), one, {}).difference == float("inf")


def test_a_model_of_limited_length_is_compared() -> None:
    graph = ghndsl.load("gpt2", context=16, vocab=50, D=48, depth=2, heads=4)
    assert compared(graph).sizes == {"T": 16}


UNCHECKED = {
    "input x: f64[N, 3, 8, 8]\n output y = x -> conv(4, 3)": "ONNX Runtime refuses the model: Could not find an",
    "input x: f64[N, 4]\n output y = x -> softplus": "ONNX Runtime refuses the model: Could not find an",
    "input x: f64[T, N, 4]\n y, h, c = x -> lstm(4)\n output z = y": "ONNX Runtime refuses the model: ",
    "input x: bf16[N, 4]\n output y = x -> linear(4)": "ONNX Runtime takes and gives no bf16 here, and `x` is bf16",
    "input x: f32[N, T, 4]\n output y = x + parameter(9, 4)[0:T]\n output z = x -> transpose(1, 2) -> conv(4, 33)": (
        "the network ran with none of the sizes"
    ),
    "input x: f32[N, T, 4]\n output y = x -> transpose(1, 2) -> conv(4, 70000)": (
        "the network ran with none of the sizes that were tried, up to T = 256: "
    ),
    "input x: f32[H*W, 4]\n output y = x": "the network ran with none of the sizes",
}


@pytest.mark.parametrize("body", UNCHECKED)
def test_what_cannot_be_compared_is_told(body: str) -> None:
    with pytest.raises(CompileError) as caught:
        compared(network(body))
    (told,) = caught.value.diagnostics
    assert told.code == "G507"
    assert told.message.startswith(UNCHECKED[body])


def test_a_tensor_without_dimensions_may_be_turned() -> None:
    assert compared(network("input x: f32[4]\n output y = x[0] -> permute([]) -> relu")).difference == 0


def test_an_export_loads_no_runtime() -> None:
    code = (
        "import sys, ghndsl\n"
        "ghndsl.to_onnx(ghndsl.loads('arch a() {\\n input x: f32[N, 4]\\n output y = x -> relu\\n}'))\n"
        "print('onnxruntime' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["False"]
