"""The name of an element type goes in; the element type, with torch's and ONNX's names for it, comes out."""

from __future__ import annotations

import math
from enum import Enum


class DType(Enum):
    """An element type, written as in `f32[N, 3]`.

    >>> DType("f32").torch_name, DType("i64").is_float
    ('float32', False)
    """

    F16 = "f16"
    BF16 = "bf16"
    F32 = "f32"
    F64 = "f64"
    I8 = "i8"
    I16 = "i16"
    I32 = "i32"
    I64 = "i64"
    U8 = "u8"
    BOOL = "bool"

    def __str__(self) -> str:
        return self.value

    @property
    def is_float(self) -> bool:
        """Whether values of the type are floating point."""
        return self in (DType.F16, DType.BF16, DType.F32, DType.F64)

    @property
    def torch_name(self) -> str:
        """The attribute of `torch` that names the type."""
        return _TORCH[self]

    @property
    def onnx_name(self) -> str:
        """The member of `onnx.TensorProto` that names the type."""
        return {"bfloat16": "BFLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}.get(
            self.torch_name, self.torch_name.upper()
        )

    def holds(self, number: float) -> bool:
        """Whether a number is one of the type's, for floats after rounding.

        >>> DType.U8.holds(256), DType.I8.holds(0.5), DType.F16.holds(65_519), DType.F16.holds(65_520)
        (False, False, True, False)
        """
        if self.is_float:
            return abs(number) < _TOO_LARGE.get(self, math.inf)
        if self is DType.BOOL:
            return number in (0, 1)
        least, most = (0, 255) if self is DType.U8 else (-(2 ** (8 * self.bytes - 1)), 2 ** (8 * self.bytes - 1) - 1)
        return number == int(number) and least <= number <= most

    @property
    def bytes(self) -> int:
        """Bytes an element takes."""
        return 1 if self is DType.BOOL else int(self.value.lstrip("bfiu")) // 8


_TOO_LARGE = {DType.F16: 65_520, DType.BF16: 2**128 - 2**119, DType.F32: 2**128 - 2**103}
"""The numbers from which on rounding gives infinity."""

DTYPES = tuple(str(dtype) for dtype in DType)
"""The words for the element types."""

_TORCH = {
    DType.F16: "float16",
    DType.BF16: "bfloat16",
    DType.F32: "float32",
    DType.F64: "float64",
    DType.I8: "int8",
    DType.I16: "int16",
    DType.I32: "int32",
    DType.I64: "int64",
    DType.U8: "uint8",
    DType.BOOL: "bool",
}
