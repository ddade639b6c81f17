"""A window of places goes in; what each place adds to its attention to each other, by where it lies, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from ghndsl.ops.base import (
    Draw,
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    Role,
    Size,
    Table,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import DType, TensorType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

Pair = tuple[int, int]
LEARNED, INDEX = "relative_position_bias_table", "relative_position_index"


@record
class RelativeIndex(Table):
    """For each two places of a window, row by row, the number of the offset from the second to the first.

    >>> RelativeIndex((1, 3)).numbers()
    array([[2, 1, 0],
           [3, 2, 1],
           [4, 3, 2]])
    """

    window: Pair
    is_flat: bool = False

    def numbers(self) -> npt.NDArray[np.generic]:
        import numpy as np

        height, width = self.window
        rows, columns = np.divmod(np.arange(height * width, dtype=np.int64), width)
        down = rows[:, None] - rows + height - 1
        along = columns[:, None] - columns + width - 1
        places: npt.NDArray[np.generic] = down * (2 * width - 1) + along
        return places.reshape(-1) if self.is_flat else places


@record
class RelativePositionBias(Operator):
    """A learned number for each head and each offset between places of a window: `[1, num_heads, T, T]`, T places.

    As a mask of `scaled_dot_product_attention` it makes attention within windows know where things are (Shaw et al.,
    arXiv 1803.02155; with a table of offsets in two dimensions arXiv 2103.14030, Eq. 4).

    >>> RelativePositionBias(4, 7).infer()[0].shape
    (1, 4, 49, 49)
    """

    name: ClassVar[str] = "relative_position_bias"
    tensors: ClassVar[int | None] = 0

    num_heads: int
    window_size: Size

    def __post_init__(self) -> None:
        at_least(self, 1, "num_heads", "window_size")
        pair(self, "window_size")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        height, width = self._window
        return (TensorType((1, self.num_heads, height * width, height * width)),)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        return learned(self._window, self.num_heads, DType.F32), index(self._window, is_flat=False)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (looked_up(weights[LEARNED], weights[INDEX], self._window),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{code.helper('relative_position_bias')}({code.weight(LEARNED)}, {code.weight(INDEX)})"

    def source_table(self, code: SourceContext, weight: Weight) -> str:
        return f"{code.helper('relative_position_index')}({code.values('window', self._window)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (onnx_looked_up(context, weights[LEARNED], weights[INDEX], self._window),)

    @property
    def _window(self) -> Pair:
        return pair(self, "window_size")


def pair(op: Operator, name: str) -> Pair:
    """An attribute's numbers down and along a window; raises ValueError when there are more."""
    value = op.attributes[name]
    if isinstance(value, int):
        return value, value
    if not isinstance(value, tuple) or len(down_along := cast("tuple[int, ...]", value)) != 2:
        raise ValueError(f"`{name}` of `{op.name}` is one number, or two: down and along, not {value}")
    return down_along[0], down_along[1]


def learned(window: Pair, heads: int, dtype: DType) -> Weight:
    """The number of each offset and head."""
    height, width = window
    shape = ((2 * height - 1) * (2 * width - 1), heads)
    return Weight(LEARNED, shape, Role.PARAMETER, dtype=dtype, initial=Draw("normal", 0.02))


def index(window: Pair, *, is_flat: bool) -> Weight:
    """Which of them is that of two places."""
    count = window[0] * window[1]
    shape = (count * count,) if is_flat else (count, count)
    return Weight(INDEX, shape, Role.TABLE, dtype=DType.I64, table=RelativeIndex(window, is_flat))


def looked_up(table: torch.Tensor, places: torch.Tensor, window: Pair) -> torch.Tensor:
    """The rows of a table for each two places: `[1, heads, T, T]`."""
    count = window[0] * window[1]
    return table[places.flatten()].view(count, count, -1).permute(2, 0, 1).unsqueeze(0)


def onnx_looked_up(context: OnnxContext, table: str, places: str, window: Pair) -> str:
    """The same as ONNX nodes."""
    count = window[0] * window[1]
    flat = context.node("Reshape", places, context.ints(-1))
    rows = context.node("Gather", table, flat, axis=0)
    square = context.node("Reshape", rows, context.ints(1, count, count, -1))
    return context.node("Transpose", square, perm=(0, 3, 1, 2))
