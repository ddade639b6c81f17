"""A graph goes in; a short text comes out that two graphs share exactly when they are isomorphic, weights included."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, replace
from functools import lru_cache
from hashlib import sha256
from typing import cast

from ghndsl.ir.canonical import Edge, canonical_order
from ghndsl.ir.graph import Graph, Node
from ghndsl.ir.naming import namings, spelled_size
from ghndsl.ops import Operator
from ghndsl.types import DType, SymbolicSize, TensorType

_VERSION = "g1"


def graph_id(graph: Graph) -> str:
    """The identity of a verified graph, as it is, dead parts included.

    Operators, attributes, types, wiring, the order of inputs and outputs, which outputs are exits and which nodes
    share their weights count; names of any kind and the order of a commutative operator's inputs do not. Attributes
    at their defaults do not count, so that an operator may gain attributes and old ids stay.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType, symbol
    >>> def two_layers(batch, first, second):
    ...     build = GraphBuilder("net")
    ...     value = build.input("x", TensorType((symbol(batch), 4)))
    ...     for path in (first, second):
    ...         (value,) = build.add(ops.Linear(4), [value], path, Scope("arch", "net"))
    ...     build.output("y", value)
    ...     return graph_id(build.finish())
    >>> two_layers("N", "a", "b") == two_layers("B", "c", "d")
    True
    >>> two_layers("N", "a", "b") == two_layers("N", "a", "a")
    False
    """
    text, _ = _canonical(graph)
    return f"{_VERSION}-{sha256(text.encode()).hexdigest()[:32]}"


def canonical_places(graph: Graph) -> list[int]:
    """Where each node of a verified graph stands in an order that isomorphic graphs share, but for automorphisms."""
    _, order = _canonical(graph)
    place = {vertex: i for i, vertex in enumerate(order)}
    first = len(order) - len(graph.nodes)
    return [place[first + number] for number in range(len(graph.nodes))]


def _canonical(graph: Graph) -> tuple[str, list[int]]:
    """The graph written down in its canonical order, and that order of the vertices."""
    first = [size for port in graph.arguments for size in port.value.type.shape if isinstance(size, SymbolicSize)]
    # Few operators of a graph differ, and looking one up by its attributes takes as long as all else about a node.
    ops = {id(node.op): node.op for node in graph.nodes}
    attributes = [size for op in ops.values() for size in _attributes(op)[1]]
    namers = namings(first, attributes)
    return min([_text(graph, names, {key: _label(op, names) for key, op in ops.items()}) for names in namers])


def _text(graph: Graph, names: Mapping[str, SymbolicSize], ops: Mapping[int, str]) -> tuple[str, list[int]]:
    """The graph in the canonical order, and the order; `ops` are its operators as text, by their ids in memory."""
    labels, sources = _vertices(graph, names, ops)
    order = canonical_order(sources, labels)
    place = {vertex: i for i, vertex in enumerate(order)}
    return "\n".join(" ".join([labels[v], *_spelled_edges(sources[v], place)]) for v in order), order


def _spelled_edges(edges: Sequence[Edge], place: Mapping[int, int]) -> list[str]:
    return [f"{label.hex()}:{source}" for label, source in sorted([(label, place[v]) for v, label in edges])]


def _vertices(
    graph: Graph, names: Mapping[str, SymbolicSize], ops: Mapping[int, str]
) -> tuple[list[str], list[list[Edge]]]:
    """A vertex for each input, each shared set of weights and each node: its label, and the edges that enter it."""
    labels = [f"input {i} {_kind(port.value.type.substitute(names))}" for i, port in enumerate(graph.arguments)]
    made = {port.value.id: (i, 0) for i, port in enumerate(graph.arguments)}
    shared = {path: len(labels) + i for i, path in enumerate(_shared(graph))}
    labels += ["weights"] * len(shared)
    sources: list[list[Edge]] = [[] for _ in labels]
    for node in graph.nodes:
        for i, value in enumerate(node.results):
            made[value.id] = (len(labels), i)
        labels.append(ops[id(node.op)])
        sources.append(_entering(node, made))
        if node.path in shared and node.weights:
            sources[-1].append((shared[node.path], b"weights."))
    for i, port in enumerate(graph.results):
        vertex, result = made[port.value.id]
        labels[vertex] += f" {'exit' if port.is_exit else 'output'} {i}:{result}"
    return labels, sources


def _kind(kind: TensorType) -> str:
    return f"{kind.dtype}[{', '.join(map(spelled_size, kind.shape))}]"


def _entering(node: Node, made: Mapping[int, tuple[int, int]]) -> list[Edge]:
    edges: list[Edge] = []
    is_ordered = not node.op.commutative
    for position, value in enumerate(node.inputs):
        vertex, result = made[value.id]
        edges.append((vertex, _place(result, position if is_ordered else 0)))
    return edges


@lru_cache(maxsize=65536)
def _place(result: int, position: int) -> bytes:
    """The label of an edge: which result of its source it carries, and which input of its user it is."""
    return result.to_bytes(4) + position.to_bytes(4)


def _shared(graph: Graph) -> list[str]:
    """The paths of weights that several nodes use."""
    users: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.weights:
            users.setdefault(node.path, []).append(node)
    return [path for path, nodes in users.items() if len(nodes) > 1]


def _label(op: Operator, names: Mapping[str, SymbolicSize]) -> str:
    text, symbolic = _attributes(op)
    return _attributes(_substituted(op, names))[0] if symbolic else text


def _substituted(op: Operator, names: Mapping[str, SymbolicSize]) -> Operator:
    return replace(op, **{field.name: _renamed(getattr(op, field.name), names) for field in fields(op)})


def _renamed(value: object, names: Mapping[str, SymbolicSize]) -> object:
    if isinstance(value, tuple):
        return tuple(_renamed(item, names) for item in cast("tuple[object, ...]", value))
    return value.substitute(names) if isinstance(value, SymbolicSize) else value


@lru_cache(maxsize=65536)
def _attributes(op: Operator) -> tuple[str, tuple[SymbolicSize, ...]]:
    """The operator with its attributes that are not at their defaults, by name, and the symbolic sizes among them."""
    kept = sorted((field.name, _spelled(getattr(op, field.name))) for field in fields(op) if not _at_default(op, field))
    sizes = [size for field in fields(op) for size in _sizes(getattr(op, field.name))]
    return " ".join([op.name, *(f"{name}={value}" for name, value in kept)]), tuple(sizes)


def _at_default(op: Operator, field: Field[object]) -> bool:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return bool(getattr(op, field.name) == default)


def _sizes(value: object) -> Iterator[SymbolicSize]:
    if isinstance(value, SymbolicSize):
        yield value
    if isinstance(value, tuple):
        for item in cast("tuple[object, ...]", value):
            yield from _sizes(item)


def _spelled(value: object) -> str:
    """An attribute as text: equal for equal values (1, 1.0 and true among them), on every machine."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    if isinstance(value, int | float):
        return str(int(value))
    if isinstance(value, SymbolicSize):
        return f"[{spelled_size(value)}]"
    if isinstance(value, DType):
        return f"[{value}]"
    if isinstance(value, tuple):
        return f"({','.join(map(_spelled, cast('tuple[object, ...]', value)))})"
    raise TypeError(f"{type(value).__name__} has no spelling in an identity")
