"""An element type and sizes go in; the type of a tensor, written `f32[N, 3, 224, 224]`, comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from ghndsl.records import record
from ghndsl.types.dims import Dim, SymbolicSize, is_static, product, symbols
from ghndsl.types.dtype import DType

Shape: TypeAlias = tuple[Dim, ...]


@record
class TensorType:
    """What is known of a tensor before it exists: its element type and its shape, symbolic sizes included.

    >>> from ghndsl.types import symbol
    >>> print(TensorType((symbol("N"), 3, 8, 8)))
    f32[N, 3, 8, 8]
    """

    shape: Shape
    dtype: DType = DType.F32

    def __str__(self) -> str:
        return f"{self.dtype}{show_shape(self.shape)}"

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def numel(self) -> Dim:
        """The number of elements."""
        return product(self.shape)

    @property
    def is_static(self) -> bool:
        """Whether every size is a known integer."""
        return is_static(*self.shape)

    @property
    def symbols(self) -> frozenset[str]:
        """The names of sizes that occur in the shape."""
        return symbols(*self.shape)

    def with_shape(self, *shape: Dim) -> TensorType:
        """The same element type in another shape."""
        return TensorType(shape, self.dtype)

    def substitute(self, values: Mapping[str, Dim]) -> TensorType:
        """The type with names of sizes replaced."""
        shape = tuple(d.substitute(values) if isinstance(d, SymbolicSize) else d for d in self.shape)
        return replace(self, shape=shape)


def show_shape(shape: Shape) -> str:
    """A shape as people write it.

    >>> show_shape((1, 2))
    '[1, 2]'
    """
    return f"[{', '.join(map(str, shape))}]"
