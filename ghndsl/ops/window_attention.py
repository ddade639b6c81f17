"""Attention in windows: an image, channels last, goes in; for each place what it attends to in its window comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

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
    Size,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least, floats, known, probability
from ghndsl.ops.continuous_position import coordinates, generated, generator, generator_macs, onnx_generated
from ghndsl.ops.lowering import filled, onnx_linear
from ghndsl.ops.partition import Partition, partition
from ghndsl.ops.pass_through import dropped
from ghndsl.ops.python import SourceContext
from ghndsl.ops.relative_position import INDEX, LEARNED, Pair, index, learned, looked_up, onnx_looked_up, pair
from ghndsl.records import record
from ghndsl.types import Dim, DType, TensorType, show_shape

if TYPE_CHECKING:
    import torch

_SHARPEST = math.log(100)
"""The largest logarithm of a learned scale (arXiv 2111.09883, section 3.2)."""
_ORDER = "the order is `num_heads`, `window_size`, `shift_size`, another than torchvision's; its `dim` is not written"
_CHANNELS_LAST = "channels are last: write `permute(0, 2, 3, 1)` before it, and `permute(0, 3, 1, 2)` after it"


@record
class WindowAttention(Operator):
    """Multi-head attention within windows of `[N, H, W, C]`, as Swin Transformer has it (arXiv 2103.14030, 3.2).

    The order of the first three is another than torchvision's `dim, window_size, shift_size, num_heads`. With a
    `shift_size`, half a window as a rule, the windows lie across those without; an image is padded to whole ones.

    `version=2` compares directions, by a learned scale, and makes its biases by a small network of the offsets (arXiv
    2111.09883). Weights are named as those of torchvision's `ShiftedWindowAttention` and `ShiftedWindowAttentionV2`.
    """

    name: ClassVar[str] = "window_attention"
    torch_name: ClassVar[str] = "torchvision.models.swin_transformer.ShiftedWindowAttention"
    from_input: ClassVar[str | None] = "dim"

    num_heads: int
    window_size: Size
    shift_size: Size = 0
    version: int = 1
    qkv_bias: bool = True
    proj_bias: bool = True
    attention_dropout: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        at_least(self, 1, "num_heads", "window_size")
        at_least(self, 0, "shift_size")
        for shift, size in zip(self._shift, self._window, strict=True):
            if shift >= size:
                message = f"`shift_size` of `window_attention` must be below `window_size` {size}, not {shift}"
                raise ShapeError(message, help=_ORDER)
        if self.version not in (1, 2):
            raise ShapeError(f"`version` of `window_attention` is 1 or 2, not {self.version}", help=_ORDER)
        if self.version == 2 and 1 in self._window:
            raise ValueError("`window_size` of `window_attention` must be at least 2 in version 2")
        probability(self, "attention_dropout")
        probability(self, "dropout")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        if x.rank != 4:
            raise ShapeError(f"`window_attention` takes a tensor [N, H, W, C], not {show_shape(x.shape)}")
        self._partition(x)
        width = known(self, x.shape[3], "last dimension")
        if width % self.num_heads:
            first = x.shape[1]
            is_image = isinstance(first, int) and first % self.num_heads == 0
            message = f"`num_heads` {self.num_heads} does not divide the last dimension, {width}"
            raise ShapeError(message, help=_CHANNELS_LAST if is_image else None)
        return (x,)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x,) = types
        width = known(self, x.shape[3], "last dimension")
        places = index(self._window, is_flat=True)
        projections = (
            *_linear("qkv", width, 3 * width, x.dtype, bias=self.qkv_bias),
            *_linear("proj", width, width, x.dtype, bias=self.proj_bias),
        )
        if self.version == 1:
            return learned(self._window, self.num_heads, x.dtype), *projections, places
        scale = Draw("fill", math.log(10))
        return (
            Weight("logit_scale", (self.num_heads, 1, 1), Role.PARAMETER, dtype=x.dtype, initial=scale),
            *projections,
            *generator(self.num_heads, x.dtype),
            coordinates(self._window, x.dtype),
            places,
        )

    def macs(self, *types: TensorType) -> Dim:
        (x,) = types
        part, width = self._partition(x), known(self, x.shape[3], "last dimension")
        each = 4 * width * width + 2 * part.places * width
        biases = generator_macs(self._window, self.num_heads) if self.version == 2 else 0
        return x.shape[0] * (part.count * part.places * each) + biases

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        part = partition(x.shape[1], x.shape[2], self._window, self._shift)
        windows = part.cut(x)
        packed = functional.linear(windows, weights["qkv.weight"], self._qkv_bias(weights))
        heads = packed.reshape(*windows.shape[:3], 3, self.num_heads, -1).permute(3, 0, 1, 4, 2, 5)
        scores = part.masked(self._scores(heads[0], heads[1], weights) + self._biases(weights))
        shares = dropped(scores.softmax(-1), self.attention_dropout, mode)
        joined = (shares @ heads[2]).transpose(2, 3).reshape(windows.shape)
        y = functional.linear(joined, weights["proj.weight"], weights.get("proj.bias"))
        return (part.joined(dropped(y, self.dropout, mode)),)

    def source_module(self, code: SourceContext, *types: TensorType) -> str | None:
        kind = code.helper("WindowAttention" if self.version == 1 else "WindowAttentionV2")
        values = {"dim": types[0].shape[3], "num_heads": self.num_heads, "window": self._window}
        words = "".join([code.argument(name, value, None, positional=True) for name, value in values.items()])
        words += code.argument("shift", self._shift, (0, 0))
        rest = ("qkv_bias", "proj_bias", "attention_dropout", "dropout")
        words += code.arguments(self, {name: self.attributes[name] for name in rest})
        dtype = "" if types[0].dtype is DType.F32 else f", dtype={code.dtype(types[0].dtype.value)}"
        return f"{kind}({words}{dtype})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        part, dtype = self._partition(x.type), x.type.dtype
        q, k, v = self._onnx_heads(context, part.onnx_cut(context, x), part, x.type, weights)
        scores = self._onnx_scores(context, q, k, x.type, weights)
        added = self._onnx_biases(context, dtype, weights)
        mask = part.onnx_mask(context, dtype)
        added = added if mask is None else context.node("Add", added, mask)
        shares = context.node("Softmax", context.node("Add", scores, added), axis=-1)
        joined = context.node("Transpose", context.node("MatMul", shares, v), perm=(0, 1, 3, 2, 4))
        flat = context.node("Reshape", joined, context.ints(0, part.count, part.places, -1))
        y = onnx_linear(context, flat, weights["proj.weight"], weights.get("proj.bias"))
        return (part.onnx_joined(context, y, x.type),)

    @cached_property
    def _window(self) -> Pair:
        return pair(self, "window_size")

    @cached_property
    def _shift(self) -> Pair:
        return pair(self, "shift_size")

    def _partition(self, x: TensorType) -> Partition:
        height, width = x.shape[1:3]
        if not isinstance(height, int) or not isinstance(width, int):
            raise ShapeError(f"`window_attention` needs a known height and width, not {show_shape(x.shape)}")
        return partition(height, width, self._window, self._shift)

    def _qkv_bias(self, weights: NamedTensors) -> torch.Tensor | None:
        bias = weights.get("qkv.bias")
        if bias is None or self.version == 1:
            return bias
        q, k, v = bias.chunk(3)
        import torch

        # Keys have no bias in version 2; torchvision keeps its place.
        return torch.cat((q, k * 0, v))

    def _scores(self, q: torch.Tensor, k: torch.Tensor, weights: NamedTensors) -> torch.Tensor:
        """`[N, count, heads, T, T]`, how well keys fit queries."""
        if self.version == 1:
            scale: float = q.shape[-1] ** -0.5
            return q * scale @ k.transpose(-2, -1)
        from torch.nn import functional

        sharpness = weights["logit_scale"].clamp(max=_SHARPEST).exp()
        found: torch.Tensor = functional.normalize(q, dim=-1) @ functional.normalize(k, dim=-1).transpose(-2, -1)
        return found * sharpness

    def _biases(self, weights: NamedTensors) -> torch.Tensor:
        if self.version == 1:
            return looked_up(weights[LEARNED], weights[INDEX], self._window)
        return generated(weights, self._window)

    def _onnx_heads(
        self, context: OnnxContext, windows: str, part: Partition, x: TensorType, weights: Mapping[str, str]
    ) -> tuple[str, str, str]:
        """Queries and values `[N, count, heads, T, E]`, and keys turned for their product: the last two exchanged."""
        width = known(self, x.shape[3], "last dimension")
        bias = weights.get("qkv.bias")
        if bias is not None and self.version == 2:
            kept = [filled(context, number, x.dtype, width) for number in (1, 0, 1)]
            bias = context.node("Mul", bias, context.node("Concat", *kept, axis=0))
        packed = onnx_linear(context, windows, weights["qkv.weight"], bias)
        parts = context.nodes("Split", 3, packed, context.ints(width, width, width), axis=3)
        sizes = context.ints(0, part.count, part.places, self.num_heads, -1)
        orders = ((0, 1, 3, 2, 4), (0, 1, 3, 4, 2), (0, 1, 3, 2, 4))
        q, k, v = (
            context.node("Transpose", context.node("Reshape", one, sizes), perm=order)
            for one, order in zip(parts, orders, strict=True)
        )
        return q, k, v

    def _onnx_scores(self, context: OnnxContext, q: str, k: str, x: TensorType, weights: Mapping[str, str]) -> str:
        if self.version == 1:
            scale = (known(self, x.shape[3], "last dimension") // self.num_heads) ** -0.5
            return context.node("MatMul", context.node("Mul", q, filled(context, scale, x.dtype)), k)
        directions = [_onnx_direction(context, one, axis, x.dtype) for one, axis in ((q, -1), (k, -2))]
        sharpness = context.node("Min", weights["logit_scale"], filled(context, _SHARPEST, x.dtype))
        return context.node("Mul", context.node("MatMul", *directions), context.node("Exp", sharpness))

    def _onnx_biases(self, context: OnnxContext, dtype: DType, weights: Mapping[str, str]) -> str:
        if self.version == 1:
            return onnx_looked_up(context, weights[LEARNED], weights[INDEX], self._window)
        return onnx_generated(context, weights, self._window, self.num_heads, dtype)


def _linear(name: str, inputs: int, outputs: int, dtype: DType, *, bias: bool) -> tuple[Weight, ...]:
    kernel = Weight(f"{name}.weight", (outputs, inputs), Role.KERNEL, inputs, dtype)
    return (kernel, Weight(f"{name}.bias", (outputs,), Role.BIAS, inputs, dtype)) if bias else (kernel,)


def _onnx_direction(context: OnnxContext, x: str, axis: int, dtype: DType) -> str:
    """x over its length along one axis, as `functional.normalize`."""
    squares = context.node("ReduceSum", context.node("Mul", x, x), context.ints(axis), keepdims=1)
    length = context.node("Max", context.node("Sqrt", squares), filled(context, 1e-12, dtype))
    return context.node("Div", x, length)
