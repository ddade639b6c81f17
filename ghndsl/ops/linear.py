"""The linear layer: a tensor whose last dimension holds features goes in; each feature vector times a matrix comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import Mode, OnnxContext, OnnxValue, Operator, Role, ShapeError, Weight
from ghndsl.types import Dim, TensorType, product

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Linear(Operator):
    """x W^T + b over the last dimension: `[..., in_features]` to `[..., out_features]`."""

    name: ClassVar[str] = "linear"
    torch_name: ClassVar[str] = "nn.Linear"

    out_features: int
    bias: bool = True

    def __post_init__(self) -> None:
        if self.out_features < 1:
            raise ValueError(f"`out_features` must be at least 1, not {self.out_features}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        if not x.shape:
            raise ShapeError("`linear` needs at least one dimension")
        self._in_features(x)
        return (x.with_shape(*x.shape[:-1], self.out_features),)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        features = self._in_features(types[0])
        kernel = Weight("weight", (self.out_features, features), Role.KERNEL, features)
        bias = Weight("bias", (self.out_features,), Role.BIAS, features)
        return (kernel, bias) if self.bias else (kernel,)

    def macs(self, *types: TensorType) -> Dim:
        return product(types[0].shape) * self.out_features

    def run(
        self,
        inputs: Sequence[torch.Tensor],
        weights: Mapping[str, torch.Tensor],
        mode: Mode,
    ) -> tuple[torch.Tensor, ...]:
        from torch.nn import functional

        return (functional.linear(inputs[0], weights["weight"], weights.get("bias")),)

    def module(self, *types: TensorType) -> nn.Module | None:
        from torch import nn

        return nn.Linear(self._in_features(types[0]), self.out_features, bias=self.bias)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if x.type.rank == 2:
            return (context.node("Gemm", x.name, *weights.values(), transB=1),)
        matrix = context.node("Transpose", weights["weight"], perm=(1, 0))
        y = context.node("MatMul", x.name, matrix)
        return (context.node("Add", y, weights["bias"]) if self.bias else y,)

    def _in_features(self, x: TensorType) -> int:
        features = x.shape[-1]
        if not isinstance(features, int):
            raise ShapeError(f"`linear` makes weights for its input's last dimension, and {features} is not known")
        return features
