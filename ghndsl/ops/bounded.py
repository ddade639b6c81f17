"""Bounds: a tensor of floats goes in; its numbers, those outside of two bounds replaced by the nearer one, come out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.activation import Activation
from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, Tensors
from ghndsl.ops.checks import finite, floats, held
from ghndsl.ops.lowering import filled
from ghndsl.records import record
from ghndsl.types import TensorType


@record
class Hardtanh(Activation):
    """min(max(x, `min_val`), `max_val`)."""

    name: ClassVar[str] = "hardtanh"
    torch_name: ClassVar[str] = "nn.Hardtanh"
    function: ClassVar[str] = "hardtanh"

    min_val: float = -1.0
    max_val: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_val <= self.min_val:
            raise ValueError(f"`max_val` of `hardtanh` must be above `min_val` {self.min_val:g}, not {self.max_val:g}")

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (_clipped(context, inputs[0], self.min_val, self.max_val),)


@record
class Clamp(Operator):
    """x between `min` and `max`, of which one may be none; where `min` is above `max` all of it is `max`."""

    name: ClassVar[str] = "clamp"
    torch_name: ClassVar[str] = "torch.clamp"

    min: float | None = None
    max: float | None = None

    def __post_init__(self) -> None:
        finite(self, "min", "max")
        if self.min is None and self.max is None:
            raise ValueError("`clamp` needs a `min`, a `max` or both")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        held(x.dtype, self.min, self.max)
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0].clamp(self.min, self.max),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (_clipped(context, inputs[0], self.min, self.max),)


def _clipped(context: OnnxContext, x: OnnxValue, low: float | None, high: float | None) -> str:
    """x between two bounds; infinity stands for none, as ONNX Runtime takes the largest number for a missing one."""
    bounds = (-math.inf if low is None else low, math.inf if high is None else high)
    return context.node("Clip", x.name, *(filled(context, bound, x.type.dtype) for bound in bounds))
