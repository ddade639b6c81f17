"""A graph goes in; the graph in which a tensor of one number gave way to that number comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from ghndsl import ops
from ghndsl.ir import Graph, Node, Value
from ghndsl.passes.rewrite import rewrite_knowing
from ghndsl.passes.signs import no_negative_zero
from ghndsl.passes.uniform import number_of
from ghndsl.types import DType


def numbers(graph: Graph) -> Graph:
    """Leaves out the numbers that change nothing, makes one `affine` of a tensor and another, or of two that follow.

    Results stay the same to the last bit, the signs of zeros too, but where a number in between is too large or too
    small for its type: two `affine` are joined only when one of them is exact, a product with a power of two.

    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((3,)))
    >>> (one,) = build.add(ops.Ones((3,)), [], "0", scope)
    >>> (more,) = build.add(ops.Add(), [x, one], "1", scope)
    >>> build.output("y", *build.add(ops.Affine(0.5), [more], "2", scope))
    >>> [ops.written(node.op) for node in numbers(build.finish()).nodes]
    ['ones(3)', 'affine(shift=1.0)', 'affine(scale=0.5, shift=0.5)']
    """
    return rewrite_knowing(graph, _simplified)


def _simplified(node: Node, makers: Mapping[int, Node]) -> Node | Value:
    if isinstance(node.op, ops.Affine):
        maker = makers.get(node.inputs[0].id)
        inner = maker.op if maker else None
        dtype = node.results[0].type.dtype
        joined = _followed(inner, node.op, dtype) if isinstance(inner, ops.Affine) and _is_usual(node) else None
        return replace(node, op=joined, inputs=maker.inputs) if maker and joined else node
    given = [number_of(makers[value.id].op) if value.id in makers else None for value in node.inputs]
    if None not in given or not any(number is not None for number in given):
        return node
    if isinstance(node.op, ops.Add | ops.Mul):
        return _of_many(node, given, [makers.get(value.id) for value in node.inputs])
    return _of_two(node, given) if isinstance(node.op, ops.Sub | ops.Div) else node


_Term: TypeAlias = "tuple[Value, float | None, bool]"
"""A term or a factor, the number that it holds everywhere, and whether it is certain to hold no -0.0."""


def _of_many(node: Node, given: Sequence[float | None], makers: Sequence[Node | None]) -> Node | Value:
    """A sum or product without the numbers that change neither its value nor its type."""
    signless = [_is_signless(number, maker) for number, maker in zip(given, makers, strict=True)]
    kept: list[_Term] = list(zip(node.inputs, given, signless, strict=True))
    for term in list(kept):
        rest = [other for other in kept if other is not term]
        if rest and _is_neutral(node, term, rest):
            kept = rest
    if len(kept) == 1:
        return kept[0][0]
    if len(kept) == 2 and (found := _with_number(node, kept)):
        return found
    if len(kept) == len(node.inputs):
        return node
    return replace(node, inputs=tuple(value for value, _, _ in kept))


def _is_signless(number: float | None, maker: Node | None) -> bool:
    if number is None:
        return no_negative_zero(maker)
    return not _is_negative_zero(number)


def _is_negative_zero(number: float) -> bool:
    return number == 0 and math.copysign(1, number) < 0


def _is_neutral(node: Node, term: _Term, rest: Sequence[_Term]) -> bool:
    """Whether one of the terms or factors makes no difference: 0.0 does to a sum that may be -0.0 without it."""
    number, kind = term[1], node.results[0].type
    if number is None or number != (0 if isinstance(node.op, ops.Add) else 1):
        return False
    makes_sign = isinstance(node.op, ops.Add) and kind.dtype.is_float and not _is_negative_zero(number)
    if makes_sign and not any(signless for _, _, signless in rest):
        return False
    return node.op.infer(*[value.type for value, _, _ in rest]) == (kind,)


def _with_number(node: Node, terms: Sequence[_Term]) -> Node | None:
    """The `affine` that a sum or product of a tensor and a number is."""
    (value, unknown, _), (_, number, _) = sorted(terms, key=lambda term: term[1] is not None)
    if unknown is not None or number is None or value.type != node.results[0].type or not _is_usual(node):
        return None
    if isinstance(node.op, ops.Mul):
        return replace(node, op=ops.Affine(float(number)), inputs=(value,))
    # `affine` adds no zero, and 0.0 is one that a sum may show.
    return replace(node, op=ops.Affine(shift=float(number)), inputs=(value,)) if number else None


def _of_two(node: Node, given: Sequence[float | None]) -> Node | Value:
    """A difference or quotient of a tensor and a number."""
    left, right = given
    value = node.inputs[0 if left is None else 1]
    if value.type != node.results[0].type:
        return node
    if _leaves_as_it_is(node, right):
        return value
    op = _difference(left, right) if isinstance(node.op, ops.Sub) else _quotient(left, right)
    return replace(node, op=op, inputs=(value,)) if op and _is_usual(node) else node


def _leaves_as_it_is(node: Node, right: float | None) -> bool:
    """Whether what is taken away, or divided by, is nothing: x - 0.0 is x, and x - -0.0 is not where x is -0.0."""
    if isinstance(node.op, ops.Div) or right is None:
        return right == 1
    return right == 0 and not (_is_negative_zero(right) and node.results[0].type.dtype.is_float)


def _difference(left: float | None, right: float | None) -> ops.Affine | None:
    if left is not None:
        # 0.0 - x is 0.0 where x is, and -x is -0.0.
        return ops.Affine(-1.0, float(left)) if left or _is_negative_zero(left) else None
    return ops.Affine(shift=-float(right)) if right else None


def _quotient(left: float | None, right: float | None) -> ops.Affine | None:
    # Only then is the product with the inverse the quotient itself.
    return ops.Affine(1 / right) if left is None and right is not None and _is_power_of_two(right) else None


def _followed(first: ops.Affine, second: ops.Affine, dtype: DType) -> ops.Affine | None:
    """One operator for two, if it rounds as they do, and its numbers are some of the element type."""
    scale, shift = first.scale * second.scale, first.shift * second.scale
    if first.shift == 0 and (_is_power_of_two(first.scale) or _is_power_of_two(second.scale)):
        shift = second.shift
    elif second.shift != 0 or second.scale <= 0 or not _is_power_of_two(second.scale):
        return None
    return ops.Affine(scale, shift) if dtype.holds(scale) and dtype.holds(shift) else None


def _is_power_of_two(number: float) -> bool:
    """Whether it is one that leaves room for overflow: between 2 ** -20 and 2 ** 20, of either sign."""
    mantissa, exponent = math.frexp(abs(number))
    return mantissa == 0.5 and abs(exponent) <= 20


def _is_usual(node: Node) -> bool:
    """Whether numbers are rounded to the tensor's type before they are used; smaller types use them as they are."""
    return node.results[0].type.dtype in (DType.F32, DType.F64)
