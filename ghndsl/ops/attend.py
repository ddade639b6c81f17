"""Queries, keys and values with their heads apart go in; the values that each query attends to come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghndsl.ops.base import Mode, OnnxContext, OnnxValue
from ghndsl.ops.lowering import filled
from ghndsl.ops.pass_through import dropped
from ghndsl.types import DType

if TYPE_CHECKING:
    import torch


_LEAST = -6e4
"""What the score of a key is that is not to be seen: finite in half precision too, so that gradients stay numbers."""


def attended(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    mask: torch.Tensor | None,
    mode: Mode,
    *,
    dropout: float,
    is_causal: bool,
    scale: float | None = None,
) -> torch.Tensor:
    """As `functional.scaled_dot_product_attention`, but dropout draws from the mode's generator.

    A query that may see no key gets zeros.
    """
    from torch.nn import functional

    if mode.kind != "train" or dropout == 0:
        return functional.scaled_dot_product_attention(q, k, v, mask, is_causal=is_causal, scale=scale)
    scores = q @ k.transpose(-2, -1) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        mask = scores.new_ones(scores.shape[-2:]).tril().bool()
    if mask is None or mask.dtype.is_floating_point:
        shares = (scores if mask is None else scores + mask).softmax(-1)
    else:
        shares = scores.where(mask, _LEAST).softmax(-1).where(mask, 0)
    return dropped(shares, dropout, mode) @ v


def onnx_attended(
    context: OnnxContext,
    heads: tuple[OnnxValue, OnnxValue, OnnxValue],
    mask: OnnxValue | None,
    *,
    is_causal: bool,
    scale: float,
) -> str:
    """The same in evaluation, as ONNX nodes."""
    q, k, v = heads
    order = [*range(k.type.rank - 2), k.type.rank - 1, k.type.rank - 2]
    keys = context.node("Transpose", k.name, perm=order)
    # Scaled is the product: where the scaled queries are the keys and values too, ONNX Runtime loses them (1.32).
    scores = context.node("Mul", context.node("MatMul", q.name, keys), filled(context, scale, q.type.dtype))
    if mask is not None and mask.type.dtype is not DType.BOOL:
        scores = context.node("Add", scores, mask.name)
    seen = _seen(context, q, k) if is_causal else mask.name if mask and mask.type.dtype is DType.BOOL else None
    if seen is None:
        return context.node("MatMul", context.node("Softmax", scores, axis=-1), v.name)
    shares = context.node("Where", seen, scores, filled(context, _LEAST, q.type.dtype))
    shares = context.node("Softmax", shares, axis=-1)
    return context.node("MatMul", context.node("Where", seen, shares, filled(context, 0, q.type.dtype)), v.name)


def _seen(context: OnnxContext, q: OnnxValue, k: OnnxValue) -> str:
    """`[T, S]`: whether a query comes no earlier than a key."""
    places: list[str] = []
    for x, axis in ((q, 1), (k, 0)):
        count = context.node("Squeeze", context.shape((x.type.shape[-2],)), context.ints(0))
        numbers = context.node("Range", filled(context, 0, DType.I64), count, filled(context, 1, DType.I64))
        places.append(context.node("Unsqueeze", numbers, context.ints(axis)))
    return context.node("GreaterOrEqual", *places)
