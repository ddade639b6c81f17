"""An operator and the names of its tensors go in; the Python that computes it with torch comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ghndsl.types import DType, TensorType

if TYPE_CHECKING:
    from ghndsl.ops.base import Operator, Weight


class UnwrittenError(Exception):
    """No Python is known that computes this."""


class SourceContext(Protocol):
    """What an operator may ask of the file that it is written into; each answer is a piece of text."""

    def value(self, name: str, value: object) -> str:
        """An attribute's value: settled values as they are, sizes as they are told when it runs."""
        ...

    def values(self, name: str, values: Sequence[object]) -> str:
        """The values of an attribute, with commas between them."""
        ...

    def argument(self, name: str, value: object, default: object, *, positional: bool = False) -> str:
        """`, name=value`, or nothing where it is the default."""
        ...

    def arguments(self, op: Operator, values: Mapping[str, object]) -> str:
        """`, name=value` for each of some values, an operator's attributes left out at their defaults."""
        ...

    def weight(self, name: str) -> str:
        """One of the operator's own weights, where it has no module that holds them."""
        ...

    def dtype(self, word: str) -> str:
        """torch's element type."""
        ...

    def device(self) -> str:
        """Where tensors that no input makes go."""
        ...

    def helper(self, name: str) -> str:
        """The name of a function or class of `emit/source/helpers.py`, which the file then holds."""
        ...

    @property
    def training(self) -> str:
        """Whether the module is in training."""
        ...


def function_call(op: Operator, code: SourceContext, inputs: Sequence[str], types: Sequence[TensorType]) -> str:
    """A call of torch's function for an operator: of its class's in `nn.functional`, or the one it names."""
    given = ", ".join(inputs)
    kind = op.torch_class(*types)
    if kind is not None and not op.weights(*types):
        function = getattr(op, "function", "") or snake(kind)
        place = "torch" if function in _OF_TORCH else "F"
        return f"{place}.{function}({given}{code.arguments(op, op.torch_arguments(*types))})"
    if op.torch_name.startswith("torch."):
        function = op.torch_name.replace("torch.nn.functional.", "F.")
        return f"{function}({given}{code.arguments(op, op.attributes)})"
    raise UnwrittenError(op.name)


_OF_TORCH = ("sigmoid", "tanh")
"""Functions that `nn.functional` has too, where torch says of them that they are deprecated."""


def snake(name: str) -> str:
    """The name of the function that goes with one of torch's classes.

    >>> snake("AdaptiveAvgPool2d"), snake("PixelShuffle")
    ('adaptive_avg_pool2d', 'pixel_shuffle')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def module_call(op: Operator, code: SourceContext, types: Sequence[TensorType]) -> str | None:
    """A call of the `torch.nn` class of an operator, in the element type of its weights."""
    kind = op.torch_class(*types)
    if kind is None:
        return None
    dtype = types[0].dtype
    is_other = bool(op.weights(*types)) and dtype.is_float and dtype is not DType.F32
    more = f", dtype={code.dtype(dtype.value)}" if is_other else ""
    return f"nn.{kind}({code.arguments(op, op.torch_arguments(*types))}{more})"


def tensor_call(op: Operator, code: SourceContext, weight: Weight) -> str:
    """What makes a weight of an operator that has no module: a parameter as it is drawn, or the numbers of a buffer."""
    made = op.source_table(code, weight) if weight.table is not None else _drawn(code, weight)
    return f"nn.Parameter({made})" if weight.trainable else made


def _drawn(code: SourceContext, weight: Weight) -> str:
    drawn = weight.drawn
    sizes = code.values("size", weight.shape) or "()"
    dtype = "" if weight.dtype is DType.F32 else f", dtype={code.dtype(weight.dtype.value)}"
    scale = code.value("std", drawn.scale)
    if drawn.kind == "normal":
        return f"torch.randn({sizes}{dtype}) * {scale}"
    if drawn.kind == "uniform":
        return f"torch.empty({sizes}{dtype}).uniform_(-{scale}, {scale})"
    if drawn.scale in (0, 1):
        return f"torch.{'ones' if drawn.scale else 'zeros'}({sizes}{dtype})"
    return f"torch.full({code.value('size', weight.shape)}, {scale}{dtype})"
