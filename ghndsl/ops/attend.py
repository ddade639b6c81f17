"""Queries, keys and values with their heads apart go in; the values that each query attends to come out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ghndsl.ops.base import Mode, OnnxContext, OnnxValue
from ghndsl.ops.lowering import filled
from ghndsl.ops.pass_through import dropped
from ghndsl.types import DType

if TYPE_CHECKING:
    import torch


_UNSEEN = -math.inf
"""What the score of a key is that is not to be seen."""


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
    if mask is not None:
        scores = scores + mask if mask.dtype.is_floating_point else scores.where(mask, _UNSEEN)
    shares = scores.softmax(-1) if mask is None else _shares(scores)
    return dropped(shares, dropout, mode) @ v


def _shares(scores: torch.Tensor) -> torch.Tensor:
    """The softmax over keys, and zeros for a query that sees none, where its gradients would be no numbers."""
    unseen = scores == _UNSEEN
    return scores.masked_fill(unseen.all(-1, keepdim=True), 0).softmax(-1).masked_fill(unseen, 0)


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
    if mask is None and not is_causal:
        return context.node("MatMul", context.node("Softmax", scores, axis=-1), v.name)
    least = filled(context, _UNSEEN, q.type.dtype)
    if mask is not None and mask.type.dtype is not DType.BOOL:
        scores = context.node("Add", scores, mask.name)
    else:
        scores = context.node("Where", _seen(context, q, k) if mask is None else mask.name, scores, least)
    # A query that sees no key comes to no number, and then to zeros.
    unseen, shares = context.node("Equal", scores, least), context.node("Softmax", scores, axis=-1)
    return context.node("MatMul", context.node("Where", unseen, filled(context, 0, q.type.dtype), shares), v.name)


def _seen(context: OnnxContext, q: OnnxValue, k: OnnxValue) -> str:
    """`[T, S]`: whether a query comes no earlier than a key."""
    places: list[str] = []
    for x, axis in ((q, 1), (k, 0)):
        count = context.node("Squeeze", context.shape((x.type.shape[-2],)), context.ints(0))
        numbers = context.node("Range", filled(context, 0, DType.I64), count, filled(context, 1, DType.I64))
        places.append(context.node("Unsqueeze", numbers, context.ints(axis)))
    return context.node("GreaterOrEqual", *places)
