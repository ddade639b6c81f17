"""Tensors told by their sizes alone: sizes go in; zeros, ones or the numbers in order come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import at_least
from ghndsl.ops.constant import Element, expanded, torch_type
from ghndsl.ops.lowering import cast
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, DType, TensorType, is_empty


@record
class _Uniform(Operator):
    """One number everywhere."""

    tensors: ClassVar[int | None] = 0
    rest: ClassVar[str | None] = "size"
    value: ClassVar[int] = 0

    size: tuple[Dim, ...]
    dtype: Element = field(default="f32", kw_only=True)

    def __post_init__(self) -> None:
        at_least(self, 1, "size")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        return (TensorType(self.size, DType(self.dtype)),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        sizes = [mode.size(size) for size in self.size]
        return (torch.full(sizes, self.value, dtype=torch_type(self.dtype), device=mode.device),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        sizes = f"({code.values('size', self.size)}{',' * (len(self.size) == 1)})"
        dtype = f", dtype={code.dtype(self.dtype)}" if self.dtype != "f32" else ""
        return f"{self.torch_name}({sizes}{dtype}, device={code.device()})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (expanded(context, self.value, *self.infer()),)


@record
class Zeros(_Uniform):
    """Zeros of the sizes given: `zeros(N, 64)`."""

    name: ClassVar[str] = "zeros"
    torch_name: ClassVar[str] = "torch.zeros"


@record
class Ones(_Uniform):
    """Ones of the sizes given: `ones(N, 64)`."""

    name: ClassVar[str] = "ones"
    torch_name: ClassVar[str] = "torch.ones"
    value: ClassVar[int] = 1


@record
class Arange(Operator):
    """The numbers from a start to before an end, by a step: `arange(T)`, `arange(1, 9)`, `arange(8, 0, -2)`."""

    name: ClassVar[str] = "arange"
    torch_name: ClassVar[str] = "torch.arange"
    tensors: ClassVar[int | None] = 0
    rest: ClassVar[str | None] = "bounds"

    bounds: tuple[Dim, ...]
    dtype: Element = field(default="i64", kw_only=True)

    def __post_init__(self) -> None:
        if not 1 <= len(self.bounds) <= 3:
            raise ValueError("`arange` takes an end, or a start and an end, or these and a step")
        if not isinstance(self._parts[2], int) or self._parts[2] == 0:
            raise ValueError(f"the step of `arange` must be a number other than 0, not {self._parts[2]}")
        if self.dtype == "bool":
            raise ValueError("`arange` counts in numbers, not truth values")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        start, end, step = self._parts
        assert isinstance(step, int)
        room, stride = (end - start, step) if step > 0 else (start - end, -step)
        length = (room + (stride - 1)) // stride
        if is_empty(length):
            raise ShapeError(f"`arange` from {start} to {end} by {step} is empty")
        self._check_numbers(length)
        return (TensorType((length,), DType(self.dtype)),)

    def _check_numbers(self, length: Dim) -> None:
        """Refuses a first or last number that the element type does not have."""
        start, _, step = self._parts
        for number in (start, start + (length - 1) * step):
            if isinstance(number, int) and not DType(self.dtype).holds(number):
                raise ShapeError(f"`arange` comes to {number}, which is no {self.dtype}")

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        mode.size(self.infer()[0].shape[0])
        parts = [mode.number(part) for part in self._parts]
        return (torch.arange(*parts, dtype=torch_type(self.dtype), device=mode.device),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        dtype = f", dtype={code.dtype(self.dtype)}" if self.dtype != "i64" else ""
        return f"torch.arange({code.values('bound', self.bounds)}{dtype}, device={code.device()})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        parts = [context.node("Squeeze", context.shape((part,)), context.ints(0)) for part in self._parts]
        count = context.node("Range", *parts)
        return (count if self.dtype == "i64" else cast(context, count, DType(self.dtype)),)

    @property
    def _parts(self) -> tuple[Dim, Dim, Dim]:
        """The start, the end and the step."""
        start, end = (0, self.bounds[0]) if len(self.bounds) == 1 else self.bounds[:2]
        return start, end, self.bounds[2] if len(self.bounds) > 2 else 1
