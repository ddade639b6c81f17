"""The reading rules of the language, one a line: a text, and the paths of its weights or the shape of its output."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import ghndsl
from ghndsl import ops
from ghndsl.ir import Graph

MakeGraph = Callable[..., Graph]

BLOCKS = """
block Two(x) { return x -> linear(4) -> relu -> linear(4) }
block Named(x) { return x -> linear(4) as a -> relu -> linear(4) as b }
block Head(x, classes: int) { return x -> linear(classes) as fc }
block Pass(x, f: op) { return x -> f }
block Double(n: int) { return 2 * n }
block Halves(x: [N, C]) { return x[:, :C // 2], x[:, C // 2:] }
block Gate(x, h) { return (x -> linear(4) as input) + h }
block Nest(x, n: int) { return x -> linear(4) -> Nest(n - 1) as inner if n > 0 else x }
block Labels(x, f: op) { return x -> f as inner }
block Recipe(n: int) { return linear(n) }
block Stored(n: int) { return linear(n) as c }
block Act(x, act: op = relu, width: int = 4, k: size = 3) { return x -> linear(width) -> act }
"""

# (what stands between input and output, the paths of the weights)
LABELS: list[tuple[str, str]] = [
    ("x = x -> linear(4)", "0"),
    ("x = x -> linear(4) -> relu -> linear(4)", "0 2"),
    ("x = x -> linear(4) as fc -> relu -> linear(4)", "fc 1"),
    ("x = linear(x, 4)\n x = relu(x)\n x = linear(x, 4)", "0 2"),
    ("x = (x -> linear(4)) + (x -> linear(4))\n x = x -> linear(4)", "0 1 2"),
    ("x = 2 * x + 1\n x = x -> linear(4)", "0"),
    ("x = x -> (linear(4) -> relu -> linear(4)) as seq", "seq.0 seq.2"),
    ("x = x -> (linear(4) as a -> relu -> linear(4)) as seq", "seq.a seq.2"),
    ("x = x -> (linear(4) -> (relu -> linear(4))) as seq", "seq.0 seq.1.1"),
    ("x = x -> (linear(4) as a) as b", "b.a"),
    ("x = (linear(x, 4) as a) as b", "b.a"),
    ("f = (linear(4) as a) as b\n x = x -> f -> f", "b.a b.a"),
    ("f = relu -> (linear(4) as a) as b\n x = x -> f as p -> f as q", "p.b.a q.b.a"),
    ("f = relu -> (linear(4) as self) as b\n x = x -> f as p", "p.b"),
    ("f = linear(4) as f\n x = x -> (relu -> f -> linear(4)) as p", "f p.2"),
    ("f = linear(4) as f\n x = x -> Labels(f) as p", "f"),
    ("x = x -> linear(Double(2)) -> linear(4)", "0 1"),
    ("f = Recipe(4)\n x = x -> f -> f", "0 1"),
    ("x = x -> Recipe(4) -> Stored(4) -> Stored(4)", "0 1.c 2.c"),
    ("x = (x -> linear(4) -> relu -> linear(4)) as seq", "seq.0 seq.2"),
    ("x = x -> linear(4) as 0 -> linear(4) as block.output", "0 block.output"),
    ("x = x -> linear(4) as for.in.3", "for.in.3"),
    ("i = 2\n x = x -> linear(4) as {i} -> linear(4) as layer{i + 1}.{i}b", "2 layer3.2b"),
    ('x = x -> linear(4) as {"enc"}_{1}', "enc_1"),
    ("x = x -> Two", "0.0 0.2"),
    ("x = x -> Two -> Two", "0.0 0.2 1.0 1.2"),
    ("x = x -> Two as t", "t.0 t.2"),
    ("x = x -> Named as t -> Named as u", "t.a t.b u.a u.b"),
    ("x = x -> Named as self", "a b"),
    ("x = x -> (Named -> linear(4)) as s", "s.0.a s.0.b s.1"),
    ("for i in range(3) { x = x -> linear(4) as l{i} }", "l0 l1 l2"),
    ("for i in range(2) { x = x -> linear(4) }", "0 1"),
    ("x = x -> [linear(4), linear(4)] -> add", "0 1"),
    ("a = x -> [linear(4), relu]\n x = add(a)", "0"),
    ("x = x -> repeat(3, linear(4))", "0 1 2"),
    ("x = x -> repeat(2, linear(4) -> relu) as r", "r.0 r.2"),
    ("x = x -> repeat(2, Named) as r", "r.0.a r.0.b r.1.a r.1.b"),
    ("head = linear(4) as head\n x = (x -> head) + (x -> relu -> head)", "head head"),
    ("head = Head(4) as head\n x = (x -> head) + (x -> relu -> head)", "head.fc head.fc"),
    ("head = linear(4)\n x = (x -> head) + (x -> head)", "0 1"),
    ("f = (linear(4) -> relu) as f\n x = x -> f -> f", "f.0 f.0"),
    ("f = linear(4) as f\n x = x -> Pass(f) as p", "f"),
    ("x = x -> Pass(linear(4)) as p", "p.0"),
    ("x = x -> Pass(linear(4) as inner) as p", "inner"),
    ("x = x -> Pass(Named) as p -> Pass(relu) as q", "p.0.a p.0.b"),
    ("x = x -> Gate(x) as g", "g.input"),
    ("x = Gate(x, x) as g", "g.input"),
    ("x = x -> Nest(3) as n", "n.0 n.inner.0 n.inner.inner.0"),
    ("x = x -> Act(gelu)", "0.0"),
    ("x = x -> linear(4) as a if 1 < 2 else x -> linear(4) as b", "a"),
    ("if 1 > 2 { x = x -> linear(4) as a } else if 2 > 1 { x = x -> linear(4) as b } else { x = x -> relu }", "b"),
    ("y, z = x -> Halves\n x = concat(z, y) -> linear(4)", "2"),
    ("x = [x -> linear(4) as l{i} for i in range(4) if i % 2 == 1][-1]", "l1 l3"),
]

# (an expression of settled values, what it is)
VALUES: list[tuple[str, str]] = [
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("-2 ** 2", "-4"),
    ("2 ** 3 ** 2", "512"),
    ("2 ** -1", "0.5"),
    ("7 // 2 * 2 + 7 % 2", "7"),
    ("-7 // 2", "-4"),
    ("6 / 4", "1.5"),
    ("1 + 1..2 * 2", "[2, 3, 4]"),
    ("3..2", "[]"),
    ("1 < 2 and not 2 < 1 or false", "true"),
    ("not 1 == 2", "true"),
    ("true or 1 / 0 == 1", "true"),
    ("2 in [1, 2] and 3 not in [1, 2]", "true"),
    ("1 == true", "false"),
    ("1 == 1.0", "true"),
    ("[1, 2] == (1, 2)", "true"),
    ('"a" + "b" == "ab"', "true"),
    ("[1] + [2, 3]", "[1, 2, 3]"),
    ("[1, 2, 3, 4][1:3]", "[2, 3]"),
    ("[1, 2, 3, 4][::-1]", "[4, 3, 2, 1]"),
    ("[1, 2, 3][-1]", "3"),
    ("[[1, 2], [3, 4]][1][0]", "3"),
    ("[a * b for a, b in [(1, 2), (3, 4)]]", "[2, 12]"),
    ("[i for i in range(10) if i % 3 == 0]", "[0, 3, 6, 9]"),
    ("range(2, 10, 3)", "[2, 5, 8]"),
    ("range(5, 0, -2)", "[5, 3, 1]"),
    ("len(range(7)) + max(1, 5, 3) + min([4, 2])", "14"),
    ("sum([1, 2, 3]) + abs(-4) + int(2.9) + round(3.6)", "16"),
    ("[floor(2.7), floor(-2.7), ceil(2.1), ceil(-2.1), ceil(3)]", "[2, -3, 3, -2, 3]"),
    ("[log(1), round(log(1024) / log(2))]", "[0.0, 10]"),
    ("index([3, 5, 7], 5)", "1"),
    ("2K + 3M + 1G", "1003002000"),
    ("1.5K", "1500.0"),
    ("1e3", "1000.0"),
    ("3 if 1 > 2 else 4 if 2 > 3 else 5", "5"),
    ("Double(21)", "42"),
    ("Double(n=Double(2))", "8"),
    ("[none, true, false]", "[none, true, false]"),
    ("1\n + 2\n * 3", "7"),
    ("1 # one\n # and\n + 2", "3"),
    ("[1,\n 2,\n]", "[1, 2]"),
    ("true\n and false\n or true", "true"),
    ("1\n in [1]", "true"),
    ("3\n not in [1]", "true"),
    ("1\n .. 2", "[1, 2]"),
    ("1 if true\n else 2", "1"),
    ('"#"', '"#"'),
    (r'"a \"b\" \\ c"', r'"a \"b\" \\ c"'),
]

# (the whole body, the type of `y`)
SHAPES: list[tuple[str, str]] = [
    ("input x: f32[N, 3, 32, 32]\n y = x -> conv(8, 3, stride=2, padding=1)", "f32[N, 8, 16, 16]"),
    ("input x: f32[N, 3, 16*H, 16*W]\n y = x -> conv(8, 16, stride=16)", "f32[N, 8, H, W]"),
    ("input x: f32[N, 3, 2*H, 7]\n y = x -> max_pool(2)", "f32[N, 3, H, 3]"),
    ("k = 5\n K = 6\n input x: f32[N, K, k + 1]\n y = x -> flatten", "f32[N, 36]"),
    ("input x: f32[N, T, 8]\n y = x -> reshape(N * T, 8)", "f32[N*T, 8]"),
    ("input x: f32[N, T, 8]\n y = x -> Take", "f32[N, T, 4]"),
    ("input x: f32[N, 8]\n input z: f32[N, 8]\n y = x + z", "f32[N, 8]"),
    ("input x: f32[N, 8]\n input z: f32[N, 2]\n y = concat(x, z)", "f32[N, 10]"),
    ("input x: f32[N, 8]\n y = concat([x, x, x])", "f32[N, 24]"),
    ("input x: f32[N, 8, 4]\n y = concat(x, x, dim=2)", "f32[N, 8, 8]"),
    ("input x: f32[N, 8, 4]\n y = x[:, 2:6]", "f32[N, 4, 4]"),
    ("input x: f32[N, 8, 4]\n y = x[:, -1]", "f32[N, 4]"),
    ("input x: f32[N, 8, 4]\n y = x[:, ::2, 1:]", "f32[N, 4, 3]"),
    ("input x: f32[N, 8]\n a, b = split(x, 4, dim=1)\n y = a * b", "f32[N, 4]"),
    ("input x: f32[N, 8]\n y: f32[N, D] = x -> linear(5)\n z = D + 1", "f32[N, 5]"),
    ("input x: f32[N, 8]\n y: f32[N, 2 * 4] = x", "f32[N, 8]"),
    ("input x: f32[N, 8, 3]\n y: [_, _, _W] = x", "f32[N, 8, 3]"),
    ("input x: f32[N, 8, 3]\n y = x -> Middle", "f32[N, 8]"),
    ("input x: f32[N, 8]\n a, y: f32[N, _] = x, x -> linear(2)", "f32[N, 2]"),
    ("input x: f32[N, 8]\n k: float = 2\n y = x -> linear(2 if [k] == [2.0] else 3)", "f32[N, 2]"),
    ("input x: f32[N, 8]\n k: int = 3\n y = x -> linear(k)", "f32[N, 3]"),
    ("input x: f32[N, 8]\n y = 1 - x / 2 + x ** 2 - -x", "f32[N, 8]"),
    ("input x: f32[N, 8]\n y = x -> linear(4)\n      # the next line continues\n\n      -> relu", "f32[N, 4]"),
    ("input x: f32[N, 8]\n y = x\n   -> linear(4,\n   bias=false)", "f32[N, 4]"),
    ("input x: f32[N, 1K]\n y = x", "f32[N, 1000]"),
    ("input x: bf16[N, 8]\n y = x -> relu", "bf16[N, 8]"),
    ("input x: f32[N, 8]\n relu = 3\n y = x -> linear(relu)", "f32[N, 3]"),
    ("input x: f32[N, 8]\n y = x -> Pick([2, 3], 1)", "f32[N, 3]"),
]
MEANT: list[tuple[str, str]] = [
    ("x -> sum(1)", "sum(dim=1)"),
    ("x -> sum([0, 1])", "sum(dim=(0, 1))"),
    ("x -> max(1, true) -> abs -> min", "max(dim=1, keepdim=true); abs; min"),
    ("x -> max(1) as top -> relu", "max(dim=1); relu"),
    ("x -> (max(1) -> sum(0))", "max(dim=1); sum(dim=0)"),
    ("x -> relu -> (sum(1) as one -> abs) as two", "relu; sum(dim=1); abs"),
    ("sum(x, 1)", "sum(dim=1)"),
    ("max(x)", "max"),
    ("min(max(3, 4) * x, dim=1)", "affine(scale=4.0); min(dim=1)"),
    ("x -> repeat(2, max(dim=0, keepdim=true))", "max(dim=0, keepdim=true); max(dim=0, keepdim=true)"),
    ("x -> Apply(sum(dim=1)) -> Apply(max)", "sum(dim=1); max"),
    ("x -> linear(max(3, 4) + sum([1, 2]) + min([5, 6]))", "linear(12)"),
    ("x -> linear(max([3]))", "linear(3)"),
    ("x -> [sum(dim=1), max(dim=1)] -> add", "sum(dim=1); max(dim=1); add"),
    ("x * sum([]) + abs(-2)", "affine(scale=0.0); affine(shift=2.0)"),
    ("x ** x ** 2", "pow(exponent=2.0); pow"),
    ("pow(x, x) -> pow(0.5)", "pow; pow(exponent=0.5)"),
]
"""What is meant where an operator and a function of numbers have one name."""
TAKE = """
block Middle(x: [_, C, _]) { return x -> mean(2) -> linear(C) }
block Take(x: [N, T, C]) { return x -> linear(C // 2) }
block Pick(x, sizes: [int], i: int = 0) { return x -> linear(sizes[i]) }
"""


@pytest.mark.parametrize(("body", "paths"), LABELS, ids=[case[0] for case in LABELS])
def test_paths_of_weights(graph_of: MakeGraph, body: str, paths: str) -> None:
    graph = graph_of(f"{BLOCKS}\narch a() {{\n input x: f32[N, 4]\n {body}\n output y = x\n}}")
    assert [node.path for node in graph.nodes if node.weights] == paths.split()


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[case[0] for case in VALUES])
def test_values_of_expressions(graph_of: MakeGraph, expression: str, value: str) -> None:
    graph = graph_of(
        f"{BLOCKS}\nblock Same(x, yes: bool) {{ return x -> linear(1) if yes else x }}\n"
        f"arch a() {{\n input x: f32[N, 4]\n v = {expression}\n output y = x -> Same(v == {value})\n}}"
    )
    assert len(graph.nodes) == 1


@pytest.mark.parametrize(("expression", "written"), MEANT, ids=[case[0] for case in MEANT])
def test_what_a_call_means(graph_of: MakeGraph, expression: str, written: str) -> None:
    block = "block Apply(x, what: op) { return x -> what }"
    graph = graph_of(f"{block}\narch a() {{\n input x: f32[N, 4]\n y = {expression}\n output out = y\n}}")
    assert "; ".join(ops.written(node.op) for node in graph.nodes) == written
    again = graph_of(ghndsl.format(graph))
    assert again.id == graph.id


@pytest.mark.parametrize(("body", "kind"), SHAPES, ids=[case[0] for case in SHAPES])
def test_types(graph_of: MakeGraph, body: str, kind: str) -> None:
    graph = graph_of(f"{TAKE}\narch a() {{\n {body}\n output out = y\n}}")
    assert str(graph.outputs["out"]) == kind
