"""Activations and softmax: a tensor of floats goes in; one of the same type comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, Tensors
from ghndsl.ops.checks import axis, floats
from ghndsl.ops.lowering import filled
from ghndsl.types import TensorType

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class _Activation(Operator):
    """A function of each element: `function` is its name in `torch.nn.functional`, `onnx_type` its ONNX operator."""

    function: ClassVar[str] = ""
    onnx_type: ClassVar[str] = ""

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        apply: Callable[..., torch.Tensor] = getattr(functional, self.function)
        return (apply(inputs[0], **self.attributes),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node(self.onnx_type, inputs[0].name),)


@dataclass(frozen=True)
class Relu(_Activation):
    """max(x, 0)."""

    name: ClassVar[str] = "relu"
    torch_name: ClassVar[str] = "nn.ReLU"
    function: ClassVar[str] = "relu"
    onnx_type: ClassVar[str] = "Relu"


@dataclass(frozen=True)
class Relu6(_Activation):
    """min(max(x, 0), 6)."""

    name: ClassVar[str] = "relu6"
    torch_name: ClassVar[str] = "nn.ReLU6"
    function: ClassVar[str] = "relu6"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        low, high = filled(context, 0.0, x.type.dtype), filled(context, 6.0, x.type.dtype)
        return (context.node("Clip", x.name, low, high),)


@dataclass(frozen=True)
class LeakyRelu(_Activation):
    """x where it is positive, else `negative_slope` times x."""

    name: ClassVar[str] = "leaky_relu"
    torch_name: ClassVar[str] = "nn.LeakyReLU"
    function: ClassVar[str] = "leaky_relu"

    negative_slope: float = 0.01

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("LeakyRelu", inputs[0].name, alpha=self.negative_slope),)


@dataclass(frozen=True)
class Elu(_Activation):
    """x where it is positive, else `alpha` (e^x - 1)."""

    name: ClassVar[str] = "elu"
    torch_name: ClassVar[str] = "nn.ELU"
    function: ClassVar[str] = "elu"

    alpha: float = 1.0

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("Elu", inputs[0].name, alpha=self.alpha),)


@dataclass(frozen=True)
class Gelu(_Activation):
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
        twice = context.node("Mul", x.name, context.node("Add", bend, filled(context, 1.0, x.type.dtype)))
        return (context.node("Mul", twice, filled(context, 0.5, x.type.dtype)),)

    @staticmethod
    def _erf(context: OnnxContext, x: OnnxValue) -> str:
        return context.node("Erf", context.node("Mul", x.name, filled(context, math.sqrt(0.5), x.type.dtype)))

    @staticmethod
    def _tanh(context: OnnxContext, x: OnnxValue) -> str:
        cube = context.node("Mul", context.node("Mul", x.name, x.name), x.name)
        inner = context.node("Add", x.name, context.node("Mul", cube, filled(context, 0.044715, x.type.dtype)))
        return context.node("Tanh", context.node("Mul", inner, filled(context, math.sqrt(2 / math.pi), x.type.dtype)))


@dataclass(frozen=True)
class Silu(_Activation):
    """x times the sigmoid of x, also called swish (arXiv 1606.08415)."""

    name: ClassVar[str] = "silu"
    torch_name: ClassVar[str] = "nn.SiLU"
    function: ClassVar[str] = "silu"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        x = inputs[0].name
        return (context.node("Mul", x, context.node("Sigmoid", x)),)


@dataclass(frozen=True)
class Sigmoid(_Activation):
    """1 / (1 + e^-x)."""

    name: ClassVar[str] = "sigmoid"
    torch_name: ClassVar[str] = "nn.Sigmoid"
    function: ClassVar[str] = "sigmoid"
    onnx_type: ClassVar[str] = "Sigmoid"


@dataclass(frozen=True)
class Tanh(_Activation):
    """The hyperbolic tangent."""

    name: ClassVar[str] = "tanh"
    torch_name: ClassVar[str] = "nn.Tanh"
    function: ClassVar[str] = "tanh"
    onnx_type: ClassVar[str] = "Tanh"


@dataclass(frozen=True)
class Hardsigmoid(_Activation):
    """min(max(x / 6 + 1/2, 0), 1)."""

    name: ClassVar[str] = "hardsigmoid"
    torch_name: ClassVar[str] = "nn.Hardsigmoid"
    function: ClassVar[str] = "hardsigmoid"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("HardSigmoid", inputs[0].name, alpha=1 / 6, beta=0.5),)


@dataclass(frozen=True)
class Hardswish(_Activation):
    """x times the hard sigmoid of x (arXiv 1905.02244, section 5.2)."""

    name: ClassVar[str] = "hardswish"
    torch_name: ClassVar[str] = "nn.Hardswish"
    function: ClassVar[str] = "hardswish"
    onnx_type: ClassVar[str] = "HardSwish"


@dataclass(frozen=True)
class Softmax(_Activation):
    """e^x over its sum along `dim`."""

    name: ClassVar[str] = "softmax"
    torch_name: ClassVar[str] = "nn.Softmax"
    function: ClassVar[str] = "softmax"

    dim: int

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        axis(self, self.dim, x.rank)
        return (x,)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("Softmax", inputs[0].name, axis=self.dim),)
