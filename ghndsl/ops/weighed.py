"""Activations that weigh: a tensor goes in; it comes out by slopes that are learned, or by its own other half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.activation import Activation
from ghndsl.ops.base import (
    Draw,
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Results,
    Role,
    ShapeError,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least, axis, floats, known
from ghndsl.records import record
from ghndsl.types import TensorType


@record
class Prelu(Activation):
    """x where it is positive, else x times a learned slope, `init` at first (arXiv 1502.01852).

    There is one slope, or with `num_parameters` one for each channel.
    """

    name: ClassVar[str] = "prelu"
    torch_name: ClassVar[str] = "nn.PReLU"

    num_parameters: int = 1
    init: float = 0.25

    def __post_init__(self) -> None:
        at_least(self, 1, "num_parameters")
        super().__post_init__()

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        if self.num_parameters > 1:
            channels = known(self, x.shape[1], "channels") if x.rank > 1 else 1
            if channels != self.num_parameters:
                told = f"the {channels} channel{'s' * (channels != 1)} of its input"
                raise ShapeError(f"`num_parameters` {self.num_parameters} of `prelu` is neither 1 nor {told}")
        return super().infer(x)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        slope = Draw("fill", self.init)
        return (Weight("weight", (self.num_parameters,), Role.PARAMETER, dtype=types[0].dtype, initial=slope),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        return (functional.prelu(inputs[0], weights["weight"]),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        shape = (self.num_parameters, *(1,) * (x.type.rank - 2)) if x.type.rank else ()
        slope = weights["weight"]
        if shape != (self.num_parameters,):
            slope = context.node("Reshape", slope, context.ints(*shape))
        return (context.node("PRelu", x.name, slope),)


@record
class Glu(Activation):
    """The first half along `dim` times the sigmoid of the second: a size of 2 n becomes n (arXiv 1612.08083)."""

    name: ClassVar[str] = "glu"
    torch_name: ClassVar[str] = "nn.GLU"
    function: ClassVar[str] = "glu"

    dim: int = -1

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        dim = axis(self, self.dim, x.rank)
        size = x.shape[dim]
        half = size // 2
        if half * 2 != size:
            raise ShapeError(f"`glu` halves dimension {self.dim}, and its size {size} is not certain to be even")
        return (x.with_shape(*x.shape[:dim], half, *x.shape[dim + 1 :]),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        dim = axis(self, self.dim, x.type.rank)
        # Before opset 18 the outputs alone say how many parts there are.
        count = {"num_outputs": 2} if context.opset >= 18 else {}
        value, gate = context.nodes("Split", 2, x.name, axis=dim, **count)
        return (context.node("Mul", value, context.node("Sigmoid", gate)),)
