"""Activations with an exponential below zero: a tensor of floats goes in; one of the same type comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.activation import Activation
from ghndsl.ops.base import OnnxContext, OnnxValue, ShapeError
from ghndsl.ops.lowering import filled
from ghndsl.records import record
from ghndsl.types import DType, TensorType


@record
class Selu(Activation):
    """s x where x is positive, else s a (e^x - 1), with s about 1.0507 and a about 1.6733 (arXiv 1706.02515)."""

    name: ClassVar[str] = "selu"
    torch_name: ClassVar[str] = "nn.SELU"
    function: ClassVar[str] = "selu"
    onnx_type: ClassVar[str] = "Selu"


@record
class Celu(Activation):
    """x where it is positive, else `alpha` (e^(x / alpha) - 1), whose slope at 0 is 1 (arXiv 1704.07483)."""

    name: ClassVar[str] = "celu"
    torch_name: ClassVar[str] = "nn.CELU"
    function: ClassVar[str] = "celu"

    alpha: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.alpha > 0:
            raise ValueError(f"`alpha` of `celu` must be above 0, not {self.alpha:g}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = super().infer(*types)
        if not x.dtype.holds(1 / self.alpha):
            raise ShapeError(f"`alpha` {self.alpha:g} of `celu` is too small for {x.dtype}")
        return (x,)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if x.type.dtype is DType.F32:
            return (context.node("Celu", x.name, alpha=self.alpha),)
        # ONNX's Celu takes no other element type.
        alpha = filled(context, self.alpha, x.type.dtype)
        return (context.node("Mul", context.node("Elu", context.node("Div", x.name, alpha), alpha=1.0), alpha),)


@record
class LogSigmoid(Activation):
    """The logarithm of the sigmoid of x, -log(1 + e^-x)."""

    name: ClassVar[str] = "log_sigmoid"
    torch_name: ClassVar[str] = "nn.LogSigmoid"
    function: ClassVar[str] = "logsigmoid"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        soft = context.node("Softplus", context.node("Neg", inputs[0].name))
        return (context.node("Neg", soft),)
