"""Shapes give the values of symbolic sizes, or are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghndsl.ir.sizes import bind_sizes, linear
from ghndsl.types import TensorType, symbol

N, H, W = symbol("N"), symbol("H"), symbol("W")


@given(st.integers(1, 9), st.integers(-5, 5), st.integers(6, 50))
def test_linear_sizes_are_solved(factor, rest, value) -> None:
    size = factor * H + rest
    assert linear(size) == ("H", factor, rest)
    assert bind_sizes({"x": TensorType((size,))}, {"x": (factor * value + rest,)}) == {"H": value}


@pytest.mark.parametrize("size", [3, H * W, H + W, H // 2, -1 * H, H * H])
def test_other_sizes_are_not_linear(size) -> None:
    assert linear(size) is None


FITS = [
    ({"x": (N, 3, H)}, {"x": (2, 3, 5)}, {"N": 2, "H": 5}),
    ({"x": (N, H * W), "y": (H,), "z": (W,)}, {"x": (2, 15), "y": (5,), "z": (3,)}, {"N": 2, "H": 5, "W": 3}),
    ({"x": (H // 2, 2 * H + 1)}, {"x": (3, 15)}, {"H": 7}),
    ({}, {}, {}),
]


@pytest.mark.parametrize(("types", "shapes", "sizes"), FITS)
def test_sizes_are_found(types, shapes, sizes) -> None:
    assert bind_sizes({name: TensorType(shape) for name, shape in types.items()}, shapes) == sizes


MISFITS = [
    ({"x": (N, 16 * H)}, {"x": (2, 33)}, "size 33 of input `x` does not fit 16*H in f32[N, 16*H]"),
    ({"x": (N, H, H)}, {"x": (2, 3, 4)}, "size 4 of input `x` does not fit H (where H = 3) in f32[N, H, H]"),
    (
        {"x": (N, H), "y": (N, H)},
        {"x": (2, 3), "y": (3, 3)},
        "size 3 of input `y` does not fit N (where N = 2) in f32[N, H]",
    ),
    ({"x": (H // 2, H)}, {"x": (4, 7)}, "size 4 of input `x` does not fit H//2 (where H = 7) in f32[H//2, H]"),
    ({"x": (N, H + 4)}, {"x": (2, 4)}, "size 4 of input `x` does not fit H + 4 in f32[N, H + 4]"),
    ({"x": (N, 3)}, {"x": (2, 4)}, "input `x` must be f32[N, 3], not of shape [2, 4]"),
    ({"x": (N, 3)}, {"x": (2,)}, "input `x` must be f32[N, 3], not of shape [2]"),
    ({"x": (N,)}, {}, "input `x` is missing"),
    ({"x": (N,)}, {"x": (1,), "y": (1,)}, "there is no input `y`; the inputs are x"),
]


@pytest.mark.parametrize(("types", "shapes", "message"), MISFITS, ids=[message for *_, message in MISFITS])
def test_shapes_that_do_not_fit_are_refused(types, shapes, message) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        bind_sizes({name: TensorType(shape) for name, shape in types.items()}, shapes)
    assert str(caught.value) == message
