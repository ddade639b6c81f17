"""Signs and indices between tensors go in; the operators of the table that they stand for come out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ghndsl import ops
from ghndsl.ir import Value
from ghndsl.language.values import Result, is_number
from ghndsl.types import Dim, SymbolicSize

MEASURES = ("params", "macs", "memory", "nodes")
"""What a `where` at the end of a space can ask of the finished graph."""
NEW_AXIS = "`x -> unsqueeze(1)` has a dimension of size 1 more"
"""What who indexes a tensor by `None`, as torch and NumPy do, is told."""

_TENSORS: dict[str, type[ops.Operator]] = {
    "+": ops.Add,
    "-": ops.Sub,
    "*": ops.Mul,
    "/": ops.Div,
    "**": ops.Pow,
}


def tensor_binary(sign: str, left: Result, right: Result) -> tuple[ops.Operator, ...] | None:
    """The operators, in turn, of `left sign right` where at least one is a tensor; None where there are none.

    The first is given the tensors among the two, in order.
    """
    if isinstance(left, Value) and isinstance(right, Value):
        return (_TENSORS[sign](),) if sign in _TENSORS else None
    if isinstance(left, Value) and is_number(right):
        return _with_number(sign, float(right))
    if isinstance(right, Value) and is_number(left):
        return _number_with(sign, float(left))
    return None


def _with_number(sign: str, number: float) -> tuple[ops.Operator, ...] | None:
    if sign == "/" and number == 0:
        return None
    known: dict[str, ops.Operator] = {
        "+": ops.Affine(shift=number),
        "-": ops.Affine(shift=-number),
        "*": ops.Affine(number),
        "**": ops.Pow(number),
    }
    op = ops.Affine(1 / number) if sign == "/" else known.get(sign)
    return (op,) if op else None


def _number_with(sign: str, number: float) -> tuple[ops.Operator, ...] | None:
    known: dict[str, tuple[ops.Operator, ...]] = {
        "+": (ops.Affine(shift=number),),
        "-": (ops.Affine(-1.0, number),),
        "*": (ops.Affine(number),),
        "/": (ops.Pow(-1.0), ops.Affine(number)),
    }
    if sign == "**" and number > 0:
        return ops.Affine(math.log(number)), ops.Exp()
    return known.get(sign)


def tensor_index(subscripts: Sequence[Result | slice]) -> ops.Operator | None:
    """The operator of `x[subscripts]`; None where a subscript is neither a whole number nor a slice."""
    index: list[Dim | tuple[Dim | None, ...]] = []
    for subscript in subscripts:
        if isinstance(subscript, slice):
            index.append((subscript.start, subscript.stop, subscript.step))
        elif isinstance(subscript, int | SymbolicSize) and not isinstance(subscript, bool):
            index.append(subscript)
        else:
            return None
    return ops.Slice(tuple(index))
