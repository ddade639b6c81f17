"""Softmax and its logarithm: a tensor of floats goes in; its shares along one dimension come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.activation import Activation
from ghndsl.ops.base import OnnxContext, OnnxValue
from ghndsl.ops.checks import axis, floats
from ghndsl.records import record
from ghndsl.types import TensorType


@record
class Softmax(Activation):
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


@record
class LogSoftmax(Softmax):
    """The logarithm of the softmax along `dim`."""

    name: ClassVar[str] = "log_softmax"
    torch_name: ClassVar[str] = "nn.LogSoftmax"
    function: ClassVar[str] = "log_softmax"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("LogSoftmax", inputs[0].name, axis=self.dim),)
