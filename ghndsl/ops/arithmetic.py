"""Arithmetic on elements: tensors of one element type, or one and numbers, go in; the broadcast result comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import zip_longest
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import finite, floats, held
from ghndsl.ops.lowering import filled
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, DType, Shape, TensorType, show_shape


def broadcast(op: Operator, *shapes: Shape) -> Shape:
    """The shape that tensors take together, as in torch: sizes agree, or are 1, counted from the last.

    >>> from ghndsl import ops
    >>> broadcast(ops.Add(), (8, 1, 4), (3, 1))
    (8, 3, 4)
    """
    return reduce(lambda a, b: _join(op, a, b), shapes)


def _join(op: Operator, a: Shape, b: Shape) -> Shape:
    if a == b:
        return a
    sizes: list[Dim] = []
    for left, right in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if left not in (right, 1) and right != 1:
            raise ShapeError(f"`{op.name}` cannot join shapes {show_shape(a)} and {show_shape(b)}")
        sizes.append(right if left == 1 else left)
    return tuple(reversed(sizes))


def one_dtype(op: Operator, types: Sequence[TensorType]) -> DType:
    """The element type of tensors that have one and the same."""
    if not types:
        raise ShapeError(f"`{op.name}` needs at least one tensor")
    dtype = types[0].dtype
    for kind in types:
        if kind.dtype is not dtype:
            raise ShapeError(f"`{op.name}` needs tensors of one element type, not {dtype} and {kind.dtype}")
    return dtype


@record
class _Binary(Operator):
    """An operation on the elements of tensors that fit together."""

    onnx_type: ClassVar[str] = ""
    tensors: ClassVar[int | None] = 2

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        dtype = one_dtype(self, types)
        if dtype is DType.BOOL:
            raise ShapeError(f"`{self.name}` needs tensors of numbers, not {dtype}")
        return (TensorType(broadcast(self, *(kind.shape for kind in types)), dtype),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        return (reduce(lambda a, b: context.node(self.onnx_type, a, b), [x.name for x in inputs]),)


@record
class Add(_Binary):
    """The sum of one or more tensors."""

    name: ClassVar[str] = "add"
    torch_name: ClassVar[str] = "torch.add"
    onnx_type: ClassVar[str] = "Add"
    tensors: ClassVar[int | None] = None
    commutative: ClassVar[bool] = True

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return " + ".join(inputs)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (reduce(lambda a, b: a + b, inputs),)


@record
class Mul(_Binary):
    """The product, element by element, of one or more tensors."""

    name: ClassVar[str] = "mul"
    torch_name: ClassVar[str] = "torch.mul"
    onnx_type: ClassVar[str] = "Mul"
    tensors: ClassVar[int | None] = None
    commutative: ClassVar[bool] = True

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return " * ".join(inputs)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (reduce(lambda a, b: a * b, inputs),)


@record
class Sub(_Binary):
    """The first tensor less the second."""

    name: ClassVar[str] = "sub"
    torch_name: ClassVar[str] = "torch.sub"
    onnx_type: ClassVar[str] = "Sub"

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]} - {inputs[1]}"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0] - inputs[1],)


@record
class Div(_Binary):
    """The first tensor over the second."""

    name: ClassVar[str] = "div"
    torch_name: ClassVar[str] = "torch.div"
    onnx_type: ClassVar[str] = "Div"

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        floats(self, *types)
        return super().infer(*types)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]} / {inputs[1]}"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        return (inputs[0] / inputs[1],)


@record
class Affine(Operator):
    """x times the number `scale` plus the number `shift`.

    The one form of a tensor with a number in sums and products: `x * 0.5 + 1` is `affine(0.5, 1.0)` or two of them,
    `x - 1` is `affine(shift=-1.0)`, `1 - x` is `affine(-1.0, 1.0)`, `x / 4` is `affine(0.25)` and `2 / x` is
    `pow(-1.0)`, then `affine(2.0)`.
    """

    name: ClassVar[str] = "affine"

    scale: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        finite(self, "scale", "shift")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        floats(self, types[0])
        held(types[0].dtype, self.scale, self.shift)
        return types

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x,) = inputs
        scaled = x if self.scale == 1 else x * self.scale
        return (scaled if self.shift == 0 else scaled + self.shift,)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        scaled = inputs[0] if self.scale == 1 else f"{inputs[0]} * {code.value('scale', self.scale)}"
        return scaled if self.shift == 0 else f"{scaled} + {code.value('shift', self.shift)}"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        name = x.name
        if self.scale != 1:
            name = context.node("Mul", name, filled(context, self.scale, x.type.dtype))
        if self.shift != 0:
            name = context.node("Add", name, filled(context, self.shift, x.type.dtype))
        return (name,)


@record
class Pow(Operator):
    """x to the power of the number `exponent`, or of a second tensor, element by element."""

    name: ClassVar[str] = "pow"
    torch_name: ClassVar[str] = "torch.pow"
    optional: ClassVar[int] = 1

    exponent: float | None = None

    def __post_init__(self) -> None:
        finite(self, "exponent")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        floats(self, *types)
        if (self.exponent is None) == (len(types) == 1):
            raise ShapeError("`pow` takes one `exponent`: a number or a second tensor")
        held(types[0].dtype, self.exponent)
        return (TensorType(broadcast(self, *(kind.shape for kind in types)), one_dtype(self, types)),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x, *others) = inputs
        return (x ** (others[0] if self.exponent is None else self.exponent),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{inputs[0]} ** {code.value('exponent', self.exponent) if self.exponent is not None else inputs[1]}"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x, *others) = inputs
        if self.exponent in (0.5, -0.5):
            # As torch does, to which the power of -inf is no number then.
            root = context.node("Sqrt", x.name)
            return (root if self.exponent > 0 else context.node("Reciprocal", root),)
        power = others[0].name if self.exponent is None else filled(context, self.exponent, x.type.dtype)
        return (context.node("Pow", x.name, power),)
