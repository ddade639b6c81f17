"""A node goes in; whether its results are certain to hold no negative zero comes out."""

from __future__ import annotations

from ghndsl import ops
from ghndsl.ir import Node
from ghndsl.types import DType


def no_negative_zero(node: Node | None) -> bool:
    """Whether no result of a node is -0.0, whatever its inputs are; false for none.

    A sum with 0.0, or a mean of one number, changes such a zero and nothing else: 1 / x tells the two apart.

    >>> from ghndsl.ir import Scope, Value
    >>> from ghndsl.types import TensorType
    >>> x, y = Value(0, TensorType((3,))), Value(1, TensorType((3,)))
    >>> [no_negative_zero(Node(op, (x,), (y,), "0", Scope("arch", "a"))) for op in (ops.Abs(), ops.Relu())]
    [True, False]
    """
    if node is None:
        return False
    if isinstance(node.op, ops.Affine):
        # In smaller types a sum below zero may be rounded to it.
        return node.op.shift > 0 and node.results[0].type.dtype in (DType.F32, DType.F64)
    return isinstance(node.op, _NEVER_BELOW)


_NEVER_BELOW = (ops.Abs, ops.Exp, ops.Sigmoid, ops.Softmax, ops.Softplus, ops.Hardsigmoid)
"""Operators whose results are positive, or 0.0. A relu is none of them: it leaves -0.0 as it is."""
