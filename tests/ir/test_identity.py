"""Graph identity: equal exactly for isomorphic graphs, whatever the names, and pinned for ever."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl import ops
from ghndsl.ir import Graph, GraphBuilder, Node, Port, Scope, Value, verify
from ghndsl.ir.identity import graph_id
from ghndsl.types import Dim, TensorType, symbol

SCOPE = Scope("arch", "net")
SQUARE = TensorType((4, 4))
GOLDEN = Path(__file__).parent.parent / "golden" / "ids.json"
OPERATORS = (ops.Relu(), ops.Linear(4), ops.Linear(4, bias=False), ops.Add(), ops.Sub(), ops.Split(2, dim=0))


@st.composite
def graphs(draw: st.DrawFn, most: int = 6, operators: Sequence[ops.Operator] = OPERATORS) -> Graph:
    """Small graphs with ties, dead parts, values used twice, shared weights and nodes with two results."""
    build = GraphBuilder("net")
    values = [build.input(f"x{i}", SQUARE) for i in range(draw(st.integers(1, 2)))]
    for i in range(draw(st.integers(1, most))):
        op = draw(st.sampled_from(operators))
        first = draw(st.sampled_from(values))
        same = [v for v in values if v.type == first.type]
        count = 2 if isinstance(op, ops.Sub) else draw(st.integers(1, 3)) if isinstance(op, ops.Add) else 1
        inputs = [first, *(draw(st.sampled_from(same)) for _ in range(count - 1))]
        if isinstance(op, ops.Split) and first.type.shape[0] != 4:
            op = ops.Relu()
        users = [n.path for n in build.nodes if n.op == op and n.weights]
        values += build.add(op, inputs, draw(st.sampled_from([f"n{i}", *users])), SCOPE)
    for i, value in enumerate(draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))):
        build.output(f"y{i}", value, is_exit=draw(st.booleans()))
    graph = build.finish()
    verify(graph)
    return graph


def disguised(graph: Graph, rng: random.Random) -> Graph:
    """The same graph in another topological order, with other names and other orders of what commutes."""
    order: list[Node] = []
    left = list(graph.nodes)
    ready = {port.value.id for port in graph.arguments}
    while left:
        node = rng.choice([n for n in left if all(v.id in ready for v in n.inputs)])
        left.remove(node)
        order.append(node)
        ready.update(v.id for v in node.results)
    ids = [*ready]
    rng.shuffle(ids)
    new = dict(zip(sorted(ready), ids, strict=True))

    def value(old: Value) -> Value:
        return Value(new[old.id], old.type)

    nodes: list[Node] = []
    for node in order:
        inputs = [value(v) for v in node.inputs]
        if node.op.commutative:
            rng.shuffle(inputs)
        nodes.append(Node(node.op, tuple(inputs), tuple(map(value, node.results)), f"other.{node.path}", SCOPE))
    arguments = tuple(Port(f"in_{p.name}", value(p.value)) for p in graph.arguments)
    results = tuple(Port(f"out_{p.name}", value(p.value), p.is_exit) for p in graph.results)
    return Graph("other", arguments, tuple(nodes), results)


def isomorphic(a: Graph, b: Graph) -> bool:
    """By trying every bijection of the nodes."""
    if [p.value.type for p in a.arguments] != [p.value.type for p in b.arguments] or len(a.nodes) != len(b.nodes):
        return False
    return any(_agree(a, b, order) for order in permutations(b.nodes))


def _agree(a: Graph, b: Graph, order: Sequence[Node]) -> bool:
    image = {p.value.id: q.value.id for p, q in zip(a.arguments, b.arguments, strict=True)}
    paths: dict[str, str] = {}
    for node, other in zip(a.nodes, order, strict=True):
        if node.op != other.op or len(node.results) != len(other.results):
            return False
        image.update((v.id, w.id) for v, w in zip(node.results, other.results, strict=True))
    for node, other in zip(a.nodes, order, strict=True):
        here, there = [image[v.id] for v in node.inputs], [v.id for v in other.inputs]
        if (sorted(here) != sorted(there)) if node.op.commutative else (here != there):
            return False
        if node.weights and paths.setdefault(node.path, other.path) != other.path:
            return False
    ports = [(image[p.value.id], p.is_exit) for p in a.results]
    return len(set(paths.values())) == len(paths) and ports == [(p.value.id, p.is_exit) for p in b.results]


def mutated(graph: Graph, rng: random.Random) -> Graph:
    """The graph with one thing changed, as it may be without a change of type."""
    index = rng.randrange(len(graph.nodes))
    node = graph.nodes[index]
    before = [p.value for p in graph.arguments] + [v for n in graph.nodes[:index] for v in n.results]
    what = rng.randrange(5)
    if what == 0:
        port = rng.randrange(len(graph.results))
        results = [replace(p, is_exit=p.is_exit ^ (i == port)) for i, p in enumerate(graph.results)]
        return replace(graph, results=tuple(results))
    if what == 1:
        return replace(graph, results=graph.results[::-1])
    if what == 2 and isinstance(node.op, ops.Linear):
        node = replace(node, op=ops.Linear(4, bias=not node.op.bias), path="fresh")
    elif what == 3 and node.weights:
        node = replace(node, path=rng.choice(["fresh", *(n.path for n in graph.nodes if n.op == node.op)]))
    else:
        moved = rng.randrange(len(node.inputs))
        choice = rng.choice([v for v in before if v.type == node.inputs[moved].type])
        node = replace(node, inputs=(*node.inputs[:moved], choice, *node.inputs[moved + 1 :]))
    return replace(graph, nodes=(*graph.nodes[:index], node, *graph.nodes[index + 1 :]))


@settings(max_examples=150, deadline=None)
@given(graphs(most=12), st.randoms(use_true_random=False))
def test_names_and_orders_do_not_count(graph: Graph, rng: random.Random) -> None:
    assert graph_id(disguised(graph, rng)) == graph_id(graph)


@settings(max_examples=200, deadline=None)
@given(graphs(most=6), st.randoms(use_true_random=False))
def test_equal_exactly_when_isomorphic_after_one_change(graph: Graph, rng: random.Random) -> None:
    other = disguised(mutated(graph, rng), rng)
    assert (graph_id(graph) == graph_id(other)) == isomorphic(graph, other)


FEW = (ops.Linear(4), ops.Add())


@settings(max_examples=200, deadline=None)
@given(graphs(most=4, operators=FEW), graphs(most=4, operators=FEW))
def test_equal_exactly_when_isomorphic(a: Graph, b: Graph) -> None:
    assert (graph_id(a) == graph_id(b)) == isomorphic(a, b)


def regular(edges: Sequence[tuple[int, int]]) -> Graph:
    """A layer for each vertex and a sum for each edge of an undirected graph."""
    build = GraphBuilder("net")
    x = build.input("x", SQUARE)
    layers = [build.add(ops.Linear(4), [x], f"v{i}", SCOPE)[0] for i in range(1 + max(map(max, edges)))]
    sums = [build.add(ops.Add(), [layers[a], layers[b]], f"e{a}_{b}", SCOPE)[0] for a, b in edges]
    build.output("y", *build.add(ops.Add(), sums, "sum", SCOPE))
    return build.finish()


def _cycle(*vertices: int) -> list[tuple[int, int]]:
    return list(zip(vertices, (*vertices[1:], vertices[0]), strict=True))


_PRISM = [*_cycle(0, 1, 2), *_cycle(3, 4, 5), (0, 3), (1, 4), (2, 5)]
_K33 = [(a, b) for a in (0, 1, 2) for b in (3, 4, 5)]
_PETERSEN = [*_cycle(0, 1, 2, 3, 4), *_cycle(5, 7, 9, 6, 8), *((i, i + 5) for i in range(5))]
_PRISM5 = [*_cycle(0, 1, 2, 3, 4), *_cycle(5, 6, 7, 8, 9), *((i, i + 5) for i in range(5))]


@pytest.mark.parametrize(
    ("a", "b"),
    [(_cycle(0, 1, 2, 3, 4, 5), _cycle(0, 1, 2) + _cycle(3, 4, 5)), (_PRISM, _K33), (_PETERSEN, _PRISM5)],
    ids=["cycles", "cubic6", "cubic10"],
)
def test_what_refinement_alone_cannot_tell(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    assert graph_id(regular(a)) != graph_id(regular(b))
    for edges in (a, b):
        for seed in range(3):
            assert graph_id(disguised(regular(edges), random.Random(seed))) == graph_id(regular(edges))


def chain(*parts: tuple[ops.Operator, str], kind: TensorType = SQUARE) -> Graph:
    build = GraphBuilder("net")
    value = build.input("x", kind)
    for op, path in parts:
        value = build.add(op, [value], path, SCOPE)[0]
    build.output("y", value)
    return build.finish()


def test_a_node_used_twice_is_not_two_nodes() -> None:
    def summed(*paths: str) -> str:
        build = GraphBuilder("net")
        x = build.input("x", SQUARE)
        terms = [build.add(ops.Linear(4), [x], path, SCOPE)[0] for path in paths]
        build.output("y", *build.add(ops.Add(), (terms * 2)[:2], "sum", SCOPE))
        return graph_id(build.finish())

    assert len({summed("a"), summed("a", "b"), summed("a", "a")}) == 3
    assert summed("a", "b") == summed("b", "a")


def test_which_weights_are_shared_counts() -> None:
    ids = {pattern: graph_id(chain(*((ops.Linear(4), path) for path in pattern))) for pattern in PATTERNS}
    assert len(set(ids.values())) == len(PATTERNS)
    assert graph_id(chain((ops.Relu(), "a"), (ops.Relu(), "a"))) == graph_id(
        chain((ops.Relu(), "a"), (ops.Relu(), "b"))
    )


PATTERNS = ("abcd", "aabc", "abac", "abca", "aabb", "abab", "abba", "aaab", "abbb", "aaaa", "abbc")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ((("N", 4),), (("B", 4),), True),
        ((("N", 4),), ((2, 4),), False),
        ((("N", "M"),), (("M", "N"),), True),
        ((("N", "N"),), (("N", "M"),), False),
        ((("N", "M"), ("N",)), (("M", "N"), ("M",)), True),
        ((("N", "M"), ("N",)), (("N", "M"), ("M",)), False),
        ((("A*B", "A"),), (("B*Z", "Z"),), True),
        ((("A*B", "A", "B"),), (("A*B", "B", "A"),), True),
        ((("A*B", "A*A"),), (("A*B", "B*B"),), True),
        ((("A*B", "A*A"),), (("A*B", "A*B"),), False),
    ],
)
def test_symbols_count_by_place_not_by_name(
    one: tuple[tuple[str | int, ...], ...], other: tuple[tuple[str | int, ...], ...], equal: bool
) -> None:
    def inputs(shapes: tuple[tuple[str | int, ...], ...]) -> str:
        build = GraphBuilder("net")
        values = [build.input(f"x{i}", TensorType(tuple(map(_size, shape)))) for i, shape in enumerate(shapes)]
        build.output("y", values[0])
        return graph_id(build.finish())

    assert (inputs(one) == inputs(other)) is equal


def _size(text: str | int) -> Dim:
    if isinstance(text, int):
        return text
    size: Dim = 1
    for name in text.split("*"):
        size = size * symbol(name)
    return size


def test_symbols_in_attributes_are_renamed_too() -> None:
    def parted(a: str, b: str, *, swap: bool = False) -> str:
        first, second = (b, a) if swap else (a, b)
        reshape = ops.Reshape((symbol(first), symbol(second)))
        return graph_id(chain((reshape, "0"), kind=TensorType((symbol(a) * symbol(b),))))

    # Nothing tells the factors of A*B apart before the attribute does.
    assert len({parted("A", "B"), parted("X", "C"), parted("A", "B", swap=True)}) == 1
    several = [symbol(name) for name in "ABCDEFGH"]
    product: Dim = 1
    for one in several:
        product = product * one
    assert graph_id(chain(kind=TensorType((product,))))


def test_a_path_without_weights_is_only_a_name() -> None:
    relu, layer = ops.Relu(), ops.Linear(4)
    separate = graph_id(chain((relu, "r"), (layer, "a"), (layer, "b")))
    shared = graph_id(chain((relu, "r"), (layer, "a"), (layer, "a")))
    assert separate != shared
    for path in ("a", "b", "c"):
        assert graph_id(chain((relu, path), (layer, "a"), (layer, "b"))) == separate
        assert graph_id(chain((relu, path), (layer, "a"), (layer, "a"))) == shared


def test_attributes_at_their_defaults_do_not_count() -> None:
    assert graph_id(chain((ops.Linear(4, bias=True), "a"))) == graph_id(chain((ops.Linear(4), "a")))
    assert graph_id(chain((ops.Dropout(0.5), "a"))) != graph_id(chain((ops.Dropout(0.1), "a")))
    assert graph_id(chain((ops.Dropout(1), "a"))) == graph_id(chain((ops.Dropout(1.0), "a")))


def _residual(blocks: int) -> Graph:
    build = GraphBuilder("net")
    value = build.input("image", TensorType((symbol("N"), 3, 8, 8)))
    (value,) = build.add(ops.Conv(8, 3, padding=1, bias=False), [value], "stem", SCOPE)
    for i in range(blocks):
        (y,) = build.add(ops.Conv(8, 3, padding=1, bias=False), [value], f"{i}.conv", SCOPE)
        (y,) = build.add(ops.BatchNorm(), [y], f"{i}.bn", SCOPE)
        (y,) = build.add(ops.Relu(), [y], f"{i}.relu", SCOPE)
        (value,) = build.add(ops.Add(), [value, y], f"{i}.add", SCOPE)
        build.output(f"early{i}", value, is_exit=True)
    build.output("features", value)
    return build.finish()


def _halves() -> Graph:
    build = GraphBuilder("net")
    x, h = build.input("x", TensorType((symbol("N"), 8))), build.input("h", TensorType((symbol("N"), 4)))
    left, right = build.add(ops.Split(4, dim=1), [x], "split", SCOPE)
    (gate,) = build.add(ops.Sigmoid(), [left], "gate", SCOPE)
    (gated,) = build.add(ops.Mul(), [gate, right], "mul", SCOPE)
    (both,) = build.add(ops.Concat(), [gated, h], "both", SCOPE)
    build.output("y", *build.add(ops.Linear(3), [both], "head", SCOPE))
    return build.finish()


PINNED: dict[str, Callable[[], Graph]] = {
    "residual": lambda: _residual(2),
    "halves": _halves,
    "shared": lambda: chain((ops.Linear(4), "a"), (ops.Gelu(approximate="tanh"), "b"), (ops.Linear(4), "a")),
    "cubic": lambda: regular(_PETERSEN),
    "symbols": lambda: chain(
        (ops.Reshape((symbol("H"), symbol("W"))), "a"), kind=TensorType((symbol("W") * symbol("H"),))
    ),
    "dead": lambda: replace(chain((ops.Relu(), "a"), (ops.Tanh(), "b")), results=()),
}


def test_ids_stay_for_ever() -> None:
    """An id that changes here breaks every stored run and list of candidates: give the new rule a new version."""
    assert {name: graph_id(make()) for name, make in PINNED.items()} == json.loads(GOLDEN.read_text())


def _branches(count: int, length: int) -> Graph:
    build = GraphBuilder("net")
    x = build.input("x", SQUARE)
    ends = [x] * count
    for i in range(length):
        ends = [build.add(ops.Linear(4), [end], f"{j}.{i}", SCOPE)[0] for j, end in enumerate(ends)]
    build.output("y", *build.add(ops.Add(), ends, "sum", SCOPE))
    return build.finish()


def _complete(size: int) -> Graph:
    build = GraphBuilder("net")
    x = build.input("x", SQUARE)
    first = [build.add(ops.Linear(4), [x], f"a{i}", SCOPE)[0] for i in range(size)]
    second = [build.add(ops.Add(), first, f"b{i}", SCOPE)[0] for i in range(size)]
    third = [build.add(ops.Linear(4), [v], f"c{i}", SCOPE)[0] for i, v in enumerate(second)]
    build.output("y", *build.add(ops.Add(), third, "sum", SCOPE))
    return build.finish()


@pytest.mark.parametrize(
    "make",
    [
        lambda: _branches(12, 3),
        lambda: _branches(400, 2),
        lambda: _complete(12),
        lambda: chain(*((ops.Linear(4), str(i)) for i in range(10_000))),
    ],
    ids=["12 branches", "400 branches", "complete", "10000 layers"],
)
def test_ties_and_size_are_no_trouble(make: Callable[[], Graph], work: Callable[[Callable[[], object]], int]) -> None:
    graph = make()
    assert work(lambda: graph_id(graph)) < 4_000_000
    found = graph_id(graph)
    assert graph_id(disguised(graph, random.Random(1)) if len(graph.nodes) < 100 else graph) == found
