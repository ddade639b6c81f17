"""Laws of every pass: the function stays for all weights, a second run changes nothing, and the graph is sound."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl import ops
from ghndsl.ir import Graph, GraphBuilder, Scope, Value, verify
from ghndsl.ops import Mode
from ghndsl.passes import DISTINCT, dead, identities, simplify, zeros
from ghndsl.types import TensorType, symbol

SCOPE = Scope("arch", "net")
ROW = TensorType((symbol("N"), 4))
WIDE = TensorType((1, 4))
PASSES: tuple[Callable[[Graph], Graph], ...] = (*DISTINCT, simplify)
OPERATORS = (
    ops.Add(),
    ops.Add(),
    ops.ZerosLike(),
    ops.ZerosLike(),
    ops.Identity(),
    ops.Mul(),
    ops.Concat(dim=0),
    ops.Linear(4),
    ops.Relu(),
    ops.Dropout(),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs full of what the passes look for, zeros that broadcast among it."""
    build = GraphBuilder("net")
    values = [build.input("x", ROW), build.input("h", WIDE)]
    for i in range(draw(st.integers(1, 14))):
        op = draw(st.sampled_from(OPERATORS))
        inputs = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3 if op.tensors is None else 1))
        if len({str(v.type) for v in inputs}) > 1 and (isinstance(op, ops.Concat) or _clash(inputs)):
            inputs = inputs[:1]
        users = [node.path for node in build.nodes if node.op == op and node.weights]
        values += build.add(op, inputs, draw(st.sampled_from([f"n{i}", *users])), SCOPE)
    for i, value in enumerate(draw(st.lists(st.sampled_from(values), min_size=1, max_size=3))):
        build.output(f"y{i}", value, is_exit=draw(st.booleans()))
    return build.finish()


def _clash(values: list[Value]) -> bool:
    """Whether sizes are at odds, concatenation having made several."""
    return len({str(v.type.shape[0]) for v in values} - {"1"}) > 1


def outputs(graph: Graph, mode: Mode | None = None) -> list[torch.Tensor]:
    """What a graph makes of inputs and weights drawn by their names."""

    def drawn(name: str, *shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=torch.Generator().manual_seed(sum(name.encode())))

    sizes = {"N": 3}
    values = {p.value.id: drawn(p.name, *map(Mode(sizes=sizes).size, p.value.type.shape)) for p in graph.arguments}
    for node in graph.nodes:
        weights = {w.name: drawn(node.weight_path(w), *w.shape) for w in node.weights}
        found = node.op.run([values[v.id] for v in node.inputs], weights, mode or Mode(sizes=sizes))
        values.update(zip((v.id for v in node.results), found, strict=True))
    return [values[p.value.id] for p in graph.results]


@pytest.mark.parametrize("one", PASSES, ids=lambda one: one.__name__)
@settings(max_examples=40, deadline=None)
@given(graph=graphs())
def test_laws(one: Callable[[Graph], Graph], graph: Graph) -> None:
    found = one(graph)
    verify(found)
    assert one(found) is found
    assert found.inputs == graph.inputs
    assert found.outputs == graph.outputs
    assert [port.is_exit for port in found.results] == [port.is_exit for port in graph.results]
    assert found.weights.items() <= graph.weights.items()
    for before, after in zip(outputs(graph), outputs(found), strict=True):
        torch.testing.assert_close(after, before, rtol=0, atol=0)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_what_a_pass_leaves_is_the_same_object(graph: Graph) -> None:
    originals = {node.results: node for node in graph.nodes}
    for one in PASSES:
        for node in one(graph).nodes:
            original = originals[node.results]
            assert node is original or node.inputs != original.inputs


@pytest.mark.parametrize("op", [ops.Identity(), ops.Add(), ops.Mul(), ops.Concat()], ids=lambda op: op.name)
def test_operators_that_give_back_their_input_go(op: ops.Operator) -> None:
    build = GraphBuilder("net")
    build.output("y", *build.add(op, [build.input("x", ROW)], "a", SCOPE))
    assert not identities(build.finish()).nodes


