"""Tensors that do not fit, and the call that takes them, go in; the one likely remedy comes out, or none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from ghndsl import ops
from ghndsl.ir import Value
from ghndsl.language.run import Marks
from ghndsl.language.values import OperatorName, Pending, Result, Stage, short
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


def gathered(pending: Pending) -> str | None:
    """What is told who gives one by one what is a list here, `pad(1, 1)`, or a shape where its length is wanted."""
    if not isinstance(pending.callee, OperatorName) or not pending.positional:
        return None
    name, first = pending.callee.name, pending.positional[0]
    if isinstance(first, tuple) and len(first) > 1 and any(one.name == "dims" for one in _attributes(pending)):
        return f"`{name}(dims={len(first)})`: the size of the input is not written"
    numbers = tuple(takewhile(lambda value: type(value) is int, pending.positional))
    if name == "pad" and len(numbers) == 1:
        return f"`{_with_list(pending, numbers * 4, 1)}` pads an image on all four sides"
    if len(numbers) > 1 and (name == "interpolate" or (name == "pad" and len(numbers) % 2 == 0)):
        return f"these numbers are a list: `{_with_list(pending, numbers, len(numbers))}`"
    return None


def _attributes(pending: Pending) -> Sequence[ops.Attribute]:
    return ops.attributes(pending.callee.cls) if isinstance(pending.callee, OperatorName) else ()


def _with_list(pending: Pending, numbers: Sequence[Result], count: int) -> str:
    """The call with a list in the place of its first arguments, of which there are `count`."""
    words = [ops.show(value) for value in (tuple(numbers), *pending.positional[count:])]
    words += [f"{name}={ops.show(value)}" for name, value in pending.named]
    return f"{pending.callee.name}({', '.join(words)})"


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
