"""What an operator is, and every one of them: one class each, one file a family."""

from ghndsl.ops.activation import Relu
from ghndsl.ops.base import (
    TABLE,
    Mode,
    OnnxContext,
    OnnxValue,
    Operator,
    Role,
    ShapeError,
    Size,
    Weight,
)
from ghndsl.ops.linear import Linear
from ghndsl.ops.signature import Attribute, SignatureError, Static, attributes, bind, show, written

__all__ = [
    "TABLE",
    "Attribute",
    "Linear",
    "Mode",
    "OnnxContext",
    "OnnxValue",
    "Operator",
    "Relu",
    "Role",
    "ShapeError",
    "SignatureError",
    "Size",
    "Static",
    "Weight",
    "attributes",
    "bind",
    "show",
    "written",
]
