"""Types of tensors go in; what every operator makes of them comes out: one class each, one file a family."""

from ghndsl.ops.activation import (
    Elu,
    Gelu,
    Hardsigmoid,
    Hardswish,
    LeakyRelu,
    Mish,
    Relu,
    Relu6,
    Sigmoid,
    Silu,
    Softplus,
    Tanh,
)
from ghndsl.ops.adaptive import AdaptiveAvgPool
from ghndsl.ops.arithmetic import Abs, Add, Affine, Div, Exp, Mul, Pow, Sub
from ghndsl.ops.attention import Attention
from ghndsl.ops.base import (
    TABLE,
    Draw,
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
from ghndsl.ops.cells import GruCell, LstmCell
from ghndsl.ops.constant import Constant, Full
from ghndsl.ops.conv import Conv
from ghndsl.ops.conv_transpose import ConvTranspose
from ghndsl.ops.dot_product import ScaledDotProductAttention
from ghndsl.ops.embedding import Embedding, Lookup
from ghndsl.ops.fill import Arange, Ones, Zeros
from ghndsl.ops.instance_norm import InstanceNorm
from ghndsl.ops.join import Concat, Split, Stack
from ghndsl.ops.linear import Linear, Matmul
from ghndsl.ops.mean import Mean
from ghndsl.ops.norm import BatchNorm, GroupNorm, LayerNorm
from ghndsl.ops.parameter import Parameter
from ghndsl.ops.pass_through import Dropout, Identity, ZerosLike
from ghndsl.ops.pool import AvgPool, MaxPool
from ghndsl.ops.recurrent import Gru, Lstm
from ghndsl.ops.shape import Expand, Flatten, Permute, Reshape, Transpose
from ghndsl.ops.signature import Attribute, SignatureError, Static, attributes, bind, show, written
from ghndsl.ops.slice import Slice
from ghndsl.ops.softmax import LogSoftmax, Softmax

__all__ = [
    "TABLE",
    "Abs",
    "AdaptiveAvgPool",
    "Add",
    "Affine",
    "Arange",
    "Attention",
    "Attribute",
    "AvgPool",
    "BatchNorm",
    "Concat",
    "Constant",
    "Conv",
    "ConvTranspose",
    "Div",
    "Draw",
    "Dropout",
    "Elu",
    "Embedding",
    "Exp",
    "Expand",
    "Flatten",
    "Full",
    "Gelu",
    "GroupNorm",
    "Gru",
    "GruCell",
    "Hardsigmoid",
    "Hardswish",
    "Identity",
    "InstanceNorm",
    "LayerNorm",
    "LeakyRelu",
    "Linear",
    "LogSoftmax",
    "Lookup",
    "Lstm",
    "LstmCell",
    "Matmul",
    "MaxPool",
    "Mean",
    "Mish",
    "Mode",
    "Mul",
    "NamedTensors",
    "Ones",
    "OnnxContext",
    "OnnxValue",
    "Operator",
    "Parameter",
    "Permute",
    "Pow",
    "Relu",
    "Relu6",
    "Reshape",
    "Results",
    "Role",
    "ScaledDotProductAttention",
    "ShapeError",
    "Sigmoid",
    "SignatureError",
    "Silu",
    "Size",
    "Slice",
    "Softmax",
    "Softplus",
    "Split",
    "Stack",
    "Static",
    "Sub",
    "Tanh",
    "Tensors",
    "Transpose",
    "Weight",
    "Zeros",
    "ZerosLike",
    "attributes",
    "bind",
    "show",
    "written",
]
