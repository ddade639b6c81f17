"""Images `[N, H, W, C]` go in; their windows `[N, count, T, C]`, shifted and padded as told, come out, and go back."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ghndsl.ops.base import OnnxContext, OnnxValue
from ghndsl.ops.lowering import filled, numpy_type, sliced
from ghndsl.ops.roll import rolled
from ghndsl.records import record
from ghndsl.types import DType, TensorType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

_BEFORE = -100.0
"""What is added to the attention between places that are neighbours only by the shift, as torchvision has it."""


@lru_cache(maxsize=64)
def partition(height: int, width: int, window: tuple[int, int], shift: tuple[int, int]) -> Partition:
    """How an image is cut; made once for each of its kind, with its mask."""
    return Partition(height, width, window, shift)


@record
class Partition:
    """How an image is cut into windows: its size and the window's, and how far all is shifted beforehand."""

    height: int
    width: int
    window: tuple[int, int]
    asked: tuple[int, int]

    @cached_property
    def padded(self) -> tuple[int, int]:
        """The size, made up to whole windows."""
        down, along = self.window
        return -(-self.height // down) * down, -(-self.width // along) * along

    @cached_property
    def counts(self) -> tuple[int, int]:
        """How many windows there are down and along."""
        return self.padded[0] // self.window[0], self.padded[1] // self.window[1]

    @property
    def count(self) -> int:
        """How many windows there are."""
        return self.counts[0] * self.counts[1]

    @property
    def places(self) -> int:
        """How many places a window has."""
        return self.window[0] * self.window[1]

    @cached_property
    def shift(self) -> tuple[int, int]:
        """The shift; none where one window covers all, for it would tear what is one."""
        down, along = (
            0 if one >= size else by for one, size, by in zip(self.window, self.padded, self.asked, strict=True)
        )
        return down, along

    @cached_property
    def mask(self) -> npt.NDArray[np.float32] | None:
        """`[count, 1, T, T]`, what is added between places that the shift has brought together; None without one."""
        import numpy as np

        if not any(self.shift):
            return None
        areas = [np.zeros(size, np.int64) for size in self.padded]
        for area, window, shift in zip(areas, self.window, self.shift, strict=True):
            # The last window holds what stood before it and, behind the shift's edge, what came from the other end.
            area[-window:] += 1
            area[max(0, len(area) - shift) :] += 1
        whole = areas[0][:, None] * 3 + areas[1]
        (rows, columns), (down, along) = self.counts, self.window
        own = whole.reshape(rows, down, columns, along).transpose(0, 2, 1, 3).reshape(self.count, 1, self.places)
        return np.where(own[..., None] == own[:, :, None], np.float32(0), np.float32(_BEFORE))

    def masked(self, scores: torch.Tensor) -> torch.Tensor:
        """`[N, count, heads, T, T]` with what is added."""
        if self.mask is None:
            return scores
        import torch

        return scores + torch.from_numpy(self.mask).to(scores)

    def cut(self, x: torch.Tensor) -> torch.Tensor:
        """`[N, count, T, C]` of `[N, H, W, C]`."""
        from torch.nn import functional

        below, beside = self.padded[0] - self.height, self.padded[1] - self.width
        if below or beside:
            x = functional.pad(x, (0, 0, 0, beside, 0, below))
        if any(self.shift):
            x = x.roll([-by for by in self.shift], (1, 2))
        parts = x.view(x.shape[0], self.counts[0], self.window[0], self.counts[1], self.window[1], x.shape[3])
        return parts.permute(0, 1, 3, 2, 4, 5).reshape(x.shape[0], self.count, self.places, x.shape[3])

    def joined(self, x: torch.Tensor) -> torch.Tensor:
        """`[N, H, W, C]` of `[N, count, T, C]`."""
        parts = x.view(x.shape[0], *self.counts, *self.window, x.shape[3])
        y = parts.permute(0, 1, 3, 2, 4, 5).reshape(x.shape[0], *self.padded, x.shape[3])
        if any(self.shift):
            y = y.roll(self.shift, (1, 2))
        return y[:, : self.height, : self.width].contiguous()

    def onnx_cut(self, context: OnnxContext, x: OnnxValue) -> str:
        """`cut` as ONNX nodes."""
        name, width = x.name, int(str(x.type.shape[3]))
        below, beside = self.padded[0] - self.height, self.padded[1] - self.width
        if below or beside:
            name = context.node(
                "Pad", name, context.ints(0, 0, 0, 0, 0, below, beside, 0), filled(context, 0, x.type.dtype)
            )
        name = self._onnx_rolled(context, name, x.type, -1)
        (rows, columns), (down, along) = self.counts, self.window
        name = context.node("Reshape", name, context.ints(0, rows, down, columns, along, width))
        name = context.node("Transpose", name, perm=(0, 1, 3, 2, 4, 5))
        return context.node("Reshape", name, context.ints(0, self.count, self.places, width))

    def onnx_joined(self, context: OnnxContext, x: str, kind: TensorType) -> str:
        """`joined` as ONNX nodes; `kind` is the type of the result."""
        name = context.node("Reshape", x, context.ints(0, *self.counts, *self.window, int(str(kind.shape[3]))))
        name = context.node("Transpose", name, perm=(0, 1, 3, 2, 4, 5))
        name = context.node("Reshape", name, context.ints(0, *self.padded, int(str(kind.shape[3]))))
        name = self._onnx_rolled(context, name, kind, 1)
        for axis, size, padded in ((1, self.height, self.padded[0]), (2, self.width, self.padded[1])):
            name = sliced(context, name, axis, 0, size) if padded > size else name
        return name

    def onnx_mask(self, context: OnnxContext, dtype: DType) -> str | None:
        """`mask` as a constant."""
        return None if self.mask is None else context.constant(self.mask.astype(numpy_type(dtype)))

    def _onnx_rolled(self, context: OnnxContext, x: str, kind: TensorType, sign: int) -> str:
        whole = kind.with_shape(kind.shape[0], *self.padded, kind.shape[3])
        for axis, shift in enumerate(self.shift, start=1):
            x = rolled(context, OnnxValue(x, whole), axis, sign * shift)
        return x
