"""A call and its tensors go in; the warning that it is likely meant as torch has it comes out, if that is plain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.ir import Value
from ghndsl.language.values import OperatorName, Pending, Result

_LARGE_KERNEL = 8
"""A kernel below this is one that people mean."""
_OVERLAP = 4
"""Kernels that are meant are at most so many strides long; channels taken for a kernel are longer."""
_MANY_LAYERS = 16
_SIGNALS = 3
"""The rank of signals in one dimension, for which long kernels with strides are common."""


def torch_order(pending: Pending, tensors: Sequence[Result]) -> Diagnostic | None:
    """What is told of a legal call that repeats the size of its input first, as torch's would: `conv(3, 16, 3)`.

    Its arguments are then all one place too far: channels are taken for the kernel, the kernel for the stride. It is
    told only where the numbers are hardly meant.
    """
    given = [value for value in takewhile(lambda value: type(value) is int, pending.positional) if type(value) is int]
    x = tensors[0] if tensors else None
    if (
        not isinstance(pending.callee, OperatorName)
        or not isinstance(x, Value)
        or len(given) < 2
        or pending.span is None
    ):
        return None
    name, shape = pending.callee.cls.name, x.type.shape
    if name in ("conv", "conv_transpose") and len(shape) > _SIGNALS and given[0] == shape[1] and _is_no_kernel(given):
        reading = f"a kernel of {given[1]} and a stride of {given[2]}"
    elif name in ("lstm", "gru") and len(shape) == 3 and given[0] == shape[2] and given[1] >= _MANY_LAYERS:
        reading = f"{given[1]} layers"
    else:
        return None
    hint = f"the size of the input is not written; if it is meant, give `{_SECOND[name]}` by name"
    message = f"these arguments look like torch's: here they are {reading}"
    return Diagnostic("G147", message, pending.span, help=hint, severity="warning")


def torch_pair(maker: ops.Max | ops.Min, op: ops.Operator, span: Span) -> Diagnostic | None:
    """What is told of the first sample of what `max` gives over a dimension, where torch's gives a pair: `[0]`."""
    if maker.dim is None or not isinstance(op, ops.Slice) or op.index not in ((0,), (1,)):
        return None
    message = f"`{maker.name}` gives the values alone, so that this takes sample {op.index[0]}"
    hint = f"leave the index out; if it is meant, write `[{op.index[0]}, :]`"
    return Diagnostic("G147", message, span, help=hint, severity="warning")


def _is_no_kernel(given: Sequence[int]) -> bool:
    """Whether the second number is hardly a kernel and the third, its stride, one: `16, 3`, or `32, 2, 2`."""
    if len(given) < 3 or given[1] < _LARGE_KERNEL or given[1] % 2:
        return False
    _, kernel, stride, *padding = given
    is_kernel = (stride > 1 and stride % 2 == 1) or (stride > 1 and padding[:1] == [stride])
    return is_kernel and kernel > _OVERLAP * stride


_SECOND = {"conv": "kernel_size", "conv_transpose": "kernel_size", "lstm": "num_layers", "gru": "num_layers"}
