"""A finished graph goes in; the nodes that need the value of a size which no input tells come out as faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import cast

from ghndsl.diagnostics import Diagnostic, Mark
from ghndsl.ir import Graph, Node
from ghndsl.ir.sizes import linear
from ghndsl.types import SymbolicSize


def untold_sizes(graph: Graph) -> Iterator[Diagnostic]:
    """The faults of nodes whose attributes name a size that inputs have only as a part of what cannot be solved."""
    sizes = [size for port in graph.arguments for size in port.value.type.shape if isinstance(size, SymbolicSize)]
    told = {form[0] for form in map(linear, sizes) if form is not None}
    untold = frozenset[str]().union(*[size.symbols for size in sizes]) - told
    for node in graph.nodes if untold else ():
        needed = _symbols(tuple(getattr(node.op, one.name) for one in fields(node.op))) & untold
        if needed:
            yield _fault(graph, node, min(needed))


def _symbols(value: object) -> frozenset[str]:
    if isinstance(value, SymbolicSize):
        return value.symbols
    parts = cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()
    return frozenset[str]().union(*map(_symbols, parts))


def _fault(graph: Graph, node: Node, name: str) -> Diagnostic:
    ports = [port for port in graph.arguments if name in _symbols(port.value.type.shape)]
    marks = tuple([Mark(port.span, str(port.value.type)) for port in ports if port.span])
    message = f"`{node.op.name}` needs the size {name}, which no input tells"
    hint = f"give an input a size such as `{name}` or `2 * {name}`, from which it follows"
    return Diagnostic("G124", message, node.span, marks, help=hint)
