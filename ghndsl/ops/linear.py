"""Matrix products: feature vectors and a matrix, of weights or another tensor's, go in; their products come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.arithmetic import broadcast
from ghndsl.ops.base import (
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    Role,
    ShapeError,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least, floats, known
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, TensorType, product, show_shape


@record
class Linear(Operator):
    """x W^T + b over the last dimension: `[..., in_features]` to `[..., out_features]`."""

    name: ClassVar[str] = "linear"
    from_input: ClassVar[str | None] = "in_features"
    torch_name: ClassVar[str] = "nn.Linear"

    out_features: int
    bias: bool = True

    def __post_init__(self) -> None:
        at_least(self, 1, "out_features")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        if not x.shape:
            raise ShapeError("`linear` needs at least one dimension")
        known(self, x.shape[-1], "last dimension")
        return (x.with_shape(*x.shape[:-1], self.out_features),)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x,) = types
        features = known(self, x.shape[-1], "last dimension")
        kernel = Weight("weight", (self.out_features, features), Role.KERNEL, features, x.dtype)
        bias = Weight("bias", (self.out_features,), Role.BIAS, features, x.dtype)
        return (kernel, bias) if self.bias else (kernel,)

    def macs(self, *types: TensorType) -> Dim:
        return product(types[0].shape) * self.out_features

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        return (functional.linear(inputs[0], weights["weight"], weights.get("bias")),)

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        return {"in_features": types[0].shape[-1], **self.attributes}

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if x.type.rank == 2:
            return (context.node("Gemm", x.name, *weights.values(), transB=1),)
        matrix = context.node("Transpose", weights["weight"], perm=(1, 0))
        y = context.node("MatMul", x.name, matrix)
        return (context.node("Add", y, weights["bias"]) if self.bias else y,)


@record
class Matmul(Operator):
    """The product of the last two dimensions as matrices, the ones before broadcast; a vector is a row or a column."""

    name: ClassVar[str] = "matmul"
    torch_name: ClassVar[str] = "torch.matmul"
    tensors: ClassVar[int | None] = 2

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        a, b = types
        floats(self, a, b)
        if a.dtype is not b.dtype:
            raise ShapeError(f"`matmul` needs tensors of one element type, not {a.dtype} and {b.dtype}")
        if not a.shape or not b.shape:
            raise ShapeError("`matmul` needs at least one dimension in each tensor")
        inner = b.shape[-2] if b.rank > 1 else b.shape[0]
        if a.shape[-1] != inner:
            shapes = f"{show_shape(a.shape)} by {show_shape(b.shape)}"
            raise ShapeError(f"`matmul` cannot multiply {shapes}: {a.shape[-1]} is not {inner}")
        rows = a.shape[-2:-1]
        columns = b.shape[-1:] if b.rank > 1 else ()
        return (a.with_shape(*broadcast(self, a.shape[:-2], b.shape[:-2]), *rows, *columns),)

    def macs(self, *types: TensorType) -> Dim:
        return product(self.infer(*types)[0].shape) * types[0].shape[-1]

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0] @ inputs[1],)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]} @ {inputs[1]}"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("MatMul", inputs[0].name, inputs[1].name),)
