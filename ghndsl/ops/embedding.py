"""Indices go in; the rows of a table that they name, learned by the operator or given to it, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import (
    Draw,
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
from ghndsl.ops.checks import at_least
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import DType, TensorType, show_shape


@record
class Embedding(Operator):
    """Rows of a learned table of `num_embeddings` vectors; the row `padding_idx` begins at zero and is not trained."""

    name: ClassVar[str] = "embedding"
    torch_name: ClassVar[str] = "nn.Embedding"

    num_embeddings: int
    embedding_dim: int
    padding_idx: int | None = None

    def __post_init__(self) -> None:
        at_least(self, 1, "num_embeddings", "embedding_dim")
        if self.padding_idx is not None and not -self.num_embeddings <= self.padding_idx < self.num_embeddings:
            raise ValueError(f"`padding_idx` {self.padding_idx} is no row of {self.num_embeddings}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (indices,) = types
        _whole(self, indices)
        return (TensorType((*indices.shape, self.embedding_dim)),)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        row = None if self.padding_idx is None else self.padding_idx % self.num_embeddings
        shape = (self.num_embeddings, self.embedding_dim)
        return (Weight("weight", shape, Role.EMBEDDING, initial=Draw("normal", 1.0), zero_row=row),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        return (functional.embedding(inputs[0], weights["weight"], self.padding_idx),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("Gather", weights["weight"], inputs[0].name, axis=0),)


@record
class Lookup(Operator):
    """Rows of a given table: `lookup(weight, indices)`."""

    name: ClassVar[str] = "lookup"
    torch_name: ClassVar[str] = "torch.embedding"
    tensors: ClassVar[int | None] = 2

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        weight, indices = types
        if weight.rank != 2:
            raise ShapeError(f"`lookup` takes a table of two dimensions first, not {show_shape(weight.shape)}")
        _whole(self, indices)
        return (weight.with_shape(*indices.shape, weight.shape[1]),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        weight, indices = inputs
        return (functional.embedding(indices, weight),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"F.embedding({inputs[1]}, {inputs[0]})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (context.node("Gather", inputs[0].name, inputs[1].name, axis=0),)


def _whole(op: Operator, indices: TensorType) -> None:
    if indices.dtype not in (DType.I32, DType.I64):
        raise ShapeError(f"`{op.name}` needs indices of whole numbers, i64 or i32, not {indices.dtype}")
