"""Sizes are written as the language reads them, and never fall below what is told of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghndsl.diagnostics import Source
from ghndsl.ir.naming import spelled_size
from ghndsl.language import tree
from ghndsl.language.arithmetic import binary
from ghndsl.language.bounds import ArithmeticFault
from ghndsl.language.parse import parse_expression
from ghndsl.types import Dim, SymbolicSize, least, symbol

N, H, W = symbol("N"), symbol("H"), symbol("W")


def _joined(sign: str, left: Dim, right: Dim) -> Dim:
    if sign in ("//", "%") and right == 0:
        return left
    try:
        made = binary(sign, left, right, 100)
    except ArithmeticFault:
        return left  # Sizes of hundreds of characters are refused.
    assert isinstance(made, int | SymbolicSize)
    return made


def _grown(inner: st.SearchStrategy[Dim]) -> st.SearchStrategy[Dim]:
    powers = st.builds(lambda base, power: _joined("**", base, power), inner, st.integers(0, 3))
    return st.builds(_joined, st.sampled_from(["+", "-", "*", "//", "%"]), inner, inner) | powers


sizes = st.recursive(st.sampled_from([N, H, W]) | st.integers(-9, 9), _grown, max_leaves=8)


def _value(node: tree.Expression) -> Dim:
    if isinstance(node, tree.Name):
        return symbol(node.id)
    if isinstance(node, tree.Constant):
        assert isinstance(node.value, int)
        return node.value
    if isinstance(node, tree.Unary):
        return -1 * _value(node.operand)
    assert isinstance(node, tree.Binary)
    return _joined(node.operator, _value(node.left), _value(node.right))


@given(sizes)
def test_what_a_size_prints_reads_back_as_it(size: Dim) -> None:
    assert _value(parse_expression(Source("size", str(size)))) == size


WRITTEN = [
    (3 * (H // 2), "3*(H//2)", "3*(H)//2"),
    (3 * H // 2, "H + H//2", "H + (H)//2"),
    ((H + 1) // 2, "(H + 1)//2", "(H + 1)//2"),
    (2 * H // 3 - 1, "2*H//3 - 1", "(2*H)//3 - 1"),
    (-1 * (H // 2), "-(H//2)", "-(H)//2"),
    (N - H // 2, "N - H//2", "N - (H)//2"),
    ((-1 * H) // W, "(-H)//W", "(-H)//W"),
    (H // (W // 2), "H//(W//2)", "(H)//(W)//2"),
    (H // 2 // W, "H//2//W", "((H)//2)//W"),
    (H // (2 * W), "H//(2*W)", "(H)//(2*W)"),
    (100 // H, "100//H", "(100)//H"),
    ((H // 2) * (H // 2) * W, "W*(H//2)*(H//2)", "W*(H)//2*(H)//2"),
    ((H + 1) % 3 + 1, "H - 3*((H + 1)//3) + 2", "H - 3*(H + 1)//3 + 2"),
    (0 // H + H - H * W, "-H*W + H", "-H*W + H"),
    (0 % H + 5 % H, "-H*(5//H) + 5", "-H*(5)//H + 5"),
]


@pytest.mark.parametrize(("size", "text", "in_identity"), WRITTEN, ids=[text for _, text, _ in WRITTEN])
def test_sizes_are_short_and_identities_keep_their_spelling(size: Dim, text: str, in_identity: str) -> None:
    assert (str(size), spelled_size(size)) == (text, in_identity)


@given(sizes, st.lists(st.integers(1, 12), min_size=3, max_size=3))
def test_no_size_falls_below_its_least(size: Dim, values: list[int]) -> None:
    bound = least(size)
    if bound is None or isinstance(size, int):
        return
    value = size.substitute(dict(zip("NHW", values, strict=True)))
    assert isinstance(value, int)
    assert value >= bound


LEAST = [
    (H - 1, 0),
    (16 * H - H - 1, 14),
    (H - H // 2, 1),
    ((H + 1) // 2, 1),
    (H // 2, 0),
    (2 * (H // 2) - H, -1),
    (H * W - W, 0),
    ((H + 1) % 3 + 1, 1),
    (H // 2 + H // 3 + W // 4, 0),
    (H % N, 0),
    (N - H % N, 1),
    (W * H // 2 - W * (H // 2), 0),
    (H - W, None),
    (-1 * H, None),
    (H // (W - 1), None),
]


@pytest.mark.parametrize(("size", "bound"), LEAST, ids=[str(size) for size, _ in LEAST])
def test_what_is_told_of_sizes(size: Dim, bound: int | None) -> None:
    assert least(size) == bound
