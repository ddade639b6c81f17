"""A graph goes in; the graph in which tensors are turned and reshaped once instead of several times comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ghndsl import ops
from ghndsl.ir import Graph, Node, Value
from ghndsl.ir.sizes import linear
from ghndsl.ops import Operator, ShapeError
from ghndsl.passes.rewrite import rewrite_knowing
from ghndsl.types import Shape, TensorType, symbols


def layouts(graph: Graph) -> Graph:
    """Joins what reorders dimensions, and what reshapes, with the one before it; leaves out what undoes it.

    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((1, 4, 2, 3)))
    >>> (turned,) = build.add(ops.Transpose(1, 2), [x], "0", scope)
    >>> (back,) = build.add(ops.Permute((0, 2, 1, 3)), [turned], "1", scope)
    >>> (flat,) = build.add(ops.Reshape((4, 6)), [back], "2", scope)
    >>> (long,) = build.add(ops.Flatten(0), [flat], "3", scope)
    >>> build.output("y", long)
    >>> [(node.op, node.inputs == (x,)) for node in layouts(build.finish()).nodes if node.path in ("1", "3")]
    [(Flatten(start_dim=0, end_dim=-1), True)]
    """
    told = _told(graph)
    return rewrite_knowing(graph, lambda node, makers: _joined(node, makers, told))


def _told(graph: Graph) -> frozenset[str]:
    """The names of sizes whose values a run is sure to know: those that a size of an input says by itself."""
    sizes = (size for port in graph.arguments for size in port.value.type.shape)
    return frozenset(form[0] for form in map(linear, sizes) if form)


def _joined(node: Node, makers: Mapping[int, Node], told: frozenset[str]) -> Node | Value:
    maker = makers.get(node.inputs[0].id) if len(node.inputs) == 1 else None
    if maker is None:
        return node
    if (second := order(node)) is not None and (first := order(maker)) is not None:
        return _reordered(node, maker.inputs[0], tuple(first[dim] for dim in second))
    if reshapes(node) and reshapes(maker):
        return _reshaped(node, maker.inputs[0], told)
    return node


def order(node: Node) -> tuple[int, ...] | None:
    """The dimension of the input that each of the result is, for an operator that reorders dimensions."""
    op, rank = node.op, len(node.results[0].type.shape)
    if isinstance(op, ops.Permute):
        return tuple(dim % rank for dim in op.dims)
    if isinstance(op, ops.Transpose):
        places = list(range(rank))
        places[op.dim0], places[op.dim1] = places[op.dim1], places[op.dim0]
        return tuple(places)
    return None


def reshapes(node: Node) -> bool:
    """Whether an operator gives its elements another shape and keeps their order."""
    return isinstance(node.op, ops.Reshape | ops.Flatten) or (isinstance(node.op, ops.Stack) and len(node.inputs) == 1)


def _reordered(node: Node, source: Value, dims: tuple[int, ...]) -> Node | Value:
    if dims == tuple(range(len(dims))):
        return source
    return replace(node, op=ops.Permute(dims), inputs=(source,))


def _reshaped(node: Node, source: Value, told: frozenset[str]) -> Node | Value:
    """The source in the shape of a node's result, by the same operator where that does it."""
    kind = node.results[0].type
    if source.type == kind:
        return source
    for op in (node.op, _to_shape(kind.shape, told)):
        if op is not None and not isinstance(op, ops.Stack) and _gives(op, source.type, kind):
            return replace(node, op=op, inputs=(source,))
    return node


def _to_shape(shape: Shape, told: frozenset[str]) -> ops.Reshape | None:
    """The operator that reshapes to these sizes, of which a run may leave one to be worked out."""
    untold = [size for size in shape if not told.issuperset(symbols(size))]
    if len(untold) > 1:
        return None
    return ops.Reshape(tuple([-1 if size in untold else size for size in shape]))


def _gives(op: Operator, source: TensorType, kind: TensorType) -> bool:
    try:
        return op.infer(source) == (kind,)
    except ShapeError:
        # Sizes that are names may hide that the elements are as many.
        return False
