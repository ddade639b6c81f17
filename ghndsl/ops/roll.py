"""A tensor goes in; the same numbers, moved along dimensions and in again at the other end, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, Tensors
from ghndsl.ops.checks import axis
from ghndsl.ops.lowering import reshaped, sliced
from ghndsl.records import record
from ghndsl.types import Dim, TensorType, least, product

_END = 2**63 - 1


@record
class Roll(Operator):
    """Numbers moved by `shifts` places along `dims`, those that leave at one end coming in at the other.

    Without `dims` the tensor is rolled as if it were flat.

    >>> Roll((-1, 2), (1, 2)).infer(TensorType((8, 4, 4)))[0].shape
    (8, 4, 4)
    """

    name: ClassVar[str] = "roll"
    torch_name: ClassVar[str] = "torch.roll"

    shifts: Dim | tuple[Dim, ...]
    dims: int | tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        shifts, dims = self._shifts, self._dims
        if dims is None and len(shifts) != 1:
            raise ValueError("`shifts` of `roll` must be one number where no `dims` are given")
        if dims is not None and (len(shifts) != len(dims) or not dims):
            raise ValueError(f"`roll` needs a shift for each dimension, not {len(shifts)} for {len(dims)}")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        for dim in self._dims or ():
            axis(self, dim, x.rank, "dims")
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        shifts = [mode.number(shift) for shift in self._shifts]
        return (inputs[0].roll(shifts, self._dims or ()),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if self._dims is None:
            flat = OnnxValue(
                context.node("Reshape", x.name, context.ints(-1)), x.type.with_shape(product(x.type.shape))
            )
            turned = OnnxValue(rolled(context, flat, 0, self._shifts[0]), flat.type)
            return (reshaped(context, turned, x.type.shape),)
        for dim, shift in zip(self._dims, self._shifts, strict=True):
            x = OnnxValue(rolled(context, x, axis(self, dim, x.type.rank), shift), x.type)
        return (x.name,)

    @property
    def _shifts(self) -> tuple[Dim, ...]:
        return self.shifts if isinstance(self.shifts, tuple) else (self.shifts,)

    @property
    def _dims(self) -> tuple[int, ...] | None:
        return (self.dims,) if isinstance(self.dims, int) else self.dims


def rolled(context: OnnxContext, x: OnnxValue, dim: int, shift: Dim) -> str:
    """x rolled along one dimension: its end, then its beginning."""
    size = x.type.shape[dim]
    if isinstance(shift, int) and isinstance(size, int):
        shift %= size
    if shift == 0:
        return x.name
    if isinstance(shift, int) and abs(shift) <= (least(size) or 0):
        parts = (sliced(context, x.name, dim, -shift, _END), sliced(context, x.name, dim, 0, -shift))
        return context.node("Concat", *parts, axis=dim)
    # How often the shift goes around is told when the model runs: the remainder has the sign of the size.
    length = context.shape((size,))
    place = context.node("Sub", length, context.node("Mod", context.shape((shift,)), length))
    axes, first = context.ints(dim), context.ints(0)
    parts = (
        context.node("Slice", x.name, place, context.ints(_END), axes),
        context.node("Slice", x.name, first, place, axes),
    )
    return context.node("Concat", *parts, axis=dim)
