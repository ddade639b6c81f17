"""A tensor of an ONNX model and the new size of one axis go in; what lies between its places, along it, comes out."""

from __future__ import annotations

from ghndsl.ops.base import OnnxContext, OnnxValue
from ghndsl.ops.lowering import cast, filled
from ghndsl.types import Dim, DType

_LINE = (-1.0, 1.0)
_NEAR, _FAR = (1.25, -2.25, 0.0, 1.0), (-0.75, 3.75, -6.0, 3.0)
"""The weight of a place by its distance, as a polynomial: Keys' two, with -3/4 as torch has it."""
_TAPS = {False: ((0, _LINE), (1, _LINE)), True: ((-1, _FAR), (0, _NEAR), (1, _NEAR), (2, _FAR))}


def between(
    context: OnnxContext,
    x: OnnxValue,
    axis: int,
    count: Dim,
    factor: float | None,
    *,
    cubic: bool,
    align_corners: bool,
) -> OnnxValue:
    """x with one axis made `count` long, its sizes unknown: `Resize` rounds places by more than torch does."""
    size = x.type.shape[axis]
    place = _places(context, size, count, factor, x.type.dtype, align_corners=align_corners)
    if not cubic:
        place = context.node("Max", place, filled(context, 0, DType.F64))
    low, last = context.node("Floor", place), _plus(context, _number(context, size), -1)
    parts: list[str] = []
    for offset, polynomial in _TAPS[cubic]:
        near = context.node("Add", low, filled(context, offset, DType.F64))
        share = _polynomial(context, polynomial, context.node("Abs", context.node("Sub", place, near)))
        index = context.node("Max", cast(context, near, DType.I64), filled(context, 0, DType.I64))
        picked = context.node("Gather", x.name, context.node("Min", index, last), axis=axis)
        column = context.ints(-1, *[1] * (x.type.rank - axis - 1))
        parts.append(context.node("Mul", picked, context.node("Reshape", cast(context, share, x.type.dtype), column)))
    shape = (*x.type.shape[:axis], count, *x.type.shape[axis + 1 :])
    return OnnxValue(context.node("Sum", *parts), x.type.with_shape(*shape))


def _places(
    context: OnnxContext, size: Dim, count: Dim, factor: float | None, dtype: DType, *, align_corners: bool
) -> str:
    """Where each new place lies among the old ones, rounded as torch does: first the step, then the place."""
    sizes = [_number(context, size), _number(context, count)]
    numbers = context.node("Range", filled(context, 0, DType.I64), sizes[1], filled(context, 1, DType.I64))
    new = cast(context, numbers, DType.F64)
    if align_corners:
        old, most = (_plus(context, number, -1) for number in sizes)
        sizes = [old, context.node("Max", most, filled(context, 1, DType.I64))]
    wide = [cast(context, number, DType.F64) for number in sizes]
    step = context.node("Div", *wide) if factor is None else filled(context, 1 / factor, DType.F64)
    step = _rounded(context, step, dtype)
    if align_corners:
        return _rounded(context, context.node("Mul", new, step), dtype)
    half = filled(context, 0.5, DType.F64)
    moved = context.node("Mul", context.node("Add", new, half), step)
    return _rounded(context, context.node("Sub", moved, half), dtype)


def _polynomial(context: OnnxContext, coefficients: tuple[float, ...], x: str) -> str:
    """A polynomial's value, its coefficients from the highest power on."""
    value = filled(context, coefficients[0], DType.F64)
    for coefficient in coefficients[1:]:
        value = context.node("Add", context.node("Mul", value, x), filled(context, coefficient, DType.F64))
    return value


def _number(context: OnnxContext, size: Dim) -> str:
    return context.node("Squeeze", context.shape((size,)), context.ints(0))


def _plus(context: OnnxContext, number: str, more: int) -> str:
    return context.node("Add", number, filled(context, more, DType.I64))


def _rounded(context: OnnxContext, number: str, dtype: DType) -> str:
    """A double as near as torch keeps it for numbers of a type."""
    return number if dtype is DType.F64 else cast(context, cast(context, number, DType.F32), DType.F64)
