"""A graph goes in; the text of an `.arch` comes out that elaborates to an equal graph with the same weights' names."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from ghndsl.diagnostics import CompileError, Source
from ghndsl.ir import Graph
from ghndsl.language.elaborate import elaborate
from ghndsl.language.limits import DEFAULT
from ghndsl.language.modules import module_from_text
from ghndsl.language.phrasing import phrased
from ghndsl.language.refold import fold
from ghndsl.language.writer import write


def format_graph(graph: Graph) -> str:
    """The text of a graph, with the blocks and loops that it was unrolled from as far as they can be found again.

    Law, checked: the text elaborates to an equal graph, its nodes in the same order, with the same paths of weights and
    the same names of inputs and outputs. What was settled (parameters, choices, conditions) stays so; a motif is a
    block. Raises ValueError for a graph that no text describes, because of its names: none that was elaborated is such.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType, symbol
    >>> build, net = GraphBuilder("tiny"), Scope("arch", "tiny")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> for i in range(3):
    ...     layer = Scope("block", "Layer", f"layers.{i}", net)
    ...     (x,) = build.add(ops.Linear(4), [x], f"layers.{i}.fc", layer)
    ...     (x,) = build.add(ops.Relu(), [x], f"layers.{i}.0", layer)
    >>> build.output("logits", x)
    >>> print(format_graph(build.finish()), end="")
    block Layer(x) {
        return x -> linear(4) as fc -> relu
    }
    <BLANKLINE>
    arch tiny() {
        input x: f32[N, 4]
        output logits = x -> repeat(3, Layer) as layers
    }
    """
    for is_flat in (False, True):
        text = write(phrased(fold(graph, is_flat=is_flat)))
        if _describes(text, graph):
            return text
    raise ValueError(f"no text describes the graph {graph.name}")


def _describes(text: str, graph: Graph) -> bool:
    """Whether a text elaborates to a graph, node for node."""
    # What could be made can be read, however large it is.
    most = cast("dict[str, int]", dict.fromkeys(("text", "words", "nodes", "items", "steps"), 2**62))
    limits = replace(DEFAULT, **most)
    try:
        module = module_from_text(Source("text", text), limits=limits)
        again = elaborate(module, module.main(("arch",)), limits=limits)
    except CompileError:
        return False
    return _spelled(again) == _spelled(graph)


def _spelled(graph: Graph) -> tuple[object, ...]:
    """All that counts of a graph, its values numbered in order."""
    number = {port.value.id: i for i, port in enumerate(graph.arguments)}
    nodes: list[object] = []
    for node in graph.nodes:
        nodes.append((node.op, [number[value.id] for value in node.inputs], node.path if node.weights else ""))
        number.update((value.id, len(number) + i) for i, value in enumerate(node.results))
    ports = [(port.name, port.is_exit, number[port.value.id]) for port in graph.results]
    return list(graph.inputs.items()), nodes, ports
