"""A window of places goes in; biases of attention that a small network makes of the offsets between them come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ghndsl.ops.base import NamedTensors, OnnxContext, Role, Table, Weight
from ghndsl.ops.lowering import filled
from ghndsl.ops.relative_position import INDEX, Pair, looked_up, onnx_looked_up
from ghndsl.records import record
from ghndsl.types import DType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

COORDINATES = "relative_coords_table"
_HIDDEN = 512
_MOST = 16.0
"""No bias is above it (arXiv 2111.09883, as its authors' code has it)."""


@record
class RelativeCoordinates(Table):
    """The offsets within a window, `[1, 2 h - 1, 2 w - 1, 2]`, on a logarithmic scale (arXiv 2111.09883, Eq. 4).

    >>> RelativeCoordinates((2, 2)).numbers()[0, :, 0].round(2)
    array([[-1.06, -1.06],
           [ 0.  , -1.06],
           [ 1.06, -1.06]], dtype=float32)
    """

    window: Pair

    def numbers(self) -> npt.NDArray[np.generic]:
        import numpy as np

        axes = [
            np.arange(1 - size, size, dtype=np.float32) / np.float32(size - 1) * np.float32(8) for size in self.window
        ]
        offsets = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)[None]
        logarithms: npt.NDArray[np.generic] = (
            np.sign(offsets) * np.log2(np.abs(offsets) + np.float32(1)) / np.float32(3)
        )
        return logarithms


def coordinates(window: Pair, dtype: DType) -> Weight:
    """The buffer of the offsets."""
    shape = (1, 2 * window[0] - 1, 2 * window[1] - 1, 2)
    return Weight(COORDINATES, shape, Role.TABLE, dtype=dtype, table=RelativeCoordinates(window))


def generator(heads: int, dtype: DType) -> tuple[Weight, Weight, Weight]:
    """The weights of the small network."""
    return (
        Weight("cpb_mlp.0.weight", (_HIDDEN, 2), Role.KERNEL, 2, dtype),
        Weight("cpb_mlp.0.bias", (_HIDDEN,), Role.BIAS, 2, dtype),
        Weight("cpb_mlp.2.weight", (heads, _HIDDEN), Role.KERNEL, _HIDDEN, dtype),
    )


def generator_macs(window: Pair, heads: int) -> int:
    """The multiply-accumulates of the small network, the same for any number of images."""
    return (2 * window[0] - 1) * (2 * window[1] - 1) * _HIDDEN * (2 + heads)


def generated(weights: NamedTensors, window: Pair) -> torch.Tensor:
    """The biases `[1, heads, T, T]`."""
    from torch.nn import functional

    hidden = functional.linear(weights[COORDINATES], weights["cpb_mlp.0.weight"], weights["cpb_mlp.0.bias"]).relu()
    table = functional.linear(hidden, weights["cpb_mlp.2.weight"]).flatten(0, 2)
    return _MOST * looked_up(table, weights[INDEX], window).sigmoid()


def onnx_generated(context: OnnxContext, weights: Mapping[str, str], window: Pair, heads: int, dtype: DType) -> str:
    """The same as ONNX nodes."""
    first, last = (context.node("Transpose", weights[f"cpb_mlp.{i}.weight"], perm=(1, 0)) for i in (0, 2))
    hidden = context.node("Add", context.node("MatMul", weights[COORDINATES], first), weights["cpb_mlp.0.bias"])
    table = context.node("MatMul", context.node("Relu", hidden), last)
    table = context.node("Reshape", table, context.ints(-1, heads))
    biases = context.node("Sigmoid", onnx_looked_up(context, table, weights[INDEX], window))
    return context.node("Mul", biases, filled(context, _MOST, dtype))
