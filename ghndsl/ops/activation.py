"""Activations: a tensor of floats goes in; one of the same type comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, Tensors
from ghndsl.ops.checks import finite, floats, held
from ghndsl.ops.lowering import filled
from ghndsl.records import record
from ghndsl.types import TensorType

if TYPE_CHECKING:
    import torch


@record
class Activation(Operator):
    """A function of each element: `function` is its name in `torch.nn.functional`, `onnx_type` its ONNX operator."""

    function: ClassVar[str] = ""
    onnx_type: ClassVar[str] = ""

    def __post_init__(self) -> None:
        finite(self, *self.attributes)

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        held(x.dtype, *(number for number in self.attributes.values() if isinstance(number, float)))
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        apply: Callable[..., torch.Tensor] = getattr(functional, self.function)
        return (apply(inputs[0], **self.attributes),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node(self.onnx_type, inputs[0].name),)


@record
class Relu(Activation):
    """max(x, 0)."""

    name: ClassVar[str] = "relu"
    torch_name: ClassVar[str] = "nn.ReLU"
    function: ClassVar[str] = "relu"
    onnx_type: ClassVar[str] = "Relu"


@record
class Relu6(Activation):
    """min(max(x, 0), 6)."""

    name: ClassVar[str] = "relu6"
    torch_name: ClassVar[str] = "nn.ReLU6"
    function: ClassVar[str] = "relu6"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        low, high = filled(context, 0.0, x.type.dtype), filled(context, 6.0, x.type.dtype)
        return (context.node("Clip", x.name, low, high),)


@record
class LeakyRelu(Activation):
    """x where it is positive, else `negative_slope` times x."""

    name: ClassVar[str] = "leaky_relu"
    torch_name: ClassVar[str] = "nn.LeakyReLU"
    function: ClassVar[str] = "leaky_relu"

    negative_slope: float = 0.01

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("LeakyRelu", inputs[0].name, alpha=self.negative_slope),)


@record
class Elu(Activation):
    """x where it is positive, else `alpha` (e^x - 1)."""

    name: ClassVar[str] = "elu"
    torch_name: ClassVar[str] = "nn.ELU"
    function: ClassVar[str] = "elu"

    alpha: float = 1.0

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("Elu", inputs[0].name, alpha=self.alpha),)


@record
class Gelu(Activation):
    """x times the normal distribution function of x, by erf or its tanh approximation (arXiv 1606.08415)."""

    name: ClassVar[str] = "gelu"
    torch_name: ClassVar[str] = "nn.GELU"
    function: ClassVar[str] = "gelu"

    approximate: Literal["none", "tanh"] = "none"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if context.opset >= 20:
            return (context.node("Gelu", x.name, approximate=self.approximate),)
        bend = self._tanh(context, x) if self.approximate == "tanh" else self._erf(context, x)
        half = context.node("Mul", x.name, filled(context, 0.5, x.type.dtype))
        return (context.node("Mul", half, context.node("Add", bend, filled(context, 1.0, x.type.dtype))),)

    @staticmethod
    def _erf(context: OnnxContext, x: OnnxValue) -> str:
        return context.node("Erf", context.node("Mul", x.name, filled(context, math.sqrt(0.5), x.type.dtype)))

    @staticmethod
    def _tanh(context: OnnxContext, x: OnnxValue) -> str:
        cube = context.node("Mul", context.node("Mul", x.name, x.name), x.name)
        inner = context.node("Add", x.name, context.node("Mul", cube, filled(context, 0.044715, x.type.dtype)))
        return context.node("Tanh", context.node("Mul", inner, filled(context, math.sqrt(2 / math.pi), x.type.dtype)))


@record
class Silu(Activation):
    """x times the sigmoid of x, also called swish (arXiv 1606.08415)."""

    name: ClassVar[str] = "silu"
    torch_name: ClassVar[str] = "nn.SiLU"
    function: ClassVar[str] = "silu"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        x = inputs[0].name
        return (context.node("Mul", x, context.node("Sigmoid", x)),)


@record
class Sigmoid(Activation):
    """1 / (1 + e^-x)."""

    name: ClassVar[str] = "sigmoid"
    torch_name: ClassVar[str] = "nn.Sigmoid"
    function: ClassVar[str] = "sigmoid"
    onnx_type: ClassVar[str] = "Sigmoid"


@record
class Tanh(Activation):
    """The hyperbolic tangent."""

    name: ClassVar[str] = "tanh"
    torch_name: ClassVar[str] = "nn.Tanh"
    function: ClassVar[str] = "tanh"
    onnx_type: ClassVar[str] = "Tanh"


@record
class Hardsigmoid(Activation):
    """min(max(x / 6 + 1/2, 0), 1)."""

    name: ClassVar[str] = "hardsigmoid"
    torch_name: ClassVar[str] = "nn.Hardsigmoid"
    function: ClassVar[str] = "hardsigmoid"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("HardSigmoid", inputs[0].name, alpha=1 / 6, beta=0.5),)


@record
class Hardswish(Activation):
    """x times the hard sigmoid of x (arXiv 1905.02244, section 5.2)."""

    name: ClassVar[str] = "hardswish"
    torch_name: ClassVar[str] = "nn.Hardswish"
    function: ClassVar[str] = "hardswish"
    onnx_type: ClassVar[str] = "HardSwish"


@record
class Softplus(Activation):
    """log(1 + e^(beta x)) / beta, and x itself where beta x is above `threshold`."""

    name: ClassVar[str] = "softplus"
    torch_name: ClassVar[str] = "nn.Softplus"
    function: ClassVar[str] = "softplus"

    beta: float = 1.0
    threshold: float = 20.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.beta > 0:
            raise ValueError(f"`beta` of `softplus` must be above 0, not {self.beta}")

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        beta = filled(context, self.beta, x.type.dtype)
        scaled = x.name if self.beta == 1 else context.node("Mul", x.name, beta)
        soft = context.node("Softplus", scaled)
        soft = soft if self.beta == 1 else context.node("Div", soft, beta)
        above = context.node("Greater", scaled, filled(context, self.threshold, x.type.dtype))
        return (context.node("Where", above, x.name, soft),)


@record
class Mish(Activation):
    """x times the hyperbolic tangent of its softplus (arXiv 1908.08681)."""

    name: ClassVar[str] = "mish"
    torch_name: ClassVar[str] = "nn.Mish"
    function: ClassVar[str] = "mish"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        x = inputs[0].name
        if context.opset >= 18:
            return (context.node("Mish", x),)
        return (context.node("Mul", x, context.node("Tanh", context.node("Softplus", x))),)
