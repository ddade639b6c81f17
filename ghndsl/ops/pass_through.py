"""A tensor goes in; in evaluation it comes out as it is, or zeros in its shape do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import floats, probability
from ghndsl.ops.lowering import filled
from ghndsl.ops.python import SourceContext
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

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return inputs[0]

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

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        if self.p == 0:
            return inputs[0]
        return f"F.dropout({inputs[0]}{code.argument('p', self.p, None)}, training={code.training})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (inputs[0].name,)


@record
class StochasticDepth(Operator):
    """In training x is zero with probability `p`, and else grows by 1 / (1 - p) (arXiv 1603.09382).

    By `mode` this is settled for each row of the batch, or for the whole batch at once.
    """

    name: ClassVar[str] = "stochastic_depth"
    torch_name: ClassVar[str] = "torchvision.ops.StochasticDepth"

    p: float
    mode: Literal["batch", "row"] = "row"

    def __post_init__(self) -> None:
        probability(self, "p")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        if not x.rank:
            raise ShapeError("`stochastic_depth` needs a batch of rows, not a single number")
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x,) = inputs
        rows = x.shape[0] if self.mode == "row" else 1
        return (dropped(x, self.p, mode, (rows, *[1] * (x.dim() - 1))),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        by = f"{code.argument('p', self.p, None, positional=True)}, {code.value('mode', self.mode)}"
        return f"{code.helper('stochastic_depth')}({inputs[0]}{by}, training={code.training})"

    def source_module(self, code: SourceContext, *types: TensorType) -> str | None:
        return f"{code.helper('StochasticDepth')}({code.values('p', (self.p, self.mode))})"

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


def dropped(x: torch.Tensor, p: float, mode: Mode, shape: tuple[int, ...] | None = None) -> torch.Tensor:
    """x with elements left out, in training, by the mode's generator; by one draw for each place of a smaller shape."""
    if mode.kind != "train" or p == 0:
        return x
    if p == 1:
        return x * 0
    kept = x.new_empty(x.shape if shape is None else shape).bernoulli_(1 - p, generator=mode.generator)
    return x * kept.div_(1 - p)
