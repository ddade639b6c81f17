"""A graph printed as text is the same graph again, with the same names of weights in the same order.

`REWRITE_GOLDEN=1 pytest tests/language/test_format.py` writes the golden texts anew; read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ghndsl
from ghndsl import ops, resources
from ghndsl.diagnostics import Source
from ghndsl.ir import Graph, GraphBuilder, Scope, verify
from ghndsl.language import load_module, module_from_text, parse
from ghndsl.language.layout.text import format_text
from ghndsl.language.phrasing import phrased
from ghndsl.language.refold import fold
from ghndsl.language.writer import write
from ghndsl.passes import simplify
from ghndsl.space.check import check_module
from ghndsl.types import TensorType, symbol

GOLDEN = Path(__file__).parent.parent / "golden" / "format"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.suffix in (".arch", ".nas"))
SHIPPED = [
    f"{path}:{one.name}"
    for path in sorted((resources.specs() / "networks").glob("*.arch"))
    for one in load_module(path).definitions.values()
    if one.kind == "arch"
]
SPACES = sorted(path.stem for path in (resources.specs() / "spaces").glob("*.nas"))
CANDIDATES = [*(f"digits@{n}" for n in (0, 17, 20_000_000)), "nasbench201@0", "nasbench201@100", "nasbench201@15624"]
TEXTS = {
    "shared weights, slices, several results": """arch a() {
        input x: f32[N, 8, 4*H, W]
        f = (conv(8, 3, padding=1) -> relu) as f
        a, b = x -> f -> f -> split(4, dim=1)
        exit early.one = a[:, 1:] * 2 + 1
        output y = concat(a, 1 - b, x[:, 0:3]) -> reshape(N, -1, W)
    }""",
    "sizes of all kinds": """arch a() {
        input x: f32[N, 3, 2 * (H // 2), W]
        input h: f32[N, H]
        input y: f32[N, H // (W // 2), (H // 2) ** 2 * 3, (H + 1) % 3 + 1]
        a = zeros(N, 3 * (H // 2)) + zeros(1, H // 2 * 3)
        b = zeros(N, H // (W // 2), H // 2 // W, 100 // H, (H * W - 1) // (W + 1))
        output z = x[:, :, H // 2:, -W:]
        exit c = x[:, :, :H - H // 2] * 2
        output w = y -> reshape(N * (H // (W // 2)), -1)
    }""",
    "labels that are computed": """arch a() {
        input x: f32[N, 3]
        for i in [-1, 0, 1] { x = x -> linear(3) as r.{i} -> relu as {"in"}.s{i}.t }
        output {"as"}.{-1} = x -> linear(4) as {"b-c"}
        output for = x
    }""",
    "names that collide": """arch in_() {
        input x1: f32[N, 3]
        input relu_: f32[N, 3]
        output x2 = x1 -> relu -> linear(3) as 0
        output y.z = (x1 + relu_) -> linear(2) as x1
    }""",
    "inputs named as operators, functions and sizes": """arch a() {
        input relu: f32[N, 4]
        input range: f32[N, 4]
        input N: f32[N, 4]
        for i in 1..3 { relu = relu -> tanh -> linear(4) as l{i} }
        output y = (relu + range) -> reshape(4, -1)
        exit z = add(N, relu)
        output w = N[:, 1:]
    }""",
    "an input that is an output": "arch a() { input x: i64[N, T]\n output y = x\n output z = x }",
    "a value used by two outputs": "arch a() { input x: f32[N, 2]\n y = x -> relu\n output z = y\n output w = y }",
    "parts that feed nothing": """block B(x) {
        lost = x -> linear(3) as lost
        return x
    }
    arch a() {
        input x: f32[N, 4]
        x = x -> B as one -> B as two
        lost = x -> linear(7)
        a, b = x -> split(2, dim=1)
        output y = b
    }""",
    "numbers beside signs": """arch a() {
        input x: f32[N, 4]
        y = -x + 1e-3 - 2 / (x - 0.5)
        z = (3 - y) / 7 * 0.1 ** 2
        output w = z ** -1.5 - (x + 1e9) * -0.0
    }""",
    "a layer given to a block that uses it once": """block Apply(x, layer: op) { return x -> layer -> relu }
    arch a() {
        input x: f32[N, 4]
        layer = linear(4) as deep.layer
        output y = x -> Apply(layer) as inner -> Apply(linear(4)) as own
    }""",
    "a layer shared by blocks that are shared": """block Inner(x, layer: op) { return x -> layer -> layer }
    block Outer(x, layer: op) { return x -> Inner(layer) as inner -> linear(4) as last }
    arch a() {
        input x: f32[N, 4]
        layer = linear(4) as layer
        output y = x -> Outer(layer) as one -> Outer(layer) as two
        output z = x -> layer
    }""",
    "blocks that call themselves": """block Tree(x, n: int) {
        y = x -> linear(4) as fc
        return y if n == 0 else y + (x -> Tree(n - 1) as left -> Tree(n - 1) as right)
    }
    arch a() { input x: f32[N, 4]\n output y = x -> Tree(4) as tree }""",
    "a value of the loop before the last": """arch a() {
        input x: f32[N, 4]
        a, b, c = x, x -> relu, x -> tanh
        for i in range(5) { a, b, c = b, c, add(a, b, c) -> linear(4) as l{i} }
        output y = a * c
        output z = b
    }""",
    "tensors that no input makes": """block Scaled(x: [N, C]) { return x * (parameter(C) as scale) + zeros(C) }
    arch a() {
        input x: f32[N, 4]
        table = parameter(6, 4) as table
        for i in range(3) { x = x -> Scaled as {i} }
        output y = matmul(x, table -> transpose(0, 1))
        output z = ones(3) + (parameter(3) as bias)
    }""",
    "a shared block with a tensor of its own, of which one use needs less": """block Cell(x, h) {
        y = x * (parameter(4) as scale) + h
        return y, y -> linear(4) as fc
    }
    arch a() {
        input x: f32[N, 4]
        cell = Cell as cell
        y, h = x, x
        for i in range(3) { y, h = cell(y, h) }
        output z = y
    }""",
    "an input whose name is given to what is unused": """arch a() {
        input _: f32[N, 4]
        a, b = _ -> split(2, dim=1)
        output y = a * 2
        output z = _
    }""",
    "more tensors than must be": """arch a() {
        input x: f32[N, T, 4]
        input m: bool[T, T]
        y = scaled_dot_product_attention(x -> linear(4), x, x, m)
        h = parameter(1, 2, 4) as h
        z, h = gru(y, h -> expand(1, 2, 4), 4) if false else y -> gru(4)
        output w = z
    }""",
}


@dataclass(frozen=True)
class Printed:
    """The text of a graph, and the graph that it is read as."""

    text: str
    again: Graph


def same(graph: Graph) -> Printed:
    """Checks the laws of a graph's text, and gives it back."""
    tree = phrased(fold(graph))
    text = write(tree)
    again = ghndsl.loads(text)
    verify(again)
    assert again.id == graph.id
    assert [node.op for node in again.nodes] == [node.op for node in graph.nodes]
    assert list(again.weights.items()) == list(graph.weights.items())
    assert list(again.inputs.items()) == list(graph.inputs.items())
    assert list(again.outputs.items()) == list(graph.outputs.items())
    assert [port.is_exit for port in again.results] == [port.is_exit for port in graph.results]
    assert parse(Source("again.arch", text)) == tree
    assert format_text(text) == text, "it is in the canonical layout"
    return Printed(text, again)


def settled(printed: Printed) -> None:
    """Checks that a text that was printed and read is not longer when it is printed again."""
    # Where the same text comes again, it is known already that it describes the graph.
    is_same = write(phrased(fold(printed.again))) == printed.text
    assert is_same or ghndsl.format(printed.again).count("\n") <= printed.text.count("\n")


def clean(graph: Graph, printed: Printed) -> None:
    """Checks the laws of the text of a graph that is simplified, if that changes the one that was printed; and that
    nothing is doubtful in it but its inputs: that nothing uses one, or what its name hides."""
    small = simplify(graph)
    text = (printed if small is graph else same(small)).text
    told = check_module(module_from_text(Source("clean.arch", text)), {})
    assert [one for one in told if one.span is None or not text[: one.span.start].endswith(" input ")] == []


@pytest.mark.parametrize("name", [*SHIPPED, *CANDIDATES])
def test_shipped(name: str) -> None:
    graph = ghndsl.load(name)
    printed = same(graph)
    settled(printed)
    clean(graph, printed)


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    graph = ghndsl.loads(TEXTS[name])
    clean(graph, same(graph))


@pytest.mark.parametrize("name", SPACES)
def test_candidates_of_every_space(name: str) -> None:
    space = ghndsl.load_space(name)
    (candidate,) = space.sample(1, 11)
    graph = space.build(candidate)
    clean(graph, same(graph))


SMALL = {"digits": {}, "nasbench201": {"cells": 1}}


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_candidates(name: str, seed: int) -> None:
    space = ghndsl.load_space(name, **SMALL[name])
    (candidate,) = space.sample(1, seed)
    same(space.build(candidate))


def golden_graph(path: Path) -> Graph:
    if path.suffix == ".arch":
        return ghndsl.load(str(path))
    space = ghndsl.load_space(str(path))
    return simplify(space.build(space.candidate(2900)))


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    graph = golden_graph(GOLDEN / name)
    printed = same(graph)
    text = printed.text
    settled(printed)
    golden = (GOLDEN / name).with_suffix(".txt")
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    clean(graph, printed)


def test_blocks_are_found_again_where_they_were() -> None:
    for name in ("resnet50", "stages", "counted"):
        graph = ghndsl.load(name if name == "resnet50" else str(GOLDEN / f"{name}.arch"))
        again = ghndsl.loads(ghndsl.format(graph))
        before, after = ([[s.path for s in node.scope.chain()] for node in one.nodes] for one in (graph, again))
        assert before == after


def tangled(build: GraphBuilder) -> None:
    """Scopes that no call could have made: their nodes stand apart, and paths lead elsewhere."""
    root = Scope("arch", "net")
    one = Scope("block", "One", "one", root)
    two = Scope("block", "Two", "elsewhere", one)
    x = build.input("x", TensorType((symbol("N"), 4)))
    for i in range(6):
        scope = (one, root, two)[i % 3]
        (x,) = build.add(ops.Linear(4), [x], ("one.a", "b", "c.d")[i % 3] + f".{i}", scope)
    (y,) = build.add(ops.Linear(4), [x], "b.1", Scope("block", "Three", "three", root))
    build.output("y", y)


def flat(build: GraphBuilder) -> None:
    """No scopes at all, as from an imported model: every node has a root of its own."""
    x = build.input("x", TensorType((symbol("N"), 8)))
    for i in range(12):
        (y,) = build.add(ops.Linear(8), [x], f"layers.{i}.fc", Scope("arch", "net"))
        (y,) = build.add(ops.Gelu(), [y], f"layers.{i}.act", Scope("arch", "net"))
        (x,) = build.add(ops.Add(), [x, y], f"layers.{i}.add", Scope("arch", "net"))
    build.output("y", x)


@pytest.mark.parametrize("make", [tangled, flat])
def test_graphs_made_by_hand(make: Callable[[GraphBuilder], None]) -> None:
    build = GraphBuilder("net")
    make(build)
    text = same(build.finish()).text
    if make is flat:
        assert "for i in range(12)" in text


def test_blocks_that_would_say_something_else_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, other = ghndsl.load("resnet18"), ghndsl.load("resnet34")
    monkeypatch.setattr(
        "ghndsl.language.format.fold", lambda one, is_flat: fold(one if is_flat else other, is_flat=is_flat)
    )
    text = ghndsl.format(graph)
    assert "block " not in text
    assert ghndsl.loads(text).id == graph.id


def test_a_graph_that_no_text_describes() -> None:
    build = GraphBuilder("net")
    x = build.input("x", TensorType((symbol("N"), 4)))
    (y,) = build.add(ops.Linear(4), [x], "no/label", Scope("arch", "net"))
    build.output("y", y)
    with pytest.raises(ValueError, match="no text describes"):
        ghndsl.format(build.finish())


def test_a_name_that_is_no_identifier() -> None:
    graph = replace(ghndsl.loads("arch a() { input x: f32[N, 4]\n output y = x -> relu }"), name="my-net.v2")
    assert "arch my_net_v2()" in same(graph).text


@pytest.mark.parametrize(
    "body", ["x -> Block(8) as l{i}", "(x + (x -> conv(8, 1) as a{i} -> relu)) -> conv(8, 1) as b{i}"]
)
def test_time_grows_with_nodes(body: str, work: Callable[[Callable[[], object]], int]) -> None:
    block = "block Block(x, c: int) { return (x + (x -> conv(c, 3, padding=1) as conv -> batch_norm as bn)) -> relu }\n"

    def calls(turns: int) -> int:
        net = f"arch a() {{ input x: f32[N, 8, 8, 8]\n for i in range({turns}) {{ x = {body} }}\n output y = x }}"
        graph = ghndsl.loads(block + net)
        return work(lambda: ghndsl.format(graph))

    ghndsl.format(ghndsl.load("resnet18"))
    assert calls(400) < 2.5 * calls(200)


def test_a_deep_graph() -> None:
    body = "y = x\n for i in range(3000) { y = y * x if i % 3 > 0 else y + x }\n output y = y"
    same(ghndsl.loads(f"arch a() {{ input x: f32[N, 4]\n {body} }}"))
