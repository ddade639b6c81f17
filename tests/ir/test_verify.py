"""Each rule of a sound graph, broken."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from ghndsl import ops
from ghndsl.ir import Graph, GraphBuilder, Node, Port, Scope, Value, VerifyError, verify
from ghndsl.ir.verify import RULES
from ghndsl.records import altered
from ghndsl.types import DType, TensorType, symbol

SCOPE = Scope("arch", "net")
ROW = TensorType((symbol("N"), 4))


def sound(first: str = "a", second: str = "b") -> Graph:
    build = GraphBuilder("net")
    x = build.input("x", ROW)
    (y,) = build.add(ops.Linear(4), [x], first, SCOPE)
    (z,) = build.add(ops.Linear(4), [y], second, SCOPE)
    build.output("y", y, is_exit=True)
    build.output("z", z)
    return build.finish()


def changed(index: int, **fields: object) -> Graph:
    """The sound graph with a node changed."""
    graph = sound()
    nodes = list(graph.nodes)
    nodes[index] = replace(nodes[index], **fields)
    return replace(graph, nodes=tuple(nodes))


def again(op: ops.Operator, path: str, kind: TensorType) -> Graph:
    """The sound graph with a node more, on a second input."""
    graph, x = sound(), Value(8, kind)
    node = Node(op, (x,), (Value(9, op.infer(kind)[0]),), path, SCOPE)
    return replace(graph, arguments=(*graph.arguments, Port("x2", x)), nodes=(*graph.nodes, node))


def misremembered() -> Graph:
    """The sound graph with the weights of a node kept, while its input is another."""
    graph, x = sound(), Value(8, TensorType((symbol("N"), 5)))
    nodes = (graph.nodes[0], altered(graph.nodes[1], inputs=(x,)))
    return replace(graph, arguments=(*graph.arguments, Port("x2", x)), nodes=nodes)


BROKEN: list[tuple[str, Callable[[], Graph]]] = [
    (
        "two inputs are named `x`",
        lambda: replace(sound(), arguments=(Port("x", Value(7, ROW)), Port("x", Value(0, ROW)))),
    ),
    ("two outputs are named `y`", lambda: replace(sound(), results=(Port("y", Value(1, ROW)),) * 2)),
    ("value 0 is made twice", lambda: changed(0, results=(Value(0, ROW),))),
    ("node `a` (linear) takes value 2, which nothing makes before it", lambda: changed(0, inputs=(Value(2, ROW),))),
    ("output `y` is value 9, which nothing makes", lambda: replace(sound(), results=(Port("y", Value(9, ROW)),))),
    (
        "output `y` is value 1 as f32[4], which was made as f32[N, 4]",
        lambda: replace(sound(), results=(Port("y", Value(1, TensorType((4,)))),)),
    ),
    ("node `b` (linear) makes f32[N, 5], not f32[N, 4]", lambda: changed(1, op=ops.Linear(5))),
    ("node `b` (linear) makes f32[N, 4], not nothing", lambda: changed(1, results=())),
    ("node `b` (split) cannot take f32[N, 4]", lambda: changed(1, op=ops.Split((1, 1), dim=1))),
    ("node `b` (linear) cannot take nothing", lambda: changed(1, inputs=())),
    ("node `b` (linear) holds the weights for other inputs than f32[N, 5]", misremembered),
    (
        "node `c` (reshape) makes f32[K, 4], whose `K` no input gives",
        lambda: replace(
            sound(),
            nodes=(
                *sound().nodes,
                Node(
                    ops.Reshape((symbol("K"), 4)),
                    (sound().results[0].value,),
                    (Value(9, TensorType((symbol("K"), 4))),),
                    "c",
                    SCOPE,
                ),
            ),
        ),
    ),
    (
        "node `b` (linear) has the path of another operator, `linear`",
        lambda: again(ops.Linear(4, bias=False), "b", ROW),
    ),
    (
        "node `a` (linear) uses its weights again for inputs that need others",
        lambda: again(ops.Linear(4), "a", TensorType((2, 5))),
    ),
    ("the weight path `b..weight` has an empty part", lambda: sound("a", "b.")),
    ("the weight `a.weight.bias` lies below the weight `a.weight`", lambda: sound("a", "a.weight")),
]


@pytest.mark.parametrize(("message", "make"), BROKEN, ids=[message for message, _ in BROKEN])
def test_each_rule_is_kept(message: str, make: Callable[[], Graph]) -> None:
    with pytest.raises(VerifyError) as refused:
        verify(make())
    assert any(found.startswith(message) for found in refused.value.messages), refused.value.messages


def test_every_rule_is_broken_above() -> None:
    breached = {rule for _, make in BROKEN for rule in RULES if list(rule(make()))}
    assert breached == set(RULES)


def test_sound_graphs_pass() -> None:
    verify(sound())
    verify(sound("shared", "shared"))
    verify(again(ops.Linear(4), "a", TensorType((2, 3, 4))))


def test_all_breaches_are_reported_at_once() -> None:
    graph = changed(0, op=ops.Linear(5), results=(Value(0, ROW),))
    with pytest.raises(VerifyError) as refused:
        verify(graph)
    assert len(refused.value.messages) >= 3


def test_another_element_type_is_another_type() -> None:
    with pytest.raises(VerifyError, match=r"as f64\[N, 4\], which was made as f32\[N, 4\]"):
        verify(changed(1, inputs=(Value(1, replace(ROW, dtype=DType.F64)),)))


def test_work_is_linear_in_nodes(work: Callable[[Callable[[], object]], int]) -> None:
    def layers(count: int) -> Graph:
        build = GraphBuilder("net")
        value = build.input("image", TensorType((symbol("N"), 8, 16, 16)))
        for i in range(count):
            (value,) = build.add(ops.Conv(8, 3, padding=1), [value], f"{i}", SCOPE)
        build.output("y", value)
        return build.finish()

    small, large = (work(partial(verify, layers(count))) for count in (100, 400))
    assert large < 4.4 * small
