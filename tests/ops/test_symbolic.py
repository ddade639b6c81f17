"""Types inferred for sizes with names are, name for name, the shapes that torch comes to, or the call is refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ghndsl import ops
from ghndsl.ops import Mode, ShapeError
from ghndsl.types import Dim, TensorType, symbol

N, H, W = symbol("N"), symbol("H"), symbol("W")
FULL = (None, None, None)

PARTS = [H, 2 * H, 16 * H, H + 1, 2 * H + W, H - 1, H // 2, H * W, 3 * (H // 2) + 1, W]
sizes = st.sampled_from(PARTS) | st.integers(1, 9)
bounds = st.none() | st.builds(lambda sign, size: sign * size, st.sampled_from([1, -1]), sizes) | st.integers(-3, 3)
numbers = st.integers(1, 4)
factors = st.sampled_from([0.5, 0.75, 1.0, 1.5, 1.7, 2.0, 3.0])
padding_modes = st.sampled_from(["reflect", "replicate", "circular"])


def windows(draw: st.DrawFn) -> ops.Operator:
    kernel, stride = draw(numbers), draw(numbers)
    padding = draw(st.integers(0, kernel // 2))
    kinds = [
        lambda: ops.Conv(4, kernel, stride, padding, draw(numbers)),
        lambda: ops.Conv(4, kernel, 1, "same", draw(numbers)),
        lambda: ops.ConvTranspose(4, kernel, stride, padding, draw(st.integers(0, stride - 1))),
        lambda: ops.MaxPool(kernel, stride, padding, draw(numbers), ceil_mode=draw(st.booleans())),
        lambda: ops.AvgPool(kernel, stride, padding, ceil_mode=draw(st.booleans())),
    ]
    return draw(st.sampled_from(kinds))()


def shaped(draw: st.DrawFn, shape: tuple[Dim, ...]) -> ops.Operator:
    axes = st.integers(-4, 3)
    kinds = [
        lambda: ops.Slice(tuple(draw(st.lists(index, min_size=1, max_size=4)))),
        lambda: ops.Slice((FULL, FULL, draw(index))),
        lambda: ops.Reshape(tuple(draw(st.permutations([-1, *shape[:3]])))),
        lambda: ops.Reshape((shape[0] * shape[2], draw(st.sampled_from([-1, shape[3]])), shape[1])),
        lambda: ops.Split(draw(sizes), draw(axes)),
        lambda: ops.Split((draw(sizes), shape[2] - draw(sizes)), 2),
        lambda: ops.Expand((draw(sizes), *draw(st.lists(sizes | st.just(-1), min_size=4, max_size=4)))),
        lambda: ops.Mean((draw(axes), draw(axes)), keepdim=draw(st.booleans())),
        lambda: ops.Max((draw(axes), draw(axes)), keepdim=draw(st.booleans())),
        lambda: ops.Glu(draw(axes)),
        lambda: ops.Squeeze((draw(axes), draw(axes))),
        lambda: ops.Unsqueeze(draw(st.integers(-5, 4))),
        lambda: ops.LocalResponseNorm(draw(numbers)),
        lambda: ops.Permute(tuple(draw(st.permutations([0, -3, 2, -1])))),
        lambda: ops.Transpose(draw(axes), draw(axes)),
        lambda: ops.Flatten(draw(axes), draw(axes)),
        lambda: ops.Arange(tuple(draw(st.lists(sizes, min_size=1, max_size=2)))),
        lambda: ops.Arange((draw(sizes), draw(sizes), draw(st.sampled_from([-2, -1, 1, 2])))),
        lambda: ops.Zeros(tuple(draw(st.lists(sizes, max_size=3)))),
        lambda: ops.AdaptiveAvgPool((draw(st.none() | numbers), draw(numbers))),
        lambda: ops.AdaptiveMaxPool((draw(st.none() | numbers), draw(numbers))),
        lambda: ops.Pad(tuple(draw(st.lists(sizes | st.integers(-3, 3), min_size=2, max_size=8)))),
        lambda: ops.Pad(tuple(draw(st.lists(st.integers(-3, 3), min_size=4, max_size=4))), draw(padding_modes)),
        lambda: ops.Roll((draw(sizes), draw(st.integers(-9, 9))), (draw(axes), draw(axes))),
        lambda: ops.Interpolate(draw(sizes), mode=draw(st.sampled_from(["nearest", "bilinear", "area"]))),
        lambda: ops.Interpolate((draw(sizes), draw(sizes)), mode="bicubic", antialias=draw(st.booleans())),
        lambda: ops.Interpolate(scale_factor=(draw(factors), draw(factors))),
        lambda: ops.PixelShuffle(draw(st.integers(1, 2))),
        lambda: ops.PixelUnshuffle(draw(numbers)),
        lambda: ops.ChannelShuffle(draw(numbers)),
    ]
    return draw(st.sampled_from(kinds))()


index = st.tuples(bounds, bounds, st.none() | numbers) | sizes | st.integers(-3, 3)


@st.composite
def calls(draw: st.DrawFn) -> tuple[ops.Operator, TensorType]:
    shape = (draw(st.just(N) | sizes), draw(numbers), draw(sizes), draw(sizes))
    try:
        op = windows(draw) if draw(st.booleans()) else shaped(draw, shape)
    except ValueError:
        op = ops.Identity()
    return op, TensorType(shape)


@given(calls(), st.lists(st.integers(1, 6), min_size=3, max_size=3))
def test_inferred_shapes_are_those_of_torch(call: tuple[ops.Operator, TensorType], values: list[int]) -> None:
    op, kind = call
    types = (kind,) if op.tensors else ()
    given = dict(zip("NHW", values, strict=True))
    try:
        inferred = op.infer(*types)
    except ShapeError:
        return
    if any(not isinstance(size, int) or size < 1 for size in kind.substitute(given).shape):
        return
    inputs = [torch.zeros(known(one.substitute(given))) for one in types]
    weights = {w.name: torch.zeros(w.shape) for w in op.weights(*types)}
    try:
        results = op.run(inputs, weights, Mode(sizes=given))
    except (ValueError, RuntimeError, IndexError):
        return  # What does not fit these sizes is refused by torch, or before.
    assert [known(one.substitute(given)) for one in inferred] == [tuple(result.shape) for result in results]
    assert all(size > 0 for one in inferred for size in known(one.substitute(given)))


def known(kind: TensorType) -> tuple[int, ...]:
    return tuple(size for size in kind.shape if isinstance(size, int))


SLICES = [
    (16 * H, (-1 * H, None, None), H),
    (16 * H, (H, -1 * H, None), 14 * H),
    (16 * H, (-1 * H, -1, None), H - 1),
    (16 * H, (3 * (H // 2), None, None), 16 * H - 3 * (H // 2)),
    (3 * H, (2 * H, None, None), H),
    (H + 4, (None, 4, None), 4),
    (H + 4, (-4, None, None), 4),
    (H + W, (None, -1 * H, None), W),
    (H - 2, (1, None, None), H - 3),
    (2 * H + 1, (1, None, 2), H),
    (H, (H // 2, None, None), H - H // 2),
    (40, (None, H, None), H),
    (40, (H, 2 * H, None), H),
    (H, (-1, None, None), 1),
]


@pytest.mark.parametrize(("size", "bounds", "length"), SLICES, ids=[f"{row[0]} {row[1]}" for row in SLICES])
def test_slices_of_symbolic_sizes(size: Dim, bounds: tuple[Dim | None, ...], length: Dim) -> None:
    op = ops.Slice((FULL, bounds))
    assert op.infer(TensorType((N, size)))[0].shape == (N, length)
    for value in range(4, 12):
        sizes = {"N": 2, "H": value, "W": 5}
        x = torch.arange(2 * Mode(sizes=sizes).size(size)).reshape(2, -1)
        (y,) = op.run((x,), {}, Mode(sizes=sizes))
        assert y.shape[1] == Mode(sizes=sizes).size(length)
        assert torch.equal(
            y, x[:, slice(*(None if part is None else Mode(sizes=sizes).number(part) for part in bounds))]
        )


EMPTY = [
    (ops.Slice(((1, None, None),)), (H,), "the slice [1:] of a tensor of shape [1] is empty"),
    (ops.Slice(((-1 * H, -1, None),)), (2 * H,), "the slice [-H:-1] of a tensor of shape [2] is empty"),
    (ops.Slice(((None, W, None),)), (H,), "a slice up to W = 2 does not fit a dimension of size 1"),
    (ops.Zeros((H - 1,)), (H,), "the size H - 1 is 0 in this run; a size is at least 1"),
    (ops.Expand((H - 2,)), (1,), "the size H - 2 is -1 in this run; a size is at least 1"),
    (ops.Split((W - H - 1, 2 * H), 0), (H + W - 1,), "the size -H + W - 1 is 0 in this run; a size is at least 1"),
    (
        ops.ConvTranspose(1, 4, padding=2, bias=False),
        (1, 1, H, H),
        "`conv_transpose` with padding 2 leaves nothing of an input of shape [1, 1, 1, 1]",
    ),
    (ops.Arange((1, H)), (H,), "the size H - 1 is 0 in this run; a size is at least 1"),
    (ops.Pad((-1, -1)), (W, H + 1), "`pad` leaves nothing of the shape [2, 2]"),
    (ops.Pad((-2, 3)), (H,), "`pad` by (-2, 3) does not fit the shape [1]"),
    (ops.Pad((2, 0), "reflect"), (W, H), "`pad` by (2, 0) does not fit the shape [2, 1]"),
    (ops.Interpolate((W - 2, 3)), (1, 1, H, H), "the size W - 2 is 0 in this run; a size is at least 1"),
    (
        ops.Interpolate((3, W - 1), mode="bilinear", antialias=True),
        (1, 1, H, H),
        "`interpolate` with `antialias` to a width of 1 is not to be had: torch 2.14 comes to wrong numbers there",
    ),
]


@pytest.mark.parametrize(("op", "shape", "message"), EMPTY, ids=lambda value: str(getattr(value, "name", None)))
def test_what_is_empty_for_some_sizes_is_refused_when_it_runs(
    op: ops.Operator, shape: tuple[Dim, ...], message: str
) -> None:
    sizes = {"H": 1, "W": 2}
    kind = TensorType(shape)
    op.infer(*[kind] * (op.tensors or 0))
    weights = {w.name: torch.zeros(w.shape) for w in (op.weights(kind) if op.tensors else ())}
    with pytest.raises(ValueError, match=r".") as caught:
        op.run([torch.zeros(known(kind.substitute(sizes)))], weights, Mode(sizes=sizes))
    assert str(caught.value) == message