def cell(*terms: str, kind: TensorType = ROW) -> Graph:
    """A sum: `x` an input, `0` its zeros, `i` its identity, `c` a layer of it, `h` and `o` a row and its zeros."""
    build = GraphBuilder("net")
    x, h = build.input("x", kind), build.input("h", WIDE)
    made = {"x": lambda: x, "h": lambda: h}
    calls: dict[str, tuple[ops.Operator, Value]] = {
        "0": (ops.ZerosLike(), x),
        "o": (ops.ZerosLike(), h),
        "i": (ops.Identity(), x),
        "c": (ops.Linear(4), x),
        "d": (ops.Dropout(), x),
    }
    values = [
        made[term]() if term in made else build.add(calls[term][0], [calls[term][1]], f"n{i}", SCOPE)[0]
        for i, term in enumerate(terms)
    ]
    build.output("y", *build.add(ops.Add(), values, "sum", SCOPE))
    return build.finish()


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        ("x", ""),
        ("xx", "add"),
        ("x0", ""),
        ("0x0", ""),
        ("0c", "linear"),
        ("i0", ""),
        ("ii", "add"),
        ("d0", "dropout"),
        ("00", "zeros_like"),
        ("0000", "zeros_like"),
        ("cc0", "linear linear add"),
        ("h0", "zeros_like add"),
        ("h00o", "zeros_like add"),
        ("hx0o", "add"),
        ("oo", "zeros_like"),
        ("o0", "zeros_like"),
        ("xo", ""),
    ],
)
def test_sums_are_left_with_what_counts(terms: str, left: str) -> None:
    assert " ".join(node.op.name for node in simplify(cell(*terms)).nodes) == left


def test_zeros_of_zeros_are_seen_through_sums() -> None:
    build = GraphBuilder("net")
    x = build.input("x", ROW)
    (first,) = build.add(ops.ZerosLike(), [x], "a", SCOPE)
    (second,) = build.add(ops.ZerosLike(), [first], "b", SCOPE)
    (none,) = build.add(ops.Add(), [second, first], "c", SCOPE)
    (total,) = build.add(ops.Add(), [none, x], "d", SCOPE)
    (layer,) = build.add(ops.Linear(4), [none], "e", SCOPE)
    build.output("y", total)
    build.output("z", layer)
    found = simplify(build.finish())
    assert [node.path for node in found.nodes] == ["a", "e"]
    assert found.results[0].value == x


def test_an_output_may_be_an_input() -> None:
    build = GraphBuilder("net")
    x = build.input("x", ROW)
    (same,) = build.add(ops.Identity(), [x], "a", SCOPE)
    build.output("y", same, is_exit=True)
    build.output("z", same)
    found = identities(build.finish())
    assert [(port.name, port.value, port.is_exit) for port in found.results] == [("y", x, True), ("z", x, False)]


def test_layers_of_zeros_stay() -> None:
    """A layer maps zeros to its bias, a product of zeros is not an addition: neither is this pass's to judge."""
    build = GraphBuilder("net")
    x = build.input("x", ROW)
    (none,) = build.add(ops.ZerosLike(), [x], "a", SCOPE)
    (product,) = build.add(ops.Mul(), [none, x], "b", SCOPE)
    (total,) = build.add(ops.Add(), [product, x], "c", SCOPE)
    build.output("y", total)
    graph = build.finish()
    assert zeros(graph) is graph
    assert simplify(graph) is graph


def test_dropout_acts_in_training() -> None:
    graph = cell("d", "0")
    modes = [Mode("train", torch.Generator().manual_seed(0), {"N": 3}) for _ in range(2)]
    before, after = outputs(graph, modes[0]), outputs(simplify(graph), modes[1])
    torch.testing.assert_close(after, before, rtol=0, atol=0)


def test_parts_that_feed_no_output_go() -> None:
    build = GraphBuilder("net")
    x = build.input("x", TensorType((4, 4)))
    left, right = build.add(ops.Split(2, dim=0), [x], "split", SCOPE)
    (unused,) = build.add(ops.Relu(), [right], "unused", SCOPE)
    build.add(ops.Relu(), [unused], "after", SCOPE)
    build.output("y", left)
    assert [node.path for node in dead(build.finish()).nodes] == ["split"]


@pytest.mark.parametrize("one", PASSES, ids=lambda one: one.__name__)
def test_passes_take_linear_work(one: Callable[[Graph], Graph], work: Callable[[Callable[[], object]], int]) -> None:
    def layers(count: int) -> Graph:
        build = GraphBuilder("net")
        value = build.input("x", ROW)
        for i in range(count):
            (none,) = build.add(ops.ZerosLike(), [value], f"{i}.z", SCOPE)
            (same,) = build.add(ops.Identity(), [value], f"{i}.i", SCOPE)
            build.add(ops.Relu(), [same], f"{i}.unused", SCOPE)
            (value,) = build.add(ops.Add(), [none, same], f"{i}.a", SCOPE)
        build.output("y", value)
        return build.finish()

    small, large = (work(partial(one, layers(count))) for count in (200, 800))
    assert large < 4.4 * small
