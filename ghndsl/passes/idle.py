"""A graph goes in; the graph without the operators that change nothing where they stand comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ghndsl import ops
from ghndsl.ir import Graph, Node, Value
from ghndsl.ops import Operator
from ghndsl.passes.rewrite import rewrite_knowing
from ghndsl.passes.signs import no_negative_zero
from ghndsl.types import Dim, is_static


def idle(graph: Graph) -> Graph:
    """Leaves out what gives back its input: reshaping to the same shape, slicing of all there is, a relu of a relu.

    Nothing is left out that acts in training: dropout goes only where it drops nothing.

    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> (flat,) = build.add(ops.Flatten(), [x], "0", scope)
    >>> (first,) = build.add(ops.Relu(), [flat], "1", scope)
    >>> (second,) = build.add(ops.Relu(), [first], "2", scope)
    >>> build.output("y", second)
    >>> [node.path for node in idle(build.finish()).nodes]
    ['1']
    """
    return rewrite_knowing(graph, _without)


def _without(node: Node, makers: Mapping[int, Node]) -> Node | Value:
    if len(node.inputs) != 1 or len(node.results) != 1 or node.input_types[0] != node.results[0].type:
        return node
    (value,) = node.inputs
    maker = makers.get(value.id)
    again = maker is not None and isinstance(node.op, _KEEPS.get(type(maker.op), ()))
    return value if again or _changes_nothing(node, maker) else node


def _changes_nothing(node: Node, maker: Node | None) -> bool:
    """Whether an operator gives back an input, made by another, that has the type of its result."""
    op = node.op
    if isinstance(op, _MEANS) and not no_negative_zero(maker):
        return False
    if isinstance(op, _BY_TYPE):
        return True
    test = _TESTS.get(type(op))
    return test is not None and test(op, node.input_types[0].rank)


_BY_TYPE = (ops.Reshape, ops.Flatten, ops.Expand, ops.Split, ops.AdaptiveAvgPool)
"""Operators that give back an input of the type of their result: none of them could do anything else."""

_MEANS = (ops.AvgPool, ops.AdaptiveAvgPool)
"""Operators that add up what is in a window, to 0.0 where all of it is -0.0."""

_BELOW_ZERO_NOTHING = (ops.Relu, ops.Abs)
_KEEPS: dict[type[Operator], tuple[type[Operator], ...]] = {
    ops.Relu: (ops.Relu,),
    ops.Relu6: (ops.Relu, ops.Relu6),
    ops.Hardsigmoid: (*_BELOW_ZERO_NOTHING, ops.Relu6),
    ops.Sigmoid: (*_BELOW_ZERO_NOTHING, ops.Relu6),
    ops.Softmax: (*_BELOW_ZERO_NOTHING, ops.Relu6),
    ops.Abs: _BELOW_ZERO_NOTHING,
    ops.Exp: _BELOW_ZERO_NOTHING,
    ops.Softplus: _BELOW_ZERO_NOTHING,
}
"""For an operator, those that leave all its results as they are. A relu leaves -0.0, which `abs` changes."""


def _all_ones(value: object) -> bool:
    return all(number in (1, None) for number in (value if isinstance(value, tuple) else (value,)))


def _all_zeros(value: object) -> bool:
    return all(number == 0 for number in (value if isinstance(value, tuple) else (value,)))


def _whole_slice(op: Operator, rank: int) -> bool:
    # A range that leaves a dimension its size takes all of it, unless it lies beyond it, which a run refuses.
    return isinstance(op, ops.Slice) and all(isinstance(item, tuple) and _is_inside(item) for item in op.index)


def _is_inside(item: tuple[Dim | None, ...]) -> bool:
    start, stop, step = item
    return is_static(*(part for part in (start, stop) if part is not None)) or (not start and step in (1, None))


def _tiny_pool(op: Operator, rank: int) -> bool:
    if not isinstance(op, ops.MaxPool | ops.AvgPool) or not _all_zeros(op.padding):
        return False
    divides = isinstance(op, ops.AvgPool) and op.divisor_override not in (None, 1)
    return _all_ones(op.kernel_size) and _all_ones(op.stride) and not divides


def _same_order(op: Operator, rank: int) -> bool:
    if isinstance(op, ops.Transpose):
        return op.dim0 % rank == op.dim1 % rank
    return isinstance(op, ops.Permute) and [dim % rank for dim in op.dims] == list(range(rank))


def _no_arithmetic(op: Operator, rank: int) -> bool:
    return op == ops.Pow(1.0) or op == ops.Affine()


def _no_dropout(op: Operator, rank: int) -> bool:
    return isinstance(op, ops.Dropout | ops.StochasticDepth) and op.p == 0


def _no_places(op: Operator, rank: int) -> bool:
    return (isinstance(op, ops.Pad) and _all_zeros(op.pad)) or (isinstance(op, ops.Roll) and _all_zeros(op.shifts))


_TESTS: dict[type[Operator], Callable[[Operator, int], bool]] = {
    ops.Slice: _whole_slice,
    ops.MaxPool: _tiny_pool,
    ops.AvgPool: _tiny_pool,
    ops.Transpose: _same_order,
    ops.Permute: _same_order,
    ops.Pow: _no_arithmetic,
    ops.Affine: _no_arithmetic,
    ops.Dropout: _no_dropout,
    ops.StochasticDepth: _no_dropout,
    ops.Pad: _no_places,
    ops.Roll: _no_places,
}
"""What else gives back its input, given its attributes and the input's rank."""
