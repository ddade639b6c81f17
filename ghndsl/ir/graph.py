"""Operators, values and scopes go in; a frozen typed graph that knows where each part was written comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ghndsl.diagnostics import Span
from ghndsl.ops import Operator, Weight, written
from ghndsl.records import record
from ghndsl.types import Dim, TensorType


@record
class Value:
    """A tensor in a graph: a graph input or a result of a node; `id` is its place in the order of making."""

    id: int
    type: TensorType

    def __repr__(self) -> str:
        return f"Value({self.id}: {self.type})"


@dataclass(frozen=True, eq=False)
class Scope:
    """One use of an architecture, space, block or motif: an element of the tree that the flat graph was unrolled from.

    `path` is the prefix of the weights made in it, `arguments` are its static parameters as text, `loops` the loop
    variables where it was called, `use` counts the uses of the same definition from zero, `span` is the call.
    """

    kind: str
    name: str
    path: str = ""
    parent: Scope | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    loops: tuple[tuple[str, str], ...] = ()
    use: int = 0
    span: Span | None = None

    def __repr__(self) -> str:
        return f"Scope({self.kind} {self.name}{f' at {self.path}' if self.path else ''})"

    def chain(self) -> Iterator[Scope]:
        """This scope, then the ones around it, outwards."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def motif(self) -> Scope | None:
        """The outermost use of a motif that it lies in, if any."""
        found = None
        for scope in self.chain():
            found = scope if scope.kind == "motif" else found
        return found


@dataclass(frozen=True, eq=False)
class Node:
    """An operator applied to values. Nodes with one `path` share their weights, which are named below it."""

    op: Operator
    inputs: tuple[Value, ...]
    results: tuple[Value, ...]
    path: str
    scope: Scope
    span: Span | None = None

    def __repr__(self) -> str:
        types = ", ".join(str(value.type) for value in self.results)
        return f"Node({self.path}: {written(self.op)} -> {types})"

    @cached_property
    def input_types(self) -> tuple[TensorType, ...]:
        """The types of the inputs."""
        return tuple(value.type for value in self.inputs)

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The weights by their local names."""
        return self.op.weights(*self.input_types)

    @cached_property
    def macs(self) -> Dim:
        """Multiply-accumulates of the whole call, the batch included."""
        return self.op.macs(*self.input_types)

    def weight_path(self, weight: Weight) -> str:
        """The path of one of the node's weights, as in a `state_dict`."""
        return f"{self.path}.{weight.name}" if weight.name else self.path


@record
class Port:
    """A named input or output of a graph; an exit is an output at which the architecture may stop."""

    name: str
    value: Value
    is_exit: bool = False
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, eq=False)
class Graph:
    """A computation graph: nodes in an order in which each comes after those it needs.

    `arguments` and `results` are the ports; `inputs` and `outputs` give their types by name; `doc` is what the text
    says of it in lines that begin with `##`; `choices` are those of a candidate, by path, as its line shows them.

    >>> import ghndsl
    >>> graph = ghndsl.load("resnet18")
    >>> graph, graph.nodes[0].results
    (Graph(resnet18: 69 nodes, 11,689,512 params), (Value(1: f32[N, 64, 112, 112]),))
    >>> graph.nodes[0]
    Node(conv1: conv(64, 7, stride=2, padding=3, bias=false) -> f32[N, 64, 112, 112])
    """

    name: str
    arguments: tuple[Port, ...]
    nodes: tuple[Node, ...]
    results: tuple[Port, ...]
    doc: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Graph({self.name}: {len(self.nodes):,} nodes, {self.params:,} params)"

    def _repr_svg_(self) -> str | None:
        """The picture that notebooks show."""
        from ghndsl.ir.shown import svg

        return svg(self)

    @property
    def inputs(self) -> dict[str, TensorType]:
        """The types of the inputs by name, in order."""
        return {port.name: port.value.type for port in self.arguments}

    @property
    def outputs(self) -> dict[str, TensorType]:
        """The types of the outputs and exits by name, in order."""
        return {port.name: port.value.type for port in self.results}

    @cached_property
    def weights(self) -> dict[str, Weight]:
        """Every parameter and buffer by path, in the order of the nodes."""
        found: dict[str, Weight] = {}
        for node in self.nodes:
            for weight in node.weights:
                found.setdefault(node.weight_path(weight), weight)
        return found

    @cached_property
    def params(self) -> int:
        """The count of trainable numbers."""
        return sum(weight.numel for weight in self.weights.values() if weight.trainable)

    @cached_property
    def buffers(self) -> int:
        """The count of numbers that are kept but not trained."""
        return sum(weight.numel for weight in self.weights.values() if not weight.trainable)

    @cached_property
    def macs(self) -> int | None:
        """Multiply-accumulates for one sample, or None while sizes beside the batch are symbolic."""
        from ghndsl.ir.measure import graph_macs

        return graph_macs(self)

    @cached_property
    def memory(self) -> int | None:
        """Bytes of all values made for one sample and of all weights, or None while sizes are symbolic."""
        from ghndsl.ir.measure import graph_memory

        return graph_memory(self)

    @cached_property
    def id(self) -> str:
        """The identity: equal for two graphs exactly when they are isomorphic, weights' sharing included."""
        from ghndsl.ir.identity import graph_id

        return graph_id(self)

    @cached_property
    def needed(self) -> frozenset[int]:
        """The ids of the values that some output needs, its own among them."""
        needed = {port.value.id for port in self.results}
        for node in reversed(self.nodes):
            if not needed.isdisjoint([value.id for value in node.results]):
                needed.update([value.id for value in node.inputs])
        return frozenset(needed)
