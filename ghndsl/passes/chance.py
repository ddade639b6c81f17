"""An operator goes in; whether what it gives depends on chance, or on more than its inputs and weights, comes out."""

from __future__ import annotations

from ghndsl.ir import Node
from ghndsl.ops import Operator

_PROBABILITIES = ("p", "dropout", "dropout_p", "attention_dropout")
"""The attributes that hold a probability, in torch's names."""


def draws(op: Operator) -> bool:
    """Whether an operator draws random numbers in training.

    >>> from ghndsl import ops
    >>> draws(ops.Dropout()), draws(ops.Dropout(0.0)), draws(ops.Relu())
    (True, False, False)
    """
    return any(op.attributes.get(name) for name in _PROBABILITIES)


def is_function(node: Node) -> bool:
    """Whether its results follow from inputs and weights alone: nothing is drawn, no statistics are kept."""
    return not draws(node.op) and not any(weight.role.is_statistic for weight in node.weights)
