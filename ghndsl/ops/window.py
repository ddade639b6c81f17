"""A size and a sliding window go in; the padding it needs and the number of its places come out."""

from __future__ import annotations

from typing import NamedTuple

from ghndsl.ops.base import Operator, ShapeError, Size
from ghndsl.ops.checks import per_dimension
from ghndsl.types import Dim


class Window(NamedTuple):
    """A window along one dimension; `before` and `after` are the padding, `ceil` allows a last one that hangs over."""

    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    ceil: bool = False

    @property
    def extent(self) -> int:
        """The distance from its first to its last element, both counted.

        >>> Window(3, dilation=2).extent
        5
        """
        return self.dilation * (self.kernel - 1) + 1

    def places(self, op: Operator, size: Dim) -> Dim:
        """How many places it takes along `size`; raises `ShapeError` when it takes none or that cannot be known."""
        room = size + (self.before + self.after - self.extent)
        if isinstance(room, int) and room < 0 and (not self.ceil or room + self.stride - 1 < 0):
            raise ShapeError(self._misfit(op, size))
        if not self.ceil:
            return room // self.stride + 1
        count = (room + (self.stride - 1)) // self.stride + 1
        if self.stride + self.after <= self.extent:
            return count
        if not isinstance(size, int) or not isinstance(count, int):
            raise ShapeError(f"`{op.name}` with `ceil_mode` and these strides needs a known input size, not {size}")
        # As in torch, a last window that would start in the padding after the input is left out.
        return count - 1 if (count - 1) * self.stride >= size + self.before else count

    def misses(self, size: Dim, places: Dim) -> bool:
        """Whether in some place all its elements lie in the padding, as a dilated one's can.

        >>> Window(2, dilation=2, before=1, after=1).misses(1, 1)
        True
        """
        if self.dilation == 1 or not isinstance(size, int) or not isinstance(places, int):
            return False
        starts = (place * self.stride - self.before for place in range(places))
        return not all(any(0 <= start + self.dilation * step < size for step in range(self.kernel)) for start in starts)

    def end_padding(self, size: Dim, places: Dim) -> int:
        """The padding after the input with which a window that never hangs over takes as many places."""
        if not self.ceil:
            return self.after
        if isinstance(size, int) and isinstance(places, int):
            return max(0, (places - 1) * self.stride + self.extent - size - self.before)
        return self.after + self.stride - 1

    def _misfit(self, op: Operator, size: Dim) -> str:
        dilated = f", dilation {self.dilation}," if self.dilation > 1 else ""
        padding = self.before if self.before == self.after else (self.before, self.after)
        return (
            f"`{op.name}` with kernel {self.kernel}{dilated} does not fit an input of size {size} (padding {padding})"
        )


def sliding(
    op: Operator, count: int, kernel: Size, stride: Size, dilation: Size, padding: Size, *, ceil: bool = False
) -> list[Window]:
    """The window along each of `count` dimensions, from an operator's attributes; `padding` is on both sides."""
    if isinstance(kernel, int) and isinstance(stride, int) and isinstance(dilation, int) and isinstance(padding, int):
        return [Window(kernel, stride, dilation, padding, padding, ceil)] * count
    numbers = zip(
        per_dimension(op, "kernel_size", kernel, count),
        per_dimension(op, "stride", stride, count),
        per_dimension(op, "dilation", dilation, count),
        per_dimension(op, "padding", padding, count),
        strict=True,
    )
    return [Window(k, s, d, pad, pad, ceil) for k, s, d, pad in numbers]


def same_padding(op: Operator, window: Window, size: Dim) -> tuple[int, int]:
    """The padding before and after with which the window takes ceil(size / stride) places, the odd one after.

    >>> from ghndsl import ops
    >>> same_padding(ops.Relu(), Window(3, stride=2), 32)
    (0, 1)
    """
    total = window.extent - 1
    if window.stride > 1:
        if not isinstance(size, int):
            raise ShapeError(f'`{op.name}` with padding "same" and a stride needs a known input size, not {size}')
        total = max(0, (-(-size // window.stride) - 1) * window.stride + window.extent - size)
    return total // 2, total - total // 2
