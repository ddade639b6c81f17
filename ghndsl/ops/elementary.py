"""Functions of each element that torch has no class for: a tensor of floats goes in; one of the same type comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, Tensors
from ghndsl.ops.checks import floats
from ghndsl.records import record
from ghndsl.types import TensorType


@record
class _Unary(Operator):
    """A function of each element, torch's of its own name: `onnx_type` is its ONNX operator."""

    onnx_type: ClassVar[str] = ""

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        floats(self, types[0])
        return types

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        function: Callable[[torch.Tensor], torch.Tensor] = getattr(torch, self.name)
        return (function(inputs[0]),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node(self.onnx_type, inputs[0].name),)


@record
class Abs(_Unary):
    """The absolute value."""

    name: ClassVar[str] = "abs"
    torch_name: ClassVar[str] = "torch.abs"
    onnx_type: ClassVar[str] = "Abs"


@record
class Exp(_Unary):
    """e to the power of x."""

    name: ClassVar[str] = "exp"
    torch_name: ClassVar[str] = "torch.exp"
    onnx_type: ClassVar[str] = "Exp"


@record
class Sin(_Unary):
    """The sine of x, an angle in radians."""

    name: ClassVar[str] = "sin"
    torch_name: ClassVar[str] = "torch.sin"
    onnx_type: ClassVar[str] = "Sin"


@record
class Cos(_Unary):
    """The cosine of x, an angle in radians."""

    name: ClassVar[str] = "cos"
    torch_name: ClassVar[str] = "torch.cos"
    onnx_type: ClassVar[str] = "Cos"
