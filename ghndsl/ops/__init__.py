"""What an operator is, and every one of them: one class each, one file a family."""

from ghndsl.ops.activation import (
    Elu,
    Gelu,
    Hardsigmoid,
    Hardswish,
    LeakyRelu,
    Relu,
    Relu6,
    Sigmoid,
    Silu,
    Softmax,
    Tanh,
)
from ghndsl.ops.adaptive import AdaptiveAvgPool
from ghndsl.ops.arithmetic import Abs, Add, Affine, Div, Exp, Mul, Pow, Sub
from ghndsl.ops.base import (
    TABLE,
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    Role,
    ShapeError,
    Size,
    Tensors,
    Weight,
)
from ghndsl.ops.conv import Conv
from ghndsl.ops.join import Concat, Split, Stack
from ghndsl.ops.linear import Linear, Matmul
from ghndsl.ops.mean import Mean
from ghndsl.ops.norm import BatchNorm, GroupNorm, LayerNorm
from ghndsl.ops.pass_through import Dropout, Identity, ZerosLike
from ghndsl.ops.pool import AvgPool, MaxPool
from ghndsl.ops.shape import Flatten, Permute, Reshape, Transpose
from ghndsl.ops.signature import Attribute, SignatureError, Static, attributes, bind, show, written
from ghndsl.ops.slice import Slice

__all__ = [
    "TABLE",
    "Abs",
    "AdaptiveAvgPool",
    "Add",
    "Affine",
    "Attribute",
    "AvgPool",
    "BatchNorm",
    "Concat",
    "Conv",
    "Div",
    "Dropout",
    "Elu",
    "Exp",
    "Flatten",
    "Gelu",
    "GroupNorm",
    "Hardsigmoid",
    "Hardswish",
    "Identity",
    "LayerNorm",
    "LeakyRelu",
    "Linear",
    "Matmul",
    "MaxPool",
    "Mean",
    "Mode",
    "Mul",
    "NamedTensors",
    "OnnxContext",
    "OnnxValue",
    "Operator",
    "Permute",
    "Pow",
    "Relu",
    "Relu6",
    "Reshape",
    "Results",
    "Role",
    "ShapeError",
    "Sigmoid",
    "SignatureError",
    "Silu",
    "Size",
    "Slice",
    "Softmax",
    "Split",
    "Stack",
    "Static",
    "Sub",
    "Tanh",
    "Tensors",
    "Transpose",
    "Weight",
    "ZerosLike",
    "attributes",
    "bind",
    "show",
    "written",
]
