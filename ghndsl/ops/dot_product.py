"""Attention: queries, keys and values go in; for each query the values come out, weighted by how keys fit it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from ghndsl.ops.arithmetic import broadcast
from ghndsl.ops.attend import attended, onnx_attended
from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import finite, floats, held, probability
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, DType, TensorType, product, show_shape


@record
class ScaledDotProductAttention(Operator):
    """softmax(q k^T scale + mask) v over the last two dimensions (arXiv 1706.03762, Eq. 1).

    q is `[..., T, E]`, k `[..., S, E]`, v `[..., S, V]`; the scale is 1 / sqrt(E) unless told. A fourth tensor is the
    mask: floats that are added, or truth values that say what counts. `is_causal` lets query t see keys up to t.
    """

    name: ClassVar[str] = "scaled_dot_product_attention"
    torch_name: ClassVar[str] = "torch.nn.functional.scaled_dot_product_attention"
    tensors: ClassVar[int | None] = 3
    optional: ClassVar[int] = 1

    dropout_p: float = 0.0
    is_causal: bool = False
    scale: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        probability(self, "dropout_p")
        finite(self, "scale")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        q, k, v, *mask = types
        floats(self, q, k, v)
        held(q.dtype, self.scale)
        shapes = ", ".join(show_shape(kind.shape) for kind in (q, k, v))
        if min(q.rank, k.rank, v.rank) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
            raise ShapeError(f"`{self.name}` takes [..., T, E], [..., S, E] and [..., S, V], not {shapes}")
        if len({q.dtype, k.dtype, v.dtype}) > 1:
            raise ShapeError(f"`{self.name}` needs tensors of one element type")
        before = broadcast(self, q.shape[:-2], k.shape[:-2], v.shape[:-2])
        for kind in mask:
            # It is added before the values are there, so what they alone make wider it cannot have.
            scores = (*broadcast(self, q.shape[:-2], k.shape[:-2]), q.shape[-2], k.shape[-2])
            least = 2 if (q.rank, k.rank, v.rank) == (4, 4, 4) else 0
            self._check_mask(kind, q, scores, least)
        return (q.with_shape(*before, q.shape[-2], v.shape[-1]),)

    def macs(self, *types: TensorType) -> Dim:
        q, k = types[:2]
        places = product(self.infer(*types)[0].shape[:-1]) * k.shape[-2]
        return places * (q.shape[-1] + types[2].shape[-1])

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        q, k, v, *mask = inputs
        only = mask[0] if mask else None
        y = attended(q, k, v, only, mode, dropout=self.dropout_p, is_causal=self.is_causal, scale=self.scale)
        return (y,)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        dropped = f"{code.value('dropout_p', self.dropout_p)} if {code.training} else 0.0" if self.dropout_p else ""
        mask, dropout = f", attn_mask={inputs[-1]}" * (len(inputs) > 3), f", dropout_p={dropped}" * bool(dropped)
        more = code.argument("is_causal", self.is_causal, False) + code.argument("scale", self.scale, None)
        return f"F.scaled_dot_product_attention({', '.join(inputs[:3])}{mask}{dropout}{more})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        q, k, v, *mask = inputs
        scale = self._scale(q.type)
        return (onnx_attended(context, (q, k, v), mask[0] if mask else None, is_causal=self.is_causal, scale=scale),)

    def _scale(self, q: TensorType) -> float:
        if self.scale is not None:
            return self.scale
        width = q.shape[-1]
        if not isinstance(width, int):
            raise ShapeError(f"`{self.name}` without a `scale` needs a known last dimension in ONNX, not {width}")
        return 1 / math.sqrt(width)

    def _check_mask(self, mask: TensorType, q: TensorType, scores: tuple[Dim, ...], least: int) -> None:
        if self.is_causal:
            raise ShapeError(f"`{self.name}` takes a mask or `is_causal`, not both")
        if mask.dtype not in (DType.BOOL, q.dtype):
            raise ShapeError(f"the mask of `{self.name}` holds {q.dtype} or bool, not {mask.dtype}")
        if mask.rank < least:
            # As torch does, whose fast way for a batch and heads looks at these two dimensions.
            raise ShapeError(f"the mask of `{self.name}` is [..., T, S], not {show_shape(mask.shape)}")
        if broadcast(self, mask.shape, scores) != scores:
            raise ShapeError(f"the mask {show_shape(mask.shape)} does not fit {show_shape(scores)}")
