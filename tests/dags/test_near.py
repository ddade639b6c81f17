"""Members of a family near to one, against all ways to draw them; and the members that fit wanted edges."""

from __future__ import annotations

import random
from itertools import permutations
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl.dags import Dag, Dags, Family
from ghndsl.dags.dag import dag_text
from ghndsl.dags.fitting import fitted
from ghndsl.dags.near import near

Drawing: TypeAlias = tuple[tuple[str, ...], frozenset[tuple[int, int]]]
"""The labels of inner vertices and the edges; -1 stands for the output."""


def drawings(dag: Dag) -> set[Drawing]:
    """A DAG with its inner vertices in any order."""
    found: set[Drawing] = set()
    for order in permutations(dag.inner):
        name = {vertex: place for place, vertex in enumerate(order, dag.inputs)}
        name |= {vertex: vertex for vertex in range(dag.inputs)} | {len(dag) - 1: -1}
        edges = [(name[u], name[v]) for v, sources in enumerate(dag.sources) for u in sources]
        found.add((tuple(dag.labels[vertex - dag.inputs] for vertex in order), frozenset(edges)))
    return found


def bare(edges: frozenset[tuple[int, int]], *, leaves: bool) -> frozenset[tuple[int, int]]:
    """The edges but for those that follow from the others."""
    return frozenset(edge for edge in edges if edge[1] >= 0 or not leaves)


def by_one_edit(one: Drawing, other: Drawing, inputs: int, *, fixed: bool, leaves: bool) -> bool:
    """Whether an edit leads from one drawing to another, of as many vertices or of one more, which comes last."""
    (labels, edges), (others, also) = one, other
    if len(labels) == len(others):
        apart = bare(edges, leaves=leaves) ^ bare(also, leaves=leaves)
        if not apart:
            return sum(a != b for a, b in zip(labels, others, strict=True)) == 1
        moved = fixed and len(apart) == 2 and any(a == b for a, b in zip(*apart, strict=True))
        return labels == others and (len(apart) == 1 or moved)
    if len(labels) + 1 != len(others):
        return False
    last = inputs + len(labels)
    around = {edge for edge in also if last in edge}
    if labels != others[:-1] or len(around) != 2:
        return False
    (source, _), (_, target) = sorted(around, key=lambda edge: edge[0] == last)
    between = also - around
    hung = leaves and target == -1 and between == edges
    return hung or ((source, target) not in between and between | {(source, target)} == edges)


FAMILIES = {
    "any": Dags(Family((2, 5), (1, 5)), ("a", "b")),
    "leaves": Dags(Family((3, 5), (0, 99), 2, leaves=True), ("a", "b")),
    "a fixed number of edges": Dags(Family((4, 5), (5, 5)), ("a",)),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_near_members_are_one_edit_apart(name: str) -> None:
    dags = FAMILIES[name]
    fixed, leaves = dags.family.edges[0] == dags.family.edges[1], dags.family.leaves
    drawn = [drawings(dag) for dag in dags]
    found = [{dags.number(one) for one in near(dags, dag)} - {number} for number, dag in enumerate(dags)]
    for number, dag in enumerate(dags):
        for other in range(number):
            # Numbers ascend with the number of vertices.
            start, ends = next(iter(drawn[other])), drawn[number]
            expected = any(by_one_edit(start, end, dag.inputs, fixed=fixed, leaves=leaves) for end in ends)
            assert (other in found[number]) == expected, (str(dags.dag(other)), str(dag))
            assert (number in found[other]) == expected


@pytest.mark.parametrize("dags", [Dags(Family((20, 20), (19, 40), 2, leaves=True), tuple("abcde"))], ids=str)
def test_near_members_of_a_family_that_is_numbered_by_order(dags: Dags) -> None:
    assert not dags.is_up_to_isomorphism
    number = dags.size // 3
    others = [dags.number(one) for one in near(dags, dags.dag(number))]
    assert len(others) == len(set(others)) > 100
    for other in others[::40]:
        assert number in map(dags.number, near(dags, dags.dag(other)))


@st.composite
def families(draw: st.DrawFn) -> tuple[Family, int]:
    inputs, inner, least = draw(st.integers(1, 3)), draw(st.integers(0, 8)), draw(st.integers(0, 20))
    vertices = inputs + inner + 1
    edges = (least, least + draw(st.integers(0, 5)))
    return Family((vertices, vertices), edges, inputs, leaves=draw(st.booleans())), vertices


@given(families(), st.integers(0, 99), st.sampled_from([0.1, 0.5, 0.9]))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_wanted_edges_make_a_member_wherever_there_is_one(
    family: tuple[Family, int], seed: int, density: float
) -> None:
    rng = random.Random(seed)
    wanted = {(u, v): rng.random() < density for v in range(family[1]) for u in range(family[1])}
    found = fitted(*family, lambda source, vertex: float(wanted[source, vertex]))
    dags = Dags(family[0], ("a",))
    if found is None:
        assert family[1] > 7 or dags.size == 0
        return
    text = dag_text(found, ("a",) * family[0].inner(family[1]))
    assert dags.family.refusal(dags.find(text).masks) is None


def test_a_member_fits_its_own_edges() -> None:
    for dag in FAMILIES["leaves"]:
        own = fitted(FAMILIES["leaves"].family, len(dag), lambda u, v, dag=dag: float(u in dag.sources[v]))  # type: ignore[misc]
        assert own == dag.masks
