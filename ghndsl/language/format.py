"""A graph goes in; the text of an `.arch` comes out that elaborates to an equal graph with the same weights' names."""

from __future__ import annotations

from ghndsl.ir import Graph
from ghndsl.language.phrasing import phrased
from ghndsl.language.refold import fold
from ghndsl.language.writer import write


def format_graph(graph: Graph) -> str:
    """The text of a graph, with the blocks and loops that it was unrolled from as far as they can be found again.

    Law: the text elaborates to an equal graph, its nodes in the same order, with the same paths of weights and the same
    names of inputs and outputs. What was settled (parameters, choices, conditions) stays so; a motif is a block.

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
    return write(phrased(fold(graph)))
