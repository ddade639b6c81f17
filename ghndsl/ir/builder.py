"""Ports and operator calls go in one by one; a graph comes out. Types are inferred as nodes are added."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.ir.graph import Graph, Node, Port, Scope, Value
from ghndsl.ops import Operator, ShapeError, Weight
from ghndsl.records import altered
from ghndsl.types import MOST, TensorType, fits_64_bits


class GraphBuilder:
    """Makes a graph in order.

    >>> from ghndsl import ops
    >>> from ghndsl.types import symbol
    >>> build = GraphBuilder("tiny")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> (y,) = build.add(ops.Linear(2), [x], "fc", Scope("arch", "tiny"))
    >>> build.output("logits", y)
    >>> build.finish().params
    10
    """

    def __init__(self, name: str, doc: str = "") -> None:
        self.name = name
        self.doc = doc
        self.arguments: list[Port] = []
        self.nodes: list[Node] = []
        self.results: list[Port] = []
        self._count = 0

    def _value(self, kind: TensorType) -> Value:
        self._count += 1
        return Value(self._count - 1, kind)

    def input(self, name: str, kind: TensorType, span: Span | None = None) -> Value:
        """Adds a graph input."""
        value = self._value(kind)
        self.arguments.append(Port(name, value, span=span))
        return value

    def add(
        self, op: Operator, inputs: Sequence[Value], path: str, scope: Scope, span: Span | None = None
    ) -> tuple[Value, ...]:
        """Adds a node and returns its results; raises `ShapeError` when the operator cannot take the inputs."""
        types, inferred, weights = _answers(op, tuple([value.type for value in inputs]))
        results = tuple(map(self._value, inferred))
        made = Node(op, tuple(inputs), results, path, scope, span)
        vars(made).update(input_types=types, weights=weights)
        self.nodes.append(made)
        return results

    def again(self, node: Node, inputs: tuple[Value, ...], path: str, scope: Scope) -> Node:
        """Adds a node like another, for inputs of the same types as the other's: nothing is inferred anew."""
        results = tuple([self._value(result.type) for result in node.results])
        made = altered(node, inputs=inputs, results=results, path=path, scope=scope, macs=node.macs)
        self.nodes.append(made)
        return made

    def output(self, name: str, value: Value, *, is_exit: bool = False, span: Span | None = None) -> None:
        """Adds an output, or an exit."""
        self.results.append(Port(name, value, is_exit, span))

    def finish(self) -> Graph:
        """The graph made so far."""
        return Graph(self.name, tuple(self.arguments), tuple(self.nodes), tuple(self.results), self.doc)


_Answers: TypeAlias = tuple[tuple[TensorType, ...], tuple[TensorType, ...], tuple[Weight, ...]]


@lru_cache(maxsize=4096)
def _answers(op: Operator, types: tuple[TensorType, ...]) -> _Answers:
    """Types, one object for all that are equal; the types that an operator infers from them, and its weights."""
    if not fits_64_bits(tuple(op.attributes.values())):
        raise ShapeError(f"a number of `{op.name}` is beyond 64 bits: {MOST:,} is the largest there is")
    inferred, weights = op.infer(*types), op.weights(*types)
    if not all(fits_64_bits(kind.shape) for kind in inferred):
        raise ShapeError(f"a size of what `{op.name}` makes is beyond 64 bits: {MOST:,} is the largest there is")
    return types, inferred, weights
