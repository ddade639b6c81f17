"""Local response normalisation: a tensor goes in; it comes out over a power of what its neighbouring channels hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import at_least, finite, floats, held
from ghndsl.ops.half import is_half, source_widened, widened
from ghndsl.ops.lowering import cast, filled
from ghndsl.records import record
from ghndsl.types import DType, TensorType, show_shape

if TYPE_CHECKING:
    from torch import nn

    from ghndsl.ops.python import SourceContext


@record
class LocalResponseNorm(Operator):
    """x over (`k` + `alpha` times the mean square of `size` channels around it) to the power `beta`.

    Beyond the first and the last channel there are zeros; of an even `size` one more channel lies before than after
    (Krizhevsky, Sutskever and Hinton, NIPS 2012, section 3.3).
    """

    name: ClassVar[str] = "local_response_norm"
    torch_name: ClassVar[str] = "nn.LocalResponseNorm"

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    def __post_init__(self) -> None:
        at_least(self, 1, "size")
        finite(self, "alpha", "beta", "k")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        held(x.dtype, self.alpha, self.beta, self.k)
        if x.rank < 3:
            wanted = "a batch, channels and at least one more dimension"
            raise ShapeError(f"`local_response_norm` needs {wanted}, not {show_shape(x.shape)}")
        return (x,)

    # torch's function views the tensor in another shape, which needs one in plain order.
    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        x = widened(inputs[0].contiguous())
        return (functional.local_response_norm(x, self.size, self.alpha, self.beta, self.k).to(inputs[0].dtype),)

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        return (module(widened(inputs[0].contiguous())).to(inputs[0].dtype),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        x, back = source_widened(code, f"{inputs[0]}.contiguous()", types[0].dtype)
        return super().source(code, [x], *types) + back

    def source_call(self, code: SourceContext, module: str, inputs: Sequence[str], *types: TensorType) -> str:
        x, back = source_widened(code, f"{inputs[0]}.contiguous()", types[0].dtype)
        return super().source_call(code, module, [x], *types) + back

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if is_half(x.type.dtype):
            wide = OnnxValue(cast(context, x.name, DType.F32), TensorType(x.type.shape))
            (y,) = self.onnx(context, [wide], weights)
            return (cast(context, y, x.type.dtype),)
        # LRN keeps a running sum in ONNX Runtime, which loses small numbers behind large ones, and takes few ranks.
        alpha, beta, k = (filled(context, number, x.type.dtype) for number in (self.alpha, self.beta, self.k))
        grown = context.node("Add", context.node("Mul", self._squares(context, x), alpha), k)
        return (context.node("Div", x.name, context.node("Pow", grown, beta)),)

    def _squares(self, context: OnnxContext, x: OnnxValue) -> str:
        """The mean square of the channels around each: an average pool along them, all other places in a row."""
        square = context.node("Unsqueeze", context.node("Mul", x.name, x.name), context.ints(1))
        row = context.node("Reshape", square, context.ints(0, 0, 0, -1))
        pads = (self.size // 2, 0, (self.size - 1) // 2, 0)
        mean = context.node("AveragePool", row, kernel_shape=(self.size, 1), pads=pads, count_include_pad=1)
        return context.node("Reshape", mean, context.node("Shape", x.name))
