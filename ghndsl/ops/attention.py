"""Multi-head attention: sequences go in; for each place what it attends to, by learned projections, comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, TypeVar

from ghndsl.ops.attend import attended, onnx_attended
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
from ghndsl.ops.checks import at_least, floats, known, probability
from ghndsl.ops.lowering import onnx_linear, reshaped
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, DType, TensorType, product

if TYPE_CHECKING:
    import torch
    from torch import nn

_T = TypeVar("_T")


@record
class Attention(Operator):
    """Multi-head attention (arXiv 1706.03762, section 3.2.2) on `[N, T, D]`: `nn.MultiheadAttention`, batch first.

    One tensor attends to itself; two are the queries and what they attend to; three queries, keys and values.
    """

    name: ClassVar[str] = "attention"
    from_input: ClassVar[str | None] = "embed_dim"
    torch_name: ClassVar[str] = "nn.MultiheadAttention"
    optional: ClassVar[int] = 2

    num_heads: int
    dropout: float = 0.0
    bias: bool = True
    is_causal: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        at_least(self, 1, "num_heads")
        probability(self, "dropout")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        q, k, v = kinds = _three(types)
        floats(self, *kinds)
        if any(kind.rank != 3 or kind.dtype is not q.dtype for kind in kinds):
            raise ShapeError(f"`attention` takes tensors [N, T, D], not {', '.join(map(str, types))}")
        if k.shape[:2] != v.shape[:2] or q.shape[0] != k.shape[0]:
            raise ShapeError(f"`attention` cannot join {', '.join(map(str, types))}")
        width = known(self, q.shape[2], "last dimension")
        if width % self.num_heads:
            raise ShapeError(f"`num_heads` {self.num_heads} does not divide the size {width}")
        self.weights(*types)
        return (q,)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        q, k, v = _three(types)
        width, *others = (known(self, kind.shape[2], "last dimension") for kind in (q, k, v))
        if others == [width, width]:
            found = [self._projection("in_proj_weight", 3 * width, width, q.dtype)]
        else:
            sizes = zip("qkv", (width, *others), strict=True)
            found = [self._projection(f"{word}_proj_weight", width, size, q.dtype) for word, size in sizes]
        zero = Draw("fill", 0.0)
        out = Weight("out_proj.weight", (width, width), Role.KERNEL, width, q.dtype)
        if not self.bias:
            return (*found, out)
        biases = (Weight(name, (size,), Role.BIAS, width, q.dtype, zero) for name, size in _biases(width))
        first, last = biases
        return (*found, first, out, last)

    def macs(self, *types: TensorType) -> Dim:
        q, k, v = _three(types)
        width, keys = q.shape[2], k.shape[1]
        projected = 2 * product(q.shape) * width + (product(k.shape) + product(v.shape)) * width
        return projected + 2 * product(q.shape) * keys

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        q, k, v = (self._split(part) for part in self._projected(inputs, weights))
        heads = attended(q, k, v, None, mode, dropout=self.dropout, is_causal=self.is_causal)
        joined = heads.transpose(1, 2).flatten(2)
        return (functional.linear(joined, weights["out_proj.weight"], weights.get("out_proj.bias")),)

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        q, k, v = _three(types)
        options = {name: value for name, value in self.attributes.items() if name != "is_causal"}
        others = {"kdim": k.shape[2], "vdim": v.shape[2]} if {k.shape[2], v.shape[2]} != {q.shape[2]} else {}
        return {"embed_dim": q.shape[2], **options, **others, "batch_first": True}

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        q, k, v = _three(inputs)
        later = q.new_ones(q.shape[1], k.shape[1]).triu(1).bool() if self.is_causal else None
        return (module(q, k, v, need_weights=False, attn_mask=later, is_causal=self.is_causal)[0],)

    def source_call(self, code: SourceContext, module: str, inputs: Sequence[str], *types: TensorType) -> str:
        q, k, v = _three(inputs)
        if not self.is_causal:
            return f"{module}({q}, {k}, {v}, need_weights=False)[0]"
        later = f"{q}.new_ones({q}.shape[1], {k}.shape[1]).triu(1).bool()"
        return f"{module}({q}, {k}, {v}, need_weights=False, attn_mask={later}, is_causal=True)[0]"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        q, k, v = (self._onnx_split(context, part) for part in self._onnx_projected(context, inputs, weights))
        scale = known(self, q.type.shape[-1], "last dimension") ** -0.5
        joined = onnx_attended(context, (q, k, v), None, is_causal=self.is_causal, scale=scale)
        joined = context.node("Transpose", joined, perm=(0, 2, 1, 3))
        flat = context.node("Reshape", joined, context.ints(0, 0, -1))
        return (onnx_linear(context, flat, weights["out_proj.weight"], weights.get("out_proj.bias")),)

    def _projection(self, name: str, rows: int, columns: int, dtype: DType) -> Weight:
        # Glorot and Bengio (AISTATS 2010), as torch draws these.
        draw = Draw("uniform", math.sqrt(6 / (rows + columns)))
        return Weight(name, (rows, columns), Role.KERNEL, columns, dtype, draw)

    def _projected(self, inputs: Tensors, weights: NamedTensors) -> list[torch.Tensor]:
        """Queries, keys and values, heads side by side."""
        from torch.nn import functional

        if len(inputs) == 1 and "in_proj_weight" in weights:
            return list(
                functional.linear(inputs[0], weights["in_proj_weight"], weights.get("in_proj_bias")).chunk(3, -1)
            )
        packed, bias = weights.get("in_proj_weight"), weights.get("in_proj_bias")
        separate = [weights[f"{word}_proj_weight"] for word in "qkv"] if packed is None else packed.chunk(3)
        biases = (None, None, None) if bias is None else bias.chunk(3)
        return [functional.linear(*row) for row in zip(_three(inputs), separate, biases, strict=True)]

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(*x.shape[:2], self.num_heads, -1).transpose(1, 2)

    def _onnx_projected(
        self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]
    ) -> list[OnnxValue]:
        q, k, v = _three(inputs)
        width = q.type.shape[2]
        sizes = context.ints(*[known(self, width, "last dimension")] * 3)
        packed, bias = weights.get("in_proj_weight"), weights.get("in_proj_bias")
        names = [weights[f"{word}_proj_weight"] for word in "qkv"] if packed is None else ()
        matrices = names if packed is None else context.nodes("Split", 3, packed, sizes, axis=0)
        biases = (None, None, None) if bias is None else context.nodes("Split", 3, bias, sizes, axis=0)
        return [
            OnnxValue(onnx_linear(context, x.name, matrix, shift), x.type.with_shape(*x.type.shape[:2], width))
            for x, matrix, shift in zip((q, k, v), matrices, biases, strict=True)
        ]

    def _onnx_split(self, context: OnnxContext, x: OnnxValue) -> OnnxValue:
        n, t, width = x.type.shape
        each = width // self.num_heads
        parted = reshaped(context, x, (n, t, self.num_heads, each))
        return OnnxValue(
            context.node("Transpose", parted, perm=(0, 2, 1, 3)), x.type.with_shape(n, self.num_heads, t, each)
        )


def _three(given: Sequence[_T]) -> tuple[_T, _T, _T]:
    """Queries, keys and values; those that are not given are the last that is."""
    q, k, v = (*given, *[given[-1]] * (3 - len(given)))
    return q, k, v


def _biases(width: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("in_proj_bias", 3 * width), ("out_proj.bias", width)
