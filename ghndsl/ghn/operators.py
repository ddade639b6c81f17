"""An operator goes in; its code, the same for ever since checkpoints depend on it, comes out."""

from __future__ import annotations

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ops import Operator

INPUT = 0
"""The code of what stands for a segment's input."""

CAPACITY = 256
"""How many operators a GHN has embeddings for; those appended later take rows that are there already."""

OPERATORS = (
    "conv",
    "linear",
    "batch_norm",
    "layer_norm",
    "relu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "softmax",
    "max_pool",
    "avg_pool",
    "adaptive_avg_pool",
    "flatten",
    "reshape",
    "permute",
    "transpose",
    "add",
    "mul",
    "concat",
    "split",
    "mean",
    "dropout",
    "identity",
    "zeros_like",
    "relu6",
    "leaky_relu",
    "elu",
    "hardsigmoid",
    "hardswish",
    "sub",
    "div",
    "affine",
    "pow",
    "abs",
    "exp",
    "stack",
    "matmul",
    "group_norm",
    "slice",
    "zeros",
    "ones",
    "full",
    "constant",
    "arange",
    "parameter",
    "embedding",
    "lookup",
    "conv_transpose",
    "instance_norm",
    "mish",
    "softplus",
    "log_softmax",
    "expand",
    "attention",
    "scaled_dot_product_attention",
    "lstm",
    "gru",
    "gru_cell",
    "lstm_cell",
    "stochastic_depth",
    "roll",
    "pad",
    "selu",
    "celu",
    "hardtanh",
    "log_sigmoid",
    "prelu",
    "glu",
    "rms_norm",
    "local_response_norm",
    "sin",
    "cos",
    "clamp",
    "sum",
    "max",
    "min",
    "l2_normalize",
    "squeeze",
    "unsqueeze",
    "window_attention",
    "relative_position_bias",
    "interpolate",
    "pixel_shuffle",
    "pixel_unshuffle",
    "channel_shuffle",
    "adaptive_max_pool",
)
"""The operators in the order of their codes, which count from 1. Append; never insert, remove or reorder."""

_CODES = {name: number for number, name in enumerate(OPERATORS, start=1)}


def operator_code(op: Operator) -> int:
    """The code of an operator; G423 for one that has none."""
    if op.name not in _CODES:
        help_ = "append it to OPERATORS in ghndsl/ghn/operators.py"
        raise CompileError(Diagnostic("G423", f"the hypernetwork has no code for `{op.name}`", help=help_))
    return _CODES[op.name]
