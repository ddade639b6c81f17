"""Tensors of given numbers: a number and sizes, or lists of numbers, go in; the tensor that holds them comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import at_least
from ghndsl.ops.lowering import filled, numpy_type
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, DType, TensorType

if TYPE_CHECKING:
    import torch

    Values: TypeAlias = bool | int | float | tuple["Values", ...]
else:
    # A signature cannot describe lists in lists, so it lets everything through and the operator looks itself.
    Values: TypeAlias = object

Element: TypeAlias = Literal["f16", "bf16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "bool"]
"""The word of an element type."""


@record
class Full(Operator):
    """The number `fill_value` everywhere: `full((N, 64), 0.5)`; its element type is the number's unless told."""

    name: ClassVar[str] = "full"
    torch_name: ClassVar[str] = "torch.full"
    tensors: ClassVar[int | None] = 0

    size: tuple[Dim, ...]
    fill_value: bool | int | float
    dtype: Element | None = None

    def __post_init__(self) -> None:
        _settle(self, "fill_value", self.fill_value, self.dtype)
        at_least(self, 1, "size")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        return (TensorType(self.size, DType(self.dtype or "f32")),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        sizes = [mode.size(size) for size in self.size]
        return (torch.full(sizes, self.fill_value, dtype=torch_type(self.dtype), device=mode.device),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        sizes = f"({code.values('size', self.size)}{',' * (len(self.size) == 1)})"
        dtype = code.dtype(self.dtype or "f32")
        return (
            f"torch.full({sizes}, {code.value('fill_value', self.fill_value)}, dtype={dtype}, device={code.device()})"
        )

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (expanded(context, self.fill_value, *self.infer()),)


@record
class Constant(Operator):
    """The numbers of a list, of a list of equally long lists, and so on, or of one number, as `torch.tensor` has them.

    The element type is `i64` for whole numbers, `bool` for truth values and else `f32`, unless told.

    >>> Constant(((1, 2, 3), (4, 5, 6))).infer()
    (TensorType(shape=(2, 3), dtype=<DType.I64: 'i64'>),)
    """

    name: ClassVar[str] = "constant"
    torch_name: ClassVar[str] = "torch.tensor"
    tensors: ClassVar[int | None] = 0

    values: Values
    dtype: Element | None = None

    def __post_init__(self) -> None:
        _settle(self, "values", self.values, self.dtype)

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        return (self._type,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        return (torch.tensor(self.values, dtype=torch_type(self.dtype), device=mode.device),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        dtype = code.dtype(self.dtype or "f32")
        return f"torch.tensor({code.value('values', self.values)}, dtype={dtype}, device={code.device()})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        import numpy as np

        return (context.constant(np.array(self.values, numpy_type(self._type.dtype))),)

    @cached_property
    def _type(self) -> TensorType:
        return TensorType(_shape("values", self.values), DType(self.dtype or "f32"))


def torch_type(dtype: Element | None) -> torch.dtype:
    """torch's element type, `f32` when none is named."""
    import torch

    kind: torch.dtype = getattr(torch, DType(dtype or "f32").torch_name)
    return kind


def expanded(context: OnnxContext, value: float, kind: TensorType) -> str:
    """One number in a shape that may be known only when the model runs."""
    scalar = filled(context, value, kind.dtype)
    return context.node("Expand", scalar, context.shape(kind.shape)) if kind.shape else scalar


def _settle(op: Operator, name: str, values: Values, dtype: Element | None) -> None:
    """Gives the numbers of an attribute the kind that the element type has, and writes down any but `f32`.

    1, 1.0 and true are equal in Python, and operators are to be equal only when their results are.
    """
    numbers = _numbers(name, values)
    if any(not math.isfinite(n) if isinstance(n, float) else abs(n) >= 2**63 for n in numbers):
        raise ValueError(f"`{name}` of `{op.name}` must be finite, and whole numbers below 2 ** 63")
    kind = DType(dtype) if dtype else _natural(numbers)
    object.__setattr__(op, name, _converted(op, name, values, kind))
    object.__setattr__(op, "dtype", None if kind is DType.F32 else kind.value)


def _numbers(name: str, values: Values) -> list[bool | int | float]:
    """All numbers in lists of lists, in order; raises ValueError where something else stands."""
    if isinstance(values, tuple):
        return [number for item in values for number in _numbers(name, item)]
    if not _is_number(values):
        raise ValueError(f"`{name}` is made of numbers, not {values}")
    return [values]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _natural(numbers: Sequence[bool | int | float]) -> DType:
    kinds = set(map(type, numbers))
    return DType.BOOL if kinds == {bool} else DType.F32 if float in kinds else DType.I64


def _converted(op: Operator, name: str, values: Values, kind: DType) -> Values:
    if isinstance(values, tuple):
        return tuple(_converted(op, name, item, kind) for item in values)
    if not kind.holds(values):
        raise ValueError(f"`{name}` of `{op.name}` holds {values}, which is no {kind}")
    if kind is DType.BOOL:
        return bool(values)
    return float(values) if kind.is_float else int(values)


def _shape(name: str, values: Values) -> tuple[int, ...]:
    """The sizes of lists of lists; raises `ShapeError` where they differ or are empty."""
    if not isinstance(values, tuple):
        return ()
    shapes = {_shape(name, item) for item in values}
    if len(shapes) != 1:
        raise ShapeError(f"the lists in `{name}` have several lengths" if shapes else f"a list in `{name}` is empty")
    return (len(values), *shapes.pop())
