"""Random convolutions and pools have torch's shapes, and are refused exactly where torch refuses them."""

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ghndsl import ops
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import check, to_onnx
from ghndsl.ir import GraphBuilder, Scope
from ghndsl.ops import Mode, ShapeError
from ghndsl.types import TensorType, symbol


@st.composite
def windows(draw, least_padding=0):
    """Sizes and, for each spatial dimension or for all, a kernel, stride, padding and dilation."""
    rank = draw(st.integers(1, 3))

    def numbers(low, high):
        one = st.integers(low, high)
        return draw(one | st.tuples(*[one] * rank))

    sizes = draw(st.tuples(*[st.integers(1, 9)] * rank))
    return sizes, numbers(1, 4), numbers(1, 3), numbers(least_padding, 3), numbers(1, 3)


def outcome(op, shape):
    """The shape that torch computes, or None where it refuses."""
    x = torch.empty(shape, device="meta")
    weights = {w.name: torch.empty(w.shape, device="meta") for w in op.weights(TensorType(shape))}
    try:
        return tuple(op.run([x], weights, Mode())[0].shape)
    except RuntimeError:
        return None


def inferred(op, shape):
    try:
        return op.infer(TensorType(shape))[0].shape
    except ShapeError:
        return None


def agrees_when_symbolic(op, shape, wanted):
    """With sizes unknown the type is the same formula, or the call is refused."""
    names = [symbol(name) for name in "HWD"[: len(shape) - 2]]
    found = inferred(op, (2, shape[1], *names))
    values = {str(name): size for name, size in zip(names, shape[2:], strict=True)}
    return found is None or TensorType(found).substitute(values).shape == wanted


@settings(max_examples=150, deadline=None)
@given(windows(), st.sampled_from([1, 2]), st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
def test_convolutions(window, groups, padding_mode):
    sizes, kernel, stride, padding, dilation = window
    op = ops.Conv(4, kernel, stride, padding, dilation, groups, padding_mode=padding_mode)
    wanted = outcome(op, (2, 2, *sizes))
    assert inferred(op, (2, 2, *sizes)) == wanted
    assert wanted is None or agrees_when_symbolic(op, (2, 2, *sizes), wanted)


@settings(max_examples=100, deadline=None)
@given(windows())
def test_same_padding_divides_the_size_by_the_stride(window):
    sizes, kernel, stride, _, dilation = window
    strides = stride if isinstance(stride, tuple) else (stride,) * len(sizes)
    op = ops.Conv(4, kernel, stride, "same", dilation)
    wanted = (2, 4, *(-(-size // step) for size, step in zip(sizes, strides, strict=True)))
    assert inferred(op, (2, 3, *sizes)) == wanted == outcome(op, (2, 3, *sizes))


@settings(max_examples=150, deadline=None)
@given(windows(), st.booleans())
def test_max_pools(window, ceil_mode):
    sizes, kernel, stride, padding, dilation = window
    op = ops.MaxPool(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    wanted = outcome(op, (2, 3, *sizes))
    assert inferred(op, (2, 3, *sizes)) == wanted
    assert wanted is None or agrees_when_symbolic(op, (2, 3, *sizes), wanted)


@settings(max_examples=150, deadline=None)
@given(windows(), st.booleans())
def test_average_pools(window, ceil_mode):
    sizes, kernel, stride, padding, _ = window
    op = ops.AvgPool(kernel, stride, padding, ceil_mode)
    wanted = outcome(op, (2, 3, *sizes))
    assert inferred(op, (2, 3, *sizes)) == wanted
    assert wanted is None or agrees_when_symbolic(op, (2, 3, *sizes), wanted)


def largest_difference(op, shape):
    """Between ONNX Runtime and torch, for a graph of one node that both take."""
    build = GraphBuilder("net")
    (y,) = build.add(op, [build.input("x", TensorType((symbol("N"), *shape[1:])))], "0", Scope("arch", "net"))
    build.output("y", y)
    graph = build.finish()
    weights = initial_weights(graph, 0)
    return check(to_onnx(graph, weights), graph, weights, [2])


@st.composite
def layers(draw):
    """A convolution or pool, and a shape it takes."""
    sizes, kernel, stride, padding, dilation = draw(windows())
    kind = draw(st.sampled_from(["conv", "same", "max", "avg", "adaptive"]))
    ceil, mode = draw(st.booleans()), draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    makes = {
        "conv": lambda: ops.Conv(2, kernel, stride, padding, dilation, padding_mode=mode),
        "same": lambda: ops.Conv(2, kernel, stride, "same", dilation, padding_mode=mode),
        "max": lambda: ops.MaxPool(kernel, stride, padding, dilation, ceil_mode=ceil),
        "avg": lambda: ops.AvgPool(kernel, stride, padding, ceil, draw(st.booleans())),
        "adaptive": lambda: ops.AdaptiveAvgPool(kernel),
    }
    op = makes[kind]()
    assume(inferred(op, (2, 2, *sizes)) is not None)
    return op, (2, 2, *sizes)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(layers())
def test_onnx_runtime_equals_torch(layer):
    op, shape = layer
    if isinstance(op, ops.MaxPool) and op.run([torch.zeros(shape)], {}, Mode())[0].isinf().any():
        # torch's maximum of nothing is minus infinity, a runtime's is the smallest number: refused by name.
        with pytest.raises(CompileError, match="nothing but padding"):
            largest_difference(op, shape)
        return
    assert largest_difference(op, shape) < 1e-5
