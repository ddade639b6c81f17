"""Interpolation: channels over any sizes go in; the same picture at other sizes comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, TypeVar

from ghndsl.ops.adaptive import AdaptiveAvgPool
from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import at_least, spatial
from ghndsl.ops.half import source_widened, widened
from ghndsl.ops.python import SourceContext
from ghndsl.ops.resample import Resample
from ghndsl.records import record
from ghndsl.types import Dim, Shape, TensorType, is_empty, show_shape

_Number = TypeVar("_Number", Dim, float)

_RANKS = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}
"""The rank of what each mode takes; the others take any."""
_NARROW = "`interpolate` with `antialias` to a width of 1 is not to be had: torch 2.14 comes to wrong numbers there"
_FINEST = 1024
"""Factors that are fractions of a power of two up to this one are exact for every size."""


@record
class Interpolate(Operator):
    """The input at another `size`, or `scale_factor` times as large, as `torch.nn.functional.interpolate` has it.

    Places are compared by their centres, or with `align_corners` by their corners; `antialias` widens the filter where
    the picture shrinks. With `recompute_scale_factor` the factor is the quotient of the sizes that came out.

    >>> Interpolate(scale_factor=1.7, mode="bilinear").infer(TensorType((8, 3, 9, 5)))[0].shape
    (8, 3, 15, 8)
    """

    name: ClassVar[str] = "interpolate"
    torch_name: ClassVar[str] = "torch.nn.functional.interpolate"

    size: Dim | tuple[Dim, ...] | None = None
    scale_factor: float | tuple[float, ...] | None = None
    mode: Literal["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"] = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None
    antialias: bool = False

    def __post_init__(self) -> None:
        at_least(self, 1, "size")
        if (self.size is None) == (self.scale_factor is None):
            raise ValueError("`interpolate` takes either `size` or `scale_factor`")
        if not all(0 < factor < math.inf for factor in self._factors):
            raise ValueError(f"`scale_factor` of `interpolate` must be above 0, not {self.scale_factor}")
        if self.recompute_scale_factor and self.size is not None:
            raise ValueError("`recompute_scale_factor` of `interpolate` goes with `scale_factor` alone")
        if self.align_corners is not None and self.mode not in _RANKS:
            raise ValueError(f"`align_corners` of `interpolate` says nothing in mode {self.mode}")
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise ValueError(f"`antialias` of `interpolate` goes with bilinear and bicubic, not with {self.mode}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        sizes = spatial(self, x)
        if x.rank != _RANKS.get(self.mode, x.rank):
            fit = next(mode for mode, rank in _RANKS.items() if rank == x.rank)
            raise ShapeError(
                f"`interpolate` in mode {self.mode} cannot take the shape {show_shape(x.shape)}",
                help=f'its mode is `mode="{fit}"`',
            )
        places = self._places(sizes)
        if any(map(is_empty, places)):
            raise ShapeError(f"`interpolate` leaves nothing of the shape {show_shape(x.shape)}")
        if self.antialias and places[1] == 1:
            raise ShapeError(_NARROW)
        self._check_unchanged(sizes, places)
        return (x.with_shape(*x.shape[:2], *places),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        x = widened(x) if self.antialias else x
        size = None if self.size is None else [mode.size(size) for size in self._per_dimension(self.size, x.dim() - 2)]
        factors = None if self.scale_factor is None else self._per_dimension(self.scale_factor, x.dim() - 2)
        options = {"align_corners": self.align_corners, "recompute_scale_factor": self.recompute_scale_factor}
        y = functional.interpolate(x, size, factors, self.mode, antialias=self.antialias, **options)
        if self.antialias and y.shape[3] == 1:
            raise ValueError(_NARROW)
        return (y.to(inputs[0].dtype),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        x, back = source_widened(code, inputs[0], types[0].dtype) if self.antialias else (inputs[0], "")
        return super().source(code, [x], *types) + back

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        places = self._places(x.type.shape[2:])
        if self.mode == "area":
            counts = tuple(count for count in places if isinstance(count, int))
            unknown = [size for size in (*x.type.shape[2:], *places) if not isinstance(size, int)]
            if unknown and set(places) != {1}:
                raise ShapeError(f"`interpolate` in mode area needs known sizes in ONNX, not {unknown[0]}")
            return AdaptiveAvgPool(counts).onnx(context, inputs, weights)
        own = self.scale_factor is not None and not self.recompute_scale_factor and not self.align_corners
        factors = self._per_dimension(self.scale_factor, len(places)) if self.scale_factor is not None and own else None
        way = Resample(self.mode, factors, align_corners=bool(self.align_corners), antialias=self.antialias)
        return (way.onnx(context, x, places),)

    def _check_unchanged(self, sizes: Shape, places: Shape) -> None:
        """Refuses a factor that leaves a size: torch copies the places or moves them, as device and layout have it."""
        is_split = self.mode in _RANKS or (self.mode == "nearest" and len(sizes) == 2)
        if self.scale_factor is None or not is_split or self.align_corners or self.recompute_scale_factor:
            return
        factors = self._per_dimension(self.scale_factor, len(sizes))
        for size, place, factor in zip(sizes, places, factors, strict=True):
            if size == place and factor != 1:
                raise ShapeError(
                    f"`interpolate` by {factor:g} leaves the size {size}, where torch's kernels disagree",
                    help="give `size`, or `recompute_scale_factor=true`",
                )

    @property
    def _factors(self) -> tuple[float, ...]:
        if self.scale_factor is None:
            return ()
        return self.scale_factor if isinstance(self.scale_factor, tuple) else (self.scale_factor,)

    def _places(self, sizes: Shape) -> Shape:
        """The sizes that come out."""
        if self.size is not None:
            return self._per_dimension(self.size, len(sizes))
        assert self.scale_factor is not None
        factors = self._per_dimension(self.scale_factor, len(sizes))
        return tuple(_scaled(size, factor) for size, factor in zip(sizes, factors, strict=True))

    def _per_dimension(self, value: _Number | tuple[_Number, ...], count: int) -> tuple[_Number, ...]:
        if not isinstance(value, tuple):
            return (value,) * count
        if len(value) != count:
            name = "size" if self.scale_factor is None else "scale_factor"
            raise ShapeError(
                f"`{name}` of `interpolate` has {len(value)} number{'s' * (len(value) != 1)}, "
                f"and its input has {count} spatial dimension{'s' * (count != 1)}"
            )
        return value


def _scaled(size: Dim, factor: float) -> Dim:
    """floor(size * factor), as torch computes it."""
    if isinstance(size, int):
        return math.floor(size * factor)
    above, below = factor.as_integer_ratio()
    if below > _FINEST:
        raise ShapeError(f"`interpolate` by {factor:g} needs a known input size, not {size}")
    return size * above // below
