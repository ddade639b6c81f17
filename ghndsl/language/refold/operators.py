"""A node goes in; what it is written as comes out: an operator with attributes, a sign, or an index."""

from __future__ import annotations

import math
from functools import lru_cache

from ghndsl import ops
from ghndsl.ir import Node
from ghndsl.language.refold.callees import Callee, Given, Index, Operation, Sign
from ghndsl.language.refold.expressions import About, Expression, Literal
from ghndsl.types import Dim


def callee_of(node: Node) -> Callee:
    """What a node is written as; a sign only where that can say it, and where no call was written."""
    if isinstance(node.op, ops.Slice):
        return Index(tuple(_subscript(item) for item in node.op.index))
    sign = None if _is_numbered(node) else _sign(node)
    return sign or _argument(node) or _operation(node.op)


@lru_cache(maxsize=4096)
def _operation(op: ops.Operator) -> Operation:
    values = [(declared, getattr(op, declared.name)) for declared in ops.attributes(type(op))]
    return Operation(type(op), tuple([Literal(value, About(a.name, a.default)) for a, value in values]))


def _is_numbered(node: Node) -> bool:
    """Whether a node took a number as an unlabelled part, as calls do and signs do not."""
    above, _, last = node.path.rpartition(".")
    return last.isdecimal() and above == node.scope.path


def _sign(node: Node) -> Sign | None:
    op = node.op
    if len(node.inputs) == 2:
        return Sign(_SIGNS[type(op)]) if type(op) in _SIGNS else None
    if isinstance(op, ops.Pow) and op.exponent is not None:
        return Sign("**", _number(op.exponent))
    return _affine(op.scale, op.shift) if isinstance(op, ops.Affine) else None


_SIGNS: dict[type[ops.Operator], str] = {ops.Add: "+", ops.Sub: "-", ops.Mul: "*", ops.Div: "/", ops.Pow: "**"}


def _affine(scale: float, shift: float) -> Sign | None:
    """The sign between a tensor and a number that stands for `affine`, if one does."""
    if scale == 1:
        is_less = math.copysign(1, shift) < 0
        return Sign("-" if is_less else "+", _number(abs(shift)))
    if scale == -1:
        return Sign("-", _number(shift), is_number_first=True) if shift else Sign("-")
    if shift:
        return None
    divisor = round(1 / scale) if scale else 0
    if divisor > 1 and scale == 1 / divisor and len(repr(scale)) > len(f"0.{divisor}"):
        return Sign("/", _number(float(divisor)))
    return Sign("*", _number(scale))


def _number(value: float) -> Literal:
    return Literal(value, About("number"))


def _subscript(item: Dim | tuple[Dim | None, ...]) -> Expression | tuple[Expression, ...]:
    if not isinstance(item, tuple):
        return Literal(item, About("index"))
    return tuple([Literal(part, About(name)) for part, name in zip(item, ("start", "stop", "step"), strict=True)])


def _argument(node: Node) -> Given | None:
    """An operator that its block was given, as far as that can be told: an argument of the block names it."""
    if node.op.tensors != 1 or node.scope.parent is None:
        return None
    found = [(name, text) for name, text in node.scope.arguments if text.partition("(")[0] == node.op.name]
    if not found:
        return None
    (name, text), written = found[0], ops.written(node.op)
    is_given = not node.weights or text == written
    return Given(Literal(node.op, About(name))) if is_given else None
