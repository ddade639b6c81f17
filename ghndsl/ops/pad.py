"""A tensor goes in; the tensor with numbers put before and after its last dimensions, or cut off there, comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import floats
from ghndsl.ops.lowering import filled, onnx_pads, sliced, wrapped
from ghndsl.records import record
from ghndsl.types import Dim, TensorType, is_empty, show_shape

_MODES = {"reflect": "reflect", "replicate": "edge"}
"""What ONNX calls them."""
_END = 2**63 - 1


@record
class Pad(Operator):
    """`value`, or what `mode` says, before and after the last dimensions; a negative number cuts off.

    `pad` is in torch's order: before and after the last dimension, then the one before it, and so on. `reflect` mirrors
    at the edges, `replicate` repeats them, `circular` goes on with the other end.

    >>> Pad((1, 2, 0, -3)).infer(TensorType((8, 4, 9, 9)))[0].shape
    (8, 4, 6, 12)
    """

    name: ClassVar[str] = "pad"
    torch_name: ClassVar[str] = "torch.nn.functional.pad"

    pad: tuple[Dim, ...]
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant"
    value: float = 0.0

    def __post_init__(self) -> None:
        if len(self.pad) % 2 or not self.pad:
            raise ValueError(f"`pad` has two numbers for each dimension, before and after it, not {len(self.pad)}")
        if not math.isfinite(self.value):
            raise ValueError(f"`value` of `pad` must be finite, not {self.value}")
        if self.value and self.mode != "constant":
            raise ValueError(f"`value` of `pad` goes with mode constant, not with {self.mode}")
        if self.mode != "constant" and not all(isinstance(number, int) for number in self.pad):
            raise ValueError(f"`pad` in mode {self.mode} takes known numbers alone")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        self._check(x)
        sizes = [size + before + after for size, (before, after) in zip(x.shape, self._pads(x.rank), strict=True)]
        if any(map(is_empty, sizes)):
            raise ShapeError(f"`pad` leaves nothing of the shape {show_shape(x.shape)}")
        return (x.with_shape(*sizes),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        pads = [mode.number(number) for number in self.pad]
        try:
            y = functional.pad(x, pads, self.mode, self.value if self.mode == "constant" else None)
        except RuntimeError as error:
            raise ValueError(f"`pad` by {tuple(pads)} does not fit the shape {show_shape(tuple(x.shape))}") from error
        if 0 in y.shape:
            raise ValueError(f"`pad` leaves nothing of the shape {show_shape(tuple(x.shape))}")
        return (y,)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        pads = self._pads(x.type.rank)
        if self.mode == "constant":
            numbers = context.shape((*(before for before, _ in pads), *(after for _, after in pads)))
            return (context.node("Pad", x.name, numbers, filled(context, self.value, x.type.dtype)),)
        known = [(before, after) for before, after in pads if isinstance(before, int) and isinstance(after, int)]
        more = [(max(before, 0), max(after, 0)) for before, after in known]
        less = [(min(before, 0), min(after, 0)) for before, after in known]
        if self.mode == "circular":
            # What is cut off is gone before the ends are joined.
            return (wrapped(context, _cut(context, x.name, less), more, first=0),)
        padded = context.node("Pad", x.name, context.ints(*onnx_pads(more)), mode=_MODES[self.mode])
        return (_cut(context, padded, less),)

    def _pads(self, rank: int) -> list[tuple[Dim, Dim]]:
        """Before and after each dimension, the first dimension first."""
        pairs = list(zip(self.pad[::2], self.pad[1::2], strict=True))
        return [(0, 0)] * (rank - len(pairs)) + pairs[::-1]

    def _check(self, x: TensorType) -> None:
        """Raises `ShapeError` for what torch does not pad."""
        count = len(self.pad) // 2
        if count > x.rank:
            raise ShapeError(f"`pad` of {count} dimensions cannot take the shape {show_shape(x.shape)}")
        if self.mode != "constant":
            floats(self, x)
            if count > 3 or x.rank not in (count + 1, count + 2):
                raise ShapeError(
                    f"`pad` in mode {self.mode} pads all but a batch and channels, "
                    f"not {count} dimension{'s' * (count > 1)} of {show_shape(x.shape)}"
                )
        elif not x.dtype.holds(self.value):
            raise ShapeError(f"`value` of `pad` is {self.value:g}, which is no {x.dtype}")
        for size, pads in zip(x.shape, self._pads(x.rank), strict=True):
            known = [number for number in pads if isinstance(number, int)]
            if isinstance(size, int) and len(known) == 2:
                self._check_size(size, *known)

    def _check_size(self, size: int, before: int, after: int) -> None:
        """Of what is cut off something must be left, and enough of it for what the mode takes from it."""
        left = size + min(before, 0) + min(after, 0)
        source, least = {"reflect": (size, 1), "circular": (left, 0)}.get(self.mode, (size, -max(before, after)))
        if left < 0 or (left == 0 and self.mode == "circular"):
            raise ShapeError(f"`pad` cannot cut {-min(before, 0) - min(after, 0)} off a size of {size}")
        if source < max(before, after) + least:
            raise ShapeError(f"`pad` cannot pad a size of {source} by {max(before, after)} in mode {self.mode}")


def _cut(context: OnnxContext, x: str, pads: Sequence[tuple[int, int]]) -> str:
    """x without as many numbers at the ends of each dimension as negative pads say."""
    for dim, (before, after) in enumerate(pads):
        if before or after:
            x = sliced(context, x, dim, -before, after or _END)
    return x
