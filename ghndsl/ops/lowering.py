"""Values of an ONNX model go in; those made from them by a few nodes, the same at every opset, come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ghndsl.ops.base import OnnxContext, OnnxValue
from ghndsl.types import Dim, DType, Shape

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ghndsl.ops.window import Window


def numpy_type(dtype: DType) -> np.dtype[np.generic]:
    """numpy's element type; for bfloat16, which numpy lacks, ONNX's."""
    import numpy as np

    if dtype is not DType.BF16:
        return np.dtype(dtype.torch_name)
    from onnx import TensorProto, helper

    return helper.tensor_dtype_to_np_dtype(TensorProto.BFLOAT16)


def filled(context: OnnxContext, value: float, dtype: DType, *shape: int) -> str:
    """A constant that holds one number everywhere; a scalar when no shape is given."""
    import numpy as np

    array: npt.NDArray[np.generic] = np.full(shape, value, numpy_type(dtype))
    return context.constant(array)


def cast(context: OnnxContext, x: str, dtype: DType) -> str:
    """x in another element type."""
    from onnx import TensorProto

    return context.node("Cast", x, to=int(TensorProto.DataType.Value(dtype.onnx_name)))


def reduce_mean(context: OnnxContext, x: str, axes: Sequence[int], *, keepdims: bool) -> str:
    """The mean over axes."""
    return reduced(context, "ReduceMean", x, axes, keepdims=keepdims)


def reduced(context: OnnxContext, op_type: str, x: str, axes: Sequence[int], *, keepdims: bool) -> str:
    """A reduction over axes, which are an attribute before opset 18, but for sums, and an input from then on."""
    if context.opset < 18 and op_type != "ReduceSum":
        return context.node(op_type, x, axes=tuple(axes), keepdims=int(keepdims))
    return context.node(op_type, x, context.ints(*axes), keepdims=int(keepdims))


def standardised(context: OnnxContext, x: OnnxValue, axes: Sequence[int], eps: float) -> str:
    """x less its mean over axes, over the root of its variance plus `eps`."""
    centred = context.node("Sub", x.name, reduce_mean(context, x.name, axes, keepdims=True))
    variance = reduce_mean(context, context.node("Mul", centred, centred), axes, keepdims=True)
    deviation = context.node("Sqrt", context.node("Add", variance, filled(context, eps, x.type.dtype)))
    return context.node("Div", centred, deviation)


def reshaped(context: OnnxContext, x: OnnxValue, sizes: Shape) -> str:
    """x in another shape, without a literal in the place of a symbolic size."""
    old = x.type.shape
    # In a Reshape, 0 keeps the size of the input in that place and -1, once, is what remains.
    plan = [
        size if isinstance(size, int) else 0 if i < len(old) and old[i] == size else -1 for i, size in enumerate(sizes)
    ]
    if plan.count(-1) > 1:
        return context.node("Reshape", x.name, context.shape(sizes))
    return context.node("Reshape", x.name, context.ints(*plan))


def onnx_linear(context: OnnxContext, x: str, matrix: str, bias: str | None) -> str:
    """x times the transpose of a matrix of weights, plus a bias."""
    y = context.node("MatMul", x, context.node("Transpose", matrix, perm=(1, 0)))
    return y if bias is None else context.node("Add", y, bias)


def multiplied(context: OnnxContext, x: OnnxValue, axis: int, matrix: str, count: Dim) -> OnnxValue:
    """x with one dimension taken through a matrix, which makes it `count` long."""
    last = x.type.rank - 1
    kind = x.type.with_shape(*x.type.shape[:axis], count, *x.type.shape[axis + 1 :])
    if axis == last:
        return OnnxValue(context.node("MatMul", x.name, matrix), kind)
    swap = [last if i == axis else axis if i == last else i for i in range(x.type.rank)]
    result = context.node("MatMul", context.node("Transpose", x.name, perm=swap), matrix)
    return OnnxValue(context.node("Transpose", result, perm=swap), kind)


def padded(context: OnnxContext, x: str, pads: Sequence[tuple[int, int]], value: str) -> str:
    """x with a constant around its spatial dimensions; `pads` are before and after each."""
    return context.node("Pad", x, context.ints(*onnx_pads([(0, 0), (0, 0), *pads])), value)


def onnx_pads(pads: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Paddings in ONNX's order: before each dimension, then after each.

    >>> onnx_pads([(1, 2), (3, 4)])
    (1, 3, 2, 4)
    """
    return (*(before for before, _ in pads), *(after for _, after in pads))


def ending_pads(windows: Sequence[Window], sizes: Shape, places: Shape) -> tuple[tuple[int, int], ...]:
    """Before and after each dimension, the padding that makes `ceil_mode`, which runtimes disagree on, unnecessary."""
    return tuple(
        (window.before, window.end_padding(size, count))
        for window, size, count in zip(windows, sizes, places, strict=True)
    )


def wrapped(context: OnnxContext, x: str, pads: Sequence[tuple[int, int]], first: int = 2) -> str:
    """x with its own other end on each side of each dimension from `first` on (Pad has no `wrap` before opset 19)."""
    far = 2**63 - 1
    for axis, (before, after) in enumerate(pads, start=first):
        parts = [x]
        if before:
            parts.insert(0, sliced(context, x, axis, -before, far))
        if after:
            parts.append(sliced(context, x, axis, 0, after))
        x = context.node("Concat", *parts, axis=axis) if len(parts) > 1 else x
    return x


def sliced(context: OnnxContext, x: str, axis: int, start: int, stop: int) -> str:
    """The part of x from `start` to `stop` along one axis."""
    return context.node("Slice", x, context.ints(start), context.ints(stop), context.ints(axis))
