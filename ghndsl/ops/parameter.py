"""A learned tensor: its sizes go in; the tensor itself, which is a weight, comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar, Literal

from ghndsl.ops.base import (
    Draw,
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    Role,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import DType, TensorType


@record
class Parameter(Operator):
    """A learned tensor of the sizes given, as `nn.Parameter`; its label is the name of the weight.

    At first it is normal with deviation `std`, or with `init` zeros, ones or that number everywhere.

    >>> op = Parameter((1, 197, 768))
    >>> op.infer()[0].shape == op.weights()[0].shape == (1, 197, 768)
    True
    """

    name: ClassVar[str] = "parameter"
    tensors: ClassVar[int | None] = 0
    rest: ClassVar[str | None] = "size"

    size: tuple[int, ...]
    init: Literal["normal", "zeros", "ones"] | float = field(default="normal", kw_only=True)
    std: float = field(default=0.02, kw_only=True)
    dtype: Literal["f16", "bf16", "f32", "f64"] = field(default="f32", kw_only=True)

    def __post_init__(self) -> None:
        at_least(self, 1, "size")
        if not 0 <= self.std < math.inf:
            raise ValueError(f"`std` of `parameter` is a deviation, not {self.std}")
        if not isinstance(self.init, str) and not DType(self.dtype).holds(self.init):
            raise ValueError(f"`init` of `parameter` is {self.init}, which is no {self.dtype}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        return (TensorType(self.size, DType(self.dtype)),)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        draw = self._draw
        role = Role.SCALE if draw == Draw("fill", 1.0) else Role.PARAMETER
        return (Weight("", self.size, role, dtype=DType(self.dtype), initial=draw),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (weights[""],)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return code.weight("")

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (weights[""],)

    @property
    def _draw(self) -> Draw:
        if self.init == "normal":
            return Draw("normal", self.std)
        return Draw("fill", _NUMBERS[self.init] if isinstance(self.init, str) else float(self.init))


_NUMBERS = {"zeros": 0.0, "ones": 1.0}
