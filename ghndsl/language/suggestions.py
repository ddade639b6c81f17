"""Tensors that do not fit, and the call that takes them, go in; the one likely remedy comes out, or none."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl import ops
from ghndsl.ir import Value
from ghndsl.language.run import Marks
from ghndsl.language.values import OperatorName, Pending, Stage, short
from ghndsl.ops.checks import not_written
from ghndsl.types import Shape


def strided_shortcut(marks: Marks) -> str | None:
    """The 1x1 convolution that brings the larger of two summands to the shape of the other, when a stride does."""
    tensors = [(span.text, value.type.shape) for span, value in marks if isinstance(value, Value)]
    if len(tensors) != 2:
        return None
    for (name, shape), (_, wanted) in (tensors, tensors[::-1]):
        stride = _stride(shape, wanted)
        if stride and name.isidentifier():
            return f"`{name} -> conv({wanted[1]}, 1, stride={stride})` would have the shape of the other"
    return None


def written_input(pending: Pending, tensors: Sequence[Value]) -> str | None:
    """What is told who writes the channels of the input first, as torch wants them: `conv(3, 16, 3)` for 3 channels."""
    if not isinstance(pending.callee, OperatorName) or pending.callee.cls.from_input is None or not pending.positional:
        return None
    required = sum(attribute.required for attribute in ops.attributes(pending.callee.cls))
    (first, *_), shape = pending.positional, tensors[0].type.shape
    is_repeated = len(shape) > 1 and first == shape[1] and len(pending.positional) > required
    return not_written(pending.callee.cls) if is_repeated else None


def lacking_hint(stage: Stage) -> str:
    """What is told who takes a stage for the tensor that it would make."""
    if isinstance(stage, Pending) and stage.callee.tensors is None and stage.tensors:
        name, line = stage.callee.name, stage.span.source.position(stage.span.start)[0] if stage.span else 0
        return f"`{name}` joins several tensors, and the call in line {line} waits for another; of one: `{name}([...])`"
    return f"it waits for a tensor, as in `x -> {short(stage)}`"


def _stride(shape: Shape, wanted: Shape) -> int | None:
    """The stride, above 1, that divides all sizes of an image to the wanted ones."""
    if len(shape) != len(wanted) or len(shape) < 3 or shape[0] != wanted[0]:
        return None
    strides = set[int]()
    for size, smaller in zip(shape[2:], wanted[2:], strict=True):
        if not isinstance(size, int) or not isinstance(smaller, int) or size % smaller:
            return None
        strides.add(size // smaller)
    (stride, *others) = strides
    return stride if stride > 1 and not others else None
