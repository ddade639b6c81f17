"""Normalisation over the last dimensions: what `layer_norm` and `rms_norm` have in common, whatever they compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import ClassVar

from ghndsl.ops.base import Operator, ShapeError
from ghndsl.ops.checks import at_least, floats, known, small
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Shape, TensorType, show_shape


@record
class LastDimensions(Operator):
    """Each sample over its last `dims` dimensions, whose sizes are torch's `normalized_shape`."""

    from_input: ClassVar[str | None] = "normalized_shape"

    # Named only: torch's `normalized_shape` stands first there, and a size must not be read as a count.
    dims: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        at_least(self, 1, "dims")
        small(self, "eps")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        if x.rank < self.dims:
            raise ShapeError(f"`{self.name}` over {self.dims} dimensions cannot take the shape {show_shape(x.shape)}")
        self.weights(x)
        return (x,)

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        options = {name: value for name, value in self.attributes.items() if name != "dims"}
        sizes = self.sizes(types[0])
        return {"normalized_shape": sizes[0] if len(sizes) == 1 else sizes, **options}

    def torch_class(self, *types: TensorType) -> str | None:
        is_known = all(isinstance(size, int) for size in self.sizes(types[0]))
        return super().torch_class(*types) if is_known else None

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        sizes = code.value("normalized_shape", self.sizes(types[0]))
        eps = code.argument("eps", self.attributes["eps"], type(self)().attributes["eps"])
        return f"F.{self.name}({inputs[0]}, {sizes}{eps})"

    def sizes(self, x: TensorType) -> Shape:
        """The last sizes, torch's `normalized_shape`."""
        return x.shape[-self.dims :]

    def known_sizes(self, x: TensorType) -> tuple[int, ...]:
        """The same as numbers, which weights need; raises `ShapeError`."""
        return tuple(known(self, size, "last dimensions") for size in self.sizes(x))
