"""A tensor of an ONNX model goes in; the tensor at other sizes, its numbers those that torch comes to, comes out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ghndsl.ops.base import OnnxContext, OnnxValue, ShapeError
from ghndsl.ops.between import between
from ghndsl.ops.lowering import multiplied, numpy_type
from ghndsl.records import record
from ghndsl.types import Dim, DType, Shape, is_static

if TYPE_CHECKING:
    import torch

_FAR = 4096
"""How many places of a dimension of unknown size are looked at."""
_LARGE = 160
"""Beyond this size runtimes and torch round places so differently that numbers are told apart by 1e-4."""
_GROWS = 1.5
"""The factor from which on every size above 1 grows."""


@record
class Resample:
    """How torch makes a tensor larger or smaller: by which filter, and how it compares places.

    `factors` are those by which places are compared; without them it is the quotient of the sizes.
    """

    mode: str
    factors: tuple[float, ...] | None = None
    align_corners: bool = False
    antialias: bool = False

    def onnx(self, context: OnnxContext, x: OnnxValue, places: Shape) -> str:
        """The ONNX nodes; raises `ShapeError` for what no node computes as torch does."""
        sizes = x.type.shape[2:]
        if places == sizes and self._copies():
            return x.name
        if self.mode.startswith("nearest"):
            return self._nearest(context, x, places)
        if self._is_resize(x.type.dtype, sizes, places):
            is_exact = is_static(*sizes, *places) or self._is_doubled(sizes, places)
            return self._resized(context, x, places) if is_exact else self._between(context, x, places)
        for axis, (size, count) in enumerate(zip(sizes, places, strict=True)):
            if not isinstance(size, int) or not isinstance(count, int):
                raise ShapeError(f"`interpolate` in mode {self._told(count)} needs known sizes in ONNX, not {size}")
            matrix = self._of_units(axis, size, count).numpy().astype(numpy_type(x.type.dtype))
            x = multiplied(context, x, axis + 2, context.constant(matrix), count)
        return x.name

    def _told(self, count: Dim) -> str:
        by = f" to {count}" if self.factors is None else f" by {', '.join(f'{factor:g}' for factor in self.factors)}"
        return f"{self.mode}{' with antialias' if self.antialias else by}"

    @property
    def _is_linear(self) -> bool:
        return self.mode.endswith("linear") and not self.antialias

    def _copies(self) -> bool:
        """Whether torch hands on a tensor whose sizes stay, even where the factor is not quite 1."""
        return self.antialias or self._is_linear or set(self.factors or (1.0,)) == {1.0}

    def _is_resize(self, dtype: DType, sizes: Shape, places: Shape) -> bool:
        """Whether runtimes have the filter, and come to the same sizes and numbers in their arithmetic of 32 bits."""
        # Runtimes copy a tensor whose sizes stay.
        if self.antialias or places == sizes:
            return False
        known = [size for size in sizes if isinstance(size, int)]
        if is_static(*sizes, *places) and (dtype is not DType.F32 or max(known) > _LARGE):
            return False
        return self.factors is None or all(
            _rounds_to(size, factor, count)
            if isinstance(size, int) and isinstance(count, int)
            else not 1 < factor < _GROWS
            for size, count, factor in zip(sizes, places, self.factors, strict=True)
        )

    def _is_doubled(self, sizes: Shape, places: Shape) -> bool:
        """Whether places are compared by powers of two, which is exact in 32 bits."""
        if self.factors is not None:
            return all(math.frexp(factor)[0] == 0.5 for factor in self.factors)
        times = [_times(*pair) or _times(*pair[::-1]) for pair in zip(sizes, places, strict=True)]
        return not self.align_corners and all(by and by & (by - 1) == 0 for by in times)

    def _between(self, context: OnnxContext, x: OnnxValue, places: Shape) -> str:
        cubic = self.mode == "bicubic"
        for axis, count in enumerate(places):
            if x.type.shape[axis + 2] != count:
                factor = None if self.factors is None else self.factors[axis]
                x = between(context, x, axis + 2, count, factor, cubic=cubic, align_corners=self.align_corners)
        return x.name

    def _resized(self, context: OnnxContext, x: OnnxValue, places: Shape) -> str:
        factors = self.factors
        if factors is not None and self._is_linear:
            # torch leaves a dimension as it is when its size stays.
            rows = zip(x.type.shape[2:], places, factors, strict=True)
            factors = tuple(1.0 if size == count else factor for size, count, factor in rows)
        corners = "align_corners" if self.align_corners else "half_pixel"
        options = {"coordinate_transformation_mode": corners}
        if self.mode == "bicubic":
            return _resize(context, x, places, factors, mode="cubic", cubic_coeff_a=-0.75, **options)
        return _resize(context, x, places, factors, mode="linear", **options)

    def _nearest(self, context: OnnxContext, x: OnnxValue, places: Shape) -> str:
        pairs = list(zip(x.type.shape[2:], places, strict=True))
        times = [_times(size, count) for size, count in pairs]
        grown = enumerate(zip(x.type.shape[2:], times, strict=True))
        if all(self._repeats(axis, size, by, x.type.rank) for axis, (size, by) in grown):
            factors = tuple(map(float, times))
            return _resize(
                context,
                x,
                places,
                factors,
                mode="nearest",
                nearest_mode="floor",
                coordinate_transformation_mode="asymmetric",
            )
        name = x.name
        for axis, (size, count) in enumerate(pairs):
            if not isinstance(size, int) or not isinstance(count, int):
                raise ShapeError(f"`interpolate` in mode {self._told(count)} needs known sizes in ONNX, not {size}")
            chosen = self._chosen(axis, size, count, x.type.dtype, x.type.rank)
            name = context.node("Gather", name, context.ints(*chosen), axis=axis + 2)
        return name

    def _repeats(self, axis: int, size: Dim, times: int, rank: int) -> bool:
        """Whether torch takes every place as often as the size grows, which it computes with rounding."""
        if not times:
            return False
        near = size if isinstance(size, int) else _FAR
        return self._chosen(axis, near, near * times, DType.F32, rank) == [
            place // times for place in range(near * times)
        ]

    def _chosen(self, axis: int, size: int, count: int, dtype: DType, rank: int) -> list[int]:
        """The place that each of the new ones is taken from: what torch makes of numbers in order."""
        import torch
        from torch.nn import functional

        kind, others = torch.float64 if dtype is DType.F64 else torch.float32, (rank - 3) * (2,)
        # The other dimensions change, lest torch copies.
        numbers = torch.arange(size, dtype=kind).view(1, 1, size, *[1] * len(others)).expand(1, 1, size, *others)
        if self.factors is None:
            found = functional.interpolate(numbers, (count, *[3] * len(others)), None, self.mode)
        else:
            found = functional.interpolate(numbers, None, (self.factors[axis], *[1.5] * len(others)), self.mode)
        return [int(place) for place in found.flatten(2)[0, 0, :: 3 ** len(others)].tolist()]

    def _of_units(self, axis: int, size: int, count: int) -> torch.Tensor:
        """`[size, count]`: what each old place gives to each new one, which is what torch makes of unit vectors."""
        import torch
        from torch.nn import functional

        mode = "bicubic" if self.mode == "bicubic" else "bilinear"
        # The second dimension changes, lest torch copies, and is not 1, of which its antialias makes nonsense.
        units = torch.eye(size).view(1, size, size, 1).expand(1, size, size, 2)
        if self.factors is None:
            found = functional.interpolate(units, (count, 3), None, mode, self.align_corners, antialias=self.antialias)
        else:
            factors = (self.factors[axis], 1.5)
            found = functional.interpolate(units, None, factors, mode, self.align_corners, antialias=self.antialias)
        return found[0, :, :, 0]


def _times(size: Dim, count: Dim) -> int:
    """How often one size goes into another, 0 where that is not whole."""
    times = count // size
    return times if isinstance(times, int) and times * size == count else 0


def _rounds_to(size: int, factor: float, count: int) -> bool:
    """Whether a size times a factor is rounded down to a count in 32 bits too, whatever the product's precision."""
    import numpy as np

    short = np.float32(factor)
    return int(short * np.float32(size)) == int(float(short) * size) == count


def _resize(
    context: OnnxContext, x: OnnxValue, places: Shape, factors: tuple[float, ...] | None, **options: str | float
) -> str:
    import numpy as np

    if factors is not None:
        return context.node("Resize", x.name, "", context.constant(np.array((1, 1, *factors), np.float32)), **options)
    if context.opset < 18:
        return context.node("Resize", x.name, "", "", context.shape((*x.type.shape[:2], *places)), **options)
    axes = range(2, x.type.rank)
    return context.node("Resize", x.name, "", "", context.shape(places), axes=axes, **options)
