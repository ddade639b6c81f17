"""A tensor goes in; in evaluation it comes out as it is, or zeros in its shape do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, Tensors
from ghndsl.ops.checks import floats, probability
from ghndsl.ops.lowering import filled
from ghndsl.records import record
from ghndsl.types import TensorType

if TYPE_CHECKING:
    import torch


@record
class Identity(Operator):
    """x itself."""

    name: ClassVar[str] = "identity"
    torch_name: ClassVar[str] = "nn.Identity"

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0],)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (inputs[0].name,)


@record
class Dropout(Operator):
    """In training, each element is zero with probability `p` and the rest grow by 1 / (1 - p) (arXiv 1207.0580)."""

    name: ClassVar[str] = "dropout"
    torch_name: ClassVar[str] = "nn.Dropout"

    p: float = 0.5

    def __post_init__(self) -> None:
        probability(self, "p")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (dropped(inputs[0], self.p, mode),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (inputs[0].name,)


@record
class ZerosLike(Operator):
    """Zeros in the shape of x."""

    name: ClassVar[str] = "zeros_like"
    torch_name: ClassVar[str] = "torch.zeros_like"

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        return (torch.zeros_like(inputs[0]),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        return (context.node("Expand", filled(context, 0.0, x.type.dtype), context.node("Shape", x.name)),)


def dropped(x: torch.Tensor, p: float, mode: Mode) -> torch.Tensor:
    """x with elements left out, in training, by the mode's generator."""
    if mode.kind != "train" or p == 0:
        return x
    if p == 1:
        return x * 0
    kept = x.new_empty(x.shape).bernoulli_(1 - p, generator=mode.generator)
    return x * kept.div_(1 - p)
