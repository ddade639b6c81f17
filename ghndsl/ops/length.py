"""Normalisation by length: a tensor goes in; its elements over the root of their squares, added up or not, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import (
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
from ghndsl.ops.checks import axes, floats, small
from ghndsl.ops.last_dimensions import LastDimensions
from ghndsl.ops.lowering import cast, filled, reduce_mean, reduced
from ghndsl.records import record
from ghndsl.types import DType, TensorType


@record
class RmsNorm(LastDimensions):
    """Each sample over the root of the mean square of its last `dims` dimensions, scaled (arXiv 1910.07467).

    Their sizes, torch's `normalized_shape`, are known from the input and so are not written. Without `eps` the mean
    square grows by the least difference from 1 of the type that is computed in: f64 for f64, else f32.
    """

    name: ClassVar[str] = "rms_norm"
    torch_name: ClassVar[str] = "nn.RMSNorm"

    eps: float | None = None
    elementwise_affine: bool = True

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        if not self.elementwise_affine:
            return ()
        return (Weight("weight", self.known_sizes(types[0]), Role.SCALE, dtype=types[0].dtype),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        return (functional.rms_norm(x, list(x.shape[-self.dims :]), weights.get("weight"), self.eps),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        wide = DType.F64 if x.type.dtype is DType.F64 else DType.F32
        eps = _EPSILON[wide] if self.eps is None else self.eps
        if weights and context.opset >= 23 and wide is DType.F32:
            return (context.node("RMSNormalization", x.name, *weights.values(), axis=-self.dims, epsilon=eps),)
        name, *scale = [
            one if wide is x.type.dtype else cast(context, one, wide) for one in (x.name, *weights.values())
        ]
        square = reduce_mean(
            context, context.node("Mul", name, name), range(x.type.rank - self.dims, x.type.rank), keepdims=True
        )
        root = context.node("Sqrt", context.node("Add", square, filled(context, eps, wide)))
        y = context.node("Div", name, root)
        y = context.node("Mul", y, *scale) if scale else y
        return (y if wide is x.type.dtype else cast(context, y, x.type.dtype),)


_EPSILON = {DType.F32: 2.0**-23, DType.F64: 2.0**-52}


@record
class L2Normalize(Operator):
    """x over its length along `dim`, the root of the sum of squares, or over `eps` where that is larger."""

    name: ClassVar[str] = "l2_normalize"
    torch_name: ClassVar[str] = "torch.nn.functional.normalize"

    dim: int | tuple[int, ...] = 1
    eps: float = 1e-12

    def __post_init__(self) -> None:
        small(self, "eps")
        if self.dim == ():
            raise ValueError("`dim` of `l2_normalize` names no dimension")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        axes(self, self.dim, x.rank)
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        (x,) = inputs
        length = torch.linalg.vector_norm(x, 2, axes(self, self.dim, x.dim()), keepdim=True)
        return (x / length.clamp_min(self.eps),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        length = reduced(context, "ReduceL2", x.name, axes(self, self.dim, x.type.rank), keepdims=True)
        # LpNormalization knows no least length.
        return (context.node("Div", x.name, context.node("Max", length, filled(context, self.eps, x.type.dtype))),)
