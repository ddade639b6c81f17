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
from ghndsl.ops.adaptive import AdaptiveAvgPool, AdaptiveMaxPool
from ghndsl.ops.arithmetic import Add, Affine, Div, Mul, Pow, Sub
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
    Table,
    Tensors,
    Weight,
)
from ghndsl.ops.bounded import Clamp, Hardtanh
from ghndsl.ops.cells import GruCell, LstmCell
from ghndsl.ops.constant import Constant, Full
from ghndsl.ops.conv import Conv
from ghndsl.ops.conv_transpose import ConvTranspose
from ghndsl.ops.dot_product import ScaledDotProductAttention
from ghndsl.ops.elementary import Abs, Cos, Exp, Sin
from ghndsl.ops.embedding import Embedding, Lookup
from ghndsl.ops.exponential import Celu, LogSigmoid, Selu
from ghndsl.ops.fill import Arange, Ones, Zeros
from ghndsl.ops.instance_norm import InstanceNorm
from ghndsl.ops.interpolate import Interpolate
from ghndsl.ops.join import Concat, Split, Stack
from ghndsl.ops.length import L2Normalize, RmsNorm
from ghndsl.ops.linear import Linear, Matmul
from ghndsl.ops.local_response import LocalResponseNorm
from ghndsl.ops.norm import BatchNorm, GroupNorm, LayerNorm
from ghndsl.ops.pad import Pad
from ghndsl.ops.parameter import Parameter
from ghndsl.ops.pass_through import Dropout, Identity, StochasticDepth, ZerosLike
from ghndsl.ops.pool import AvgPool, MaxPool
from ghndsl.ops.recurrent import Gru, Lstm
from ghndsl.ops.reduction import Max, Mean, Min, Sum
from ghndsl.ops.relative_position import RelativePositionBias
from ghndsl.ops.roll import Roll
from ghndsl.ops.shape import Expand, Flatten, Permute, Reshape, Transpose
from ghndsl.ops.shuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle
from ghndsl.ops.signature import Attribute, SignatureError, Static, attributes, bind, show, written
from ghndsl.ops.slice import Slice
from ghndsl.ops.softmax import LogSoftmax, Softmax
from ghndsl.ops.squeeze import Squeeze, Unsqueeze
from ghndsl.ops.weighed import Glu, Prelu
from ghndsl.ops.window_attention import WindowAttention

__all__ = [
    "TABLE",
    "Abs",
    "AdaptiveAvgPool",
    "AdaptiveMaxPool",
    "Add",
    "Affine",
    "Arange",
    "Attention",
    "Attribute",
    "AvgPool",
    "BatchNorm",
    "Celu",
    "ChannelShuffle",
    "Clamp",
    "Concat",
    "Constant",
    "Conv",
    "ConvTranspose",
    "Cos",
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
    "Glu",
    "GroupNorm",
    "Gru",
    "GruCell",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "InstanceNorm",
    "Interpolate",
    "L2Normalize",
    "LayerNorm",
    "LeakyRelu",
    "Linear",
    "LocalResponseNorm",
    "LogSigmoid",
    "LogSoftmax",
    "Lookup",
    "Lstm",
    "LstmCell",
    "Matmul",
    "Max",
    "MaxPool",
    "Mean",
    "Min",
    "Mish",
    "Mode",
    "Mul",
    "NamedTensors",
    "Ones",
    "OnnxContext",
    "OnnxValue",
    "Operator",
    "Pad",
    "Parameter",
    "Permute",
    "PixelShuffle",
    "PixelUnshuffle",
    "Pow",
    "Prelu",
    "RelativePositionBias",
    "Relu",
    "Relu6",
    "Reshape",
    "Results",
    "RmsNorm",
    "Role",
    "Roll",
    "ScaledDotProductAttention",
    "Selu",
    "ShapeError",
    "Sigmoid",
    "SignatureError",
    "Silu",
    "Sin",
    "Size",
    "Slice",
    "Softmax",
    "Softplus",
    "Split",
    "Squeeze",
    "Stack",
    "Static",
    "StochasticDepth",
    "Sub",
    "Sum",
    "Table",
    "Tanh",
    "Tensors",
    "Transpose",
    "Unsqueeze",
    "Weight",
    "WindowAttention",
    "Zeros",
    "ZerosLike",
    "attributes",
    "bind",
    "show",
    "written",
]
