"""Elementwise activations and softmax: a tensor goes in, one of the same type comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import Mode, OnnxContext, OnnxValue, Operator, ShapeError
from ghndsl.types import TensorType

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class _Elementwise(Operator):
    """A function of each element alone; `onnx_type` is the ONNX operator that equals it."""

    onnx_type: ClassVar[str] = ""

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        if not x.dtype.is_float:
            raise ShapeError(f"`{self.name}` needs a tensor of floats, not {x.dtype}")
        return (x,)

    def module(self, *types: TensorType) -> nn.Module | None:
        from torch import nn

        kind: type[nn.Module] = getattr(nn, self.torch_name.removeprefix("nn."))
        return kind()

    def onnx(
        self,
        context: OnnxContext,
        inputs: Sequence[OnnxValue],
        weights: Mapping[str, str],
    ) -> tuple[str, ...]:
        return (context.node(self.onnx_type, inputs[0].name),)


@dataclass(frozen=True)
class Relu(_Elementwise):
    """max(x, 0)."""

    name: ClassVar[str] = "relu"
    torch_name: ClassVar[str] = "nn.ReLU"
    onnx_type: ClassVar[str] = "Relu"

    def run(
        self,
        inputs: Sequence[torch.Tensor],
        weights: Mapping[str, torch.Tensor],
        mode: Mode,
    ) -> tuple[torch.Tensor, ...]:
        return (inputs[0].relu(),)
