"""Counts up to isomorphism by formula, against lists of what there is, published numbers, and one another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl.dags import Dags, Family
from ghndsl.dags.distinct import distinct, kinds
from ghndsl.dags.fixed import Fixed, Ring, cycle


@st.composite
def families(draw: st.DrawFn) -> Family:
    inputs = draw(st.sampled_from((1, 1, 1, 2, 3)))
    least = draw(st.integers(inputs + 1, 6))
    most = draw(st.integers(least, 6 if inputs == 1 else 7))
    few = draw(st.integers(0, 12))
    edges = draw(st.sampled_from(((0, 99), (few, few + 4), (few, few))))
    return Family((least, most), edges, inputs, leaves=draw(st.booleans()))


@given(families(), st.integers(1, 4))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_formula_counts_what_is_listed(family: Family, colours: int) -> None:
    dags = Dags(family, tuple("abcd")[:colours])
    assert dags.is_up_to_isomorphism
    assert distinct(family, colours) == (dags.size, dags.size)
    least, most = distinct(family, colours, most_steps=0)
    assert least <= dags.size <= most


def test_published_numbers() -> None:
    """OEIS A345258 and, with named vertices, A165950: one source and one sink, of 2 to 10 vertices."""
    family = Family((2, 10), (0, 99))
    unnamed = [1, 2, 10, 98, 1_960, 80_176, 6_686_760, 1_129_588_960, 384_610_774_696]
    named = [
        2,
        12,
        216,
        10_600,
        1_306_620,
        384_471_444,
        261_548_825_328,
        402_632_012_394_000,
        1_381_332_938_730_123_060,
    ]
    assert [distinct(Family((most, most), (0, 99)), 1)[0] for most in family.sizes] == unnamed
    identity = [counts[inner * cycle(1)] for inner, counts in enumerate(Fixed(family, Ring(family), (1,)).counts)]
    # There the source and the sink have names too.
    assert [n * (n - 1) * count for n, count in zip(family.sizes, identity, strict=True)] == named


def test_numbers_of_partitions() -> None:
    """OEIS A000041: permutations of so many points are of so many kinds."""
    assert [len(set(kinds(points))) for points in range(13)] == [1, 1, 2, 3, 5, 7, 11, 15, 22, 30, 42, 56, 77]


def test_numbers_of_edges_add_up() -> None:
    """Polynomials in the edges, of any bounds, against their value at 1, which needs none."""
    whole = distinct(Family((10, 10), (0, 99), inputs=2), 2)
    bounds = [(0, 17), (18, 24), (25, 25), (26, 99)]
    assert sum(distinct(Family((10, 10), some, inputs=2), 2)[0] for some in bounds) == whole[0] == whole[1]


LARGE = [
    (
        Family((20, 20), (19, 40), inputs=2, leaves=True),
        9,
        15_214_253_391_529_277_646_311_231_161_889_637_769_741_741_134,
    ),
    # A path, each of whose inner vertices has one of two labels.
    (Family((18, 18), (17, 17)), 2, 2**16),
]


@pytest.mark.parametrize(("family", "colours", "count"), LARGE, ids=str)
def test_large_families_are_counted_in_bounded_work(
    family: Family, colours: int, count: int, work: Callable[[Callable[[], object]], int]
) -> None:
    found: list[tuple[int, int]] = []
    assert work(lambda: found.append(distinct(family, colours))) < 3_000_000
    assert work(lambda: found.append(distinct(family, colours, most_steps=20_000))) < 300_000
    assert found[0] == (count, count)
    assert found[1][0] <= count <= found[1][1] <= Dags(family, tuple("abcdefghi")[:colours]).size
