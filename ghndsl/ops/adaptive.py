"""Adaptive pooling: channels over any sizes go in; means or maxima of as many windows as asked for come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import at_least, spatial
from ghndsl.ops.lowering import multiplied, numpy_type, reduce_mean, reduced
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, DType, Shape, TensorType

if TYPE_CHECKING:
    import torch


@record
class _Adaptive(Operator):
    """As many windows as asked for along each dimension; `pool` is ONNX's word for what is done with each."""

    pool: ClassVar[str] = ""

    output_size: int | tuple[int | None, ...]

    def __post_init__(self) -> None:
        at_least(self, 1, "output_size")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        sizes = spatial(self, x)
        return (x.with_shape(*x.shape[:2], *self._places(sizes)),)

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        # The one-dimensional class takes a number, and no `none`.
        if types[0].rank == 3:
            return {"output_size": self._places(types[0].shape[2:])[0]}
        return super().torch_arguments(*types)

    def torch_class(self, *types: TensorType) -> str | None:
        keeps_length = types[0].rank == 3 and self.output_size == (None,)
        return None if keeps_length else super().torch_class(*types)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        if self.torch_class(*types) is None:
            return inputs[0]
        return super().source(code, inputs, *types)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        sizes = x.type.shape[2:]
        places = self._places(sizes)
        if all(count == 1 for count in places):
            return (context.node(f"Global{self.pool}", x.name),)
        steps = [
            size // count if isinstance(size, int) and isinstance(count, int) and size % count == 0 else 0
            for size, count in zip(sizes, places, strict=True)
        ]
        if all(steps):
            return (context.node(self.pool, x.name, kernel_shape=steps, strides=steps),)
        name = x.name
        for axis, (size, count) in enumerate(zip(sizes, places, strict=True), start=2):
            if size == count:
                continue
            if count != 1 and not (isinstance(size, int) and isinstance(count, int)):
                raise ShapeError(f"`{self.name}` to size {count} needs a known input size in ONNX, not {size}")
            name = self._along(context, OnnxValue(name, x.type), axis, size, count)
        return (name,)

    def _places(self, sizes: Shape) -> Shape:
        if isinstance(self.output_size, int):
            return (self.output_size,) * len(sizes)
        if len(self.output_size) != len(sizes):
            count = len(self.output_size)
            raise ShapeError(
                f"`output_size` of `{self.name}` has {count} number{'s' * (count != 1)}, "
                f"and its input has {len(sizes)} spatial dimension{'s' * (len(sizes) != 1)}"
            )
        return tuple(size if count is None else count for count, size in zip(self.output_size, sizes, strict=True))

    def _along(self, context: OnnxContext, x: OnnxValue, axis: int, size: Dim, count: Dim) -> str:
        """The windows along one dimension; both sizes are known, or there is one window."""
        raise NotImplementedError


@record
class AdaptiveAvgPool(_Adaptive):
    """Means over `output_size` windows along each dimension; `none` keeps a dimension's size.

    Window i of o over a size H goes from floor(i H / o) to ceil((i + 1) H / o).
    """

    name: ClassVar[str] = "adaptive_avg_pool"
    torch_name: ClassVar[str] = "nn.AdaptiveAvgPool{rank}d"
    pool: ClassVar[str] = "AveragePool"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        pools = (functional.adaptive_avg_pool1d, functional.adaptive_avg_pool2d, functional.adaptive_avg_pool3d)
        pool: Callable[..., torch.Tensor] = pools[x.dim() - 3]
        return (pool(x, self._places(x.shape[2:])),)

    def _along(self, context: OnnxContext, x: OnnxValue, axis: int, size: Dim, count: Dim) -> str:
        if not isinstance(size, int) or not isinstance(count, int):
            return reduce_mean(context, x.name, [axis], keepdims=True)
        # A product with the matrix that holds the windows' weights.
        return multiplied(context, x, axis, _averages(context, size, count, x.type.dtype), count).name


@record
class AdaptiveMaxPool(_Adaptive):
    """The largest elements of `output_size` windows along each dimension; `none` keeps a dimension's size.

    The windows are those of `adaptive_avg_pool`.
    """

    name: ClassVar[str] = "adaptive_max_pool"
    torch_name: ClassVar[str] = "nn.AdaptiveMaxPool{rank}d"
    pool: ClassVar[str] = "MaxPool"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        pools = (functional.adaptive_max_pool1d, functional.adaptive_max_pool2d, functional.adaptive_max_pool3d)
        return (pools[x.dim() - 3](x, [mode.size(count) for count in self._places(x.shape[2:])]),)

    def _along(self, context: OnnxContext, x: OnnxValue, axis: int, size: Dim, count: Dim) -> str:
        if not isinstance(size, int) or not isinstance(count, int):
            return reduced(context, "ReduceMax", x.name, [axis], keepdims=True)
        import numpy as np

        windows = list(_windows(size, count))
        longest = max(stop - start for start, stop in windows)
        # A window that is shorter than others takes its last element again.
        places = [[min(start + i, stop - 1) for i in range(longest)] for start, stop in windows]
        rows = context.node("Gather", x.name, context.constant(np.array(places, np.int64)), axis=axis)
        return reduced(context, "ReduceMax", rows, [axis + 1], keepdims=False)


def _windows(size: int, count: int) -> Iterator[tuple[int, int]]:
    """Where each window starts and stops."""
    return ((i * size // count, -(-(i + 1) * size // count)) for i in range(count))


def _averages(context: OnnxContext, size: int, count: int, dtype: DType) -> str:
    """A constant of shape [size, count] whose columns hold the windows."""
    import numpy as np

    matrix = np.zeros((size, count))
    for i, (start, stop) in enumerate(_windows(size, count)):
        matrix[start:stop, i] = 1 / (stop - start)
    return context.constant(matrix.astype(numpy_type(dtype)))
