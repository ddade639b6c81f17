"""Families of DAGs against a search that writes down every DAG and compares all of them under all permutations."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations, permutations, product
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from ghndsl.dags import Dag, DagError, Dags, Family, read_dag
from ghndsl.dags.ordered import Ordered

Edges: TypeAlias = frozenset[tuple[int, int]]
Labelled: TypeAlias = tuple[tuple[str, ...], Edges]

FAMILIES = [
    (Family((2, 2), (0, 9)), "ab"),
    (Family((2, 4), (0, 9)), "ab"),
    (Family((3, 5), (4, 6)), "ab"),
    (Family((5, 5), (0, 99)), "abc"),
    (Family((2, 6), (0, 7)), "a"),
    (Family((3, 5), (0, 99), inputs=2), "ab"),
    (Family((4, 5), (3, 7), inputs=3), "ab"),
    (Family((2, 5), (0, 99), leaves=True), "ab"),
    (Family((3, 6), (5, 8), inputs=2, leaves=True), "a"),
]


def written_down(family: Family, labels: str) -> Iterator[Labelled]:
    """Every member with edges from lower to higher vertices alone, told by sets and a search for ways."""
    for count in range(family.vertices[0], family.vertices[1] + 1):
        inner = range(family.inputs, count - 1)
        pairs = [(u, v) for u, v in combinations(range(count), 2) if v >= family.inputs]
        for size in range(family.edges[0], min(family.edges[1], len(pairs)) + 1):
            for chosen in combinations(pairs, size):
                if is_member(set(chosen), count, family):
                    for labelling in product(labels, repeat=len(inner)):
                        yield labelling, frozenset(chosen)


def is_member(edges: set[tuple[int, int]], count: int, family: Family) -> bool:
    last = count - 1
    for vertex in range(count):
        if not any(reaches(edges, start, vertex) for start in range(family.inputs)) or not reaches(edges, vertex, last):
            return False
    feeding = {u for u, v in edges if v != last}
    return not family.leaves or {u for u, v in edges if v == last} == set(range(last)) - feeding


def reaches(edges: set[tuple[int, int]], start: int, end: int) -> bool:
    return start == end or any(reaches(edges, v, end) for u, v in edges if u == start)


def renamed(member: Labelled, order: tuple[int, ...], inputs: int) -> Labelled:
    """The member with its inner vertices moved: `order` is where each goes."""
    labels, edges = member
    place = {v: v for edge in edges for v in edge} | {inputs + i: inputs + to for i, to in enumerate(order)}
    moved = [""] * len(labels)
    for i, to in enumerate(order):
        moved[to] = labels[i]
    return tuple(moved), frozenset((place[u], place[v]) for u, v in edges)


def least(member: Labelled, inputs: int) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """The same for isomorphic members: the least under all permutations."""
    moved = [renamed(member, order, inputs) for order in permutations(range(len(member[0])))]
    return min((labels, sorted(edges)) for labels, edges in moved)


def text_of(member: Labelled) -> str:
    return f"dag({','.join(member[0])};{','.join(f'{u}>{v}' for u, v in sorted(member[1]))})"


def member_of(dag: Dag) -> Labelled:
    return dag.labels, frozenset((u, v) for v, feeding in enumerate(dag.sources) for u in feeding)


@pytest.mark.parametrize(("family", "labels"), FAMILIES, ids=str)
def test_members_are_what_brute_force_tells_apart(family: Family, labels: str) -> None:
    dags = Dags(family, tuple(labels))
    expected = {str(least(member, family.inputs)) for member in written_down(family, labels)}
    found = [str(least(member_of(dag), family.inputs)) for dag in dags]
    assert dags.is_up_to_isomorphism
    assert dags.size == len(found) == len(set(found))
    assert set(found) == expected


@pytest.mark.parametrize(("family", "labels"), FAMILIES, ids=str)
def test_ordered_members_are_those_written_down(family: Family, labels: str) -> None:
    """The numbering of families that are too large to be told apart up to isomorphism, on small ones."""
    ordered = Ordered(family, len(labels))
    found = [ordered.at(number) for number in range(ordered.size)]
    written = set()
    for masks, colours in found:
        edges = frozenset((u, v) for v, mask in enumerate(masks) for u in range(v) if mask >> u & 1)
        written.add((tuple(labels[colour] for colour in colours), edges))
    assert written == set(written_down(family, labels))
    assert len(written) == ordered.size == sum(ordered.by_vertices)
    assert [ordered.number(masks, colours) for masks, colours in found] == list(range(ordered.size))


@pytest.mark.parametrize(("family", "labels"), FAMILIES, ids=str)
def test_numbers_and_texts_are_read_back_in_any_order_of_the_vertices(family: Family, labels: str) -> None:
    dags = Dags(family, tuple(labels))
    rng = random.Random(0)
    for number in rng.sample(range(dags.size), min(dags.size, 200)):
        dag = dags.dag(number)
        assert str(dag) == dags.text(number)
        assert dags.number(dag) == number
        assert all(source < vertex for vertex, feeding in enumerate(dag.sources) for source in feeding)
        order = [*range(len(dag.labels))]
        rng.shuffle(order)
        moved = dags.find(text_of(renamed(member_of(dag), tuple(order), family.inputs)))
        assert dags.number(moved) == number
        assert least(member_of(moved), family.inputs) == least(member_of(dag), family.inputs)


@pytest.mark.parametrize(("most", "size"), [(5, 2_532), (6, 64_542), (7, 423_624)])
def test_the_cells_of_nasbench101(most: int, size: int) -> None:
    """Ying et al., "NAS-Bench-101" (ICML 2019): the cells they found by hashing every graph."""
    assert Dags(Family((2, most), (1, 9)), ("conv3x3", "conv1x1", "maxpool3x3")).size == size


def test_dags_with_one_source_and_one_sink() -> None:
    """OEIS A345258 counts them unlabelled."""
    dags = Dags(Family((2, 7), (0, 99)), ("a",))
    assert [dags.count(vertices) for vertices in range(2, 8)] == [1, 2, 10, 98, 1_960, 80_176]


def test_every_way_of_the_whole_family_has_its_own_number_and_text() -> None:
    dags = Dags(Family((2, 6), (1, 9)), ("a", "b", "c"))
    texts = [dags.text(number) for number in range(dags.size)]
    assert len(set(texts)) == 64_542
    assert [dags.number(dags.find(text)) for text in texts[::97]] == list(range(0, 64_542, 97))


BLOCKS = Family((20, 20), (19, 40), inputs=2, leaves=True)
PINNED = [
    (0, 0, "dag(;0>1)"),
    (0, 6, "dag(c;0>1,0>2,1>2)"),
    (0, 100_000, "dag(c,c,a,c,b;0>1,1>2,2>3,0>4,3>4,4>5,3>6,4>6,5>6)"),
    (0, 423_623, "dag(a,a,a,a,a;0>1,0>2,0>3,0>4,1>5,2>5,3>5,4>5,5>6)"),
    (
        2,
        10**51,
        "dag(c,c,d,i,h,d,b,e,h,g,h,f,e,g,c,g,b;"
        "0>2,1>3,0>4,1>4,1>5,0>6,2>6,3>6,4>7,5>7,3>8,0>9,2>9,6>9,3>10,4>11,7>11,1>12,8>12,0>13,6>13,7>14,10>14,1>15,3>15,9>16,14>16,3>17,7>17,15>17,1>18,7>18,8>18,13>18,14>18,16>18,17>18,11>19,12>19,18>19)",
    ),
    (
        1,
        10**14,
        "dag(a,a,a,a,a,a,a,a,a,a;"
        "0>1,0>2,0>3,0>4,0>5,0>6,1>7,1>8,2>8,3>8,4>8,5>8,4>9,7>9,8>9,1>10,2>10,3>10,4>10,5>10,6>10,8>10,0>11,5>11,6>11,9>11,10>11)",
    ),
]


@pytest.mark.parametrize(("family", "number", "text"), PINNED)
def test_numbers_stay_what_they_are(family: int, number: int, text: str) -> None:
    """Candidates are written down by number: another numbering would make others of them."""
    families = (Family((2, 7), (1, 9)), Family((12, 12), (13, 40)), BLOCKS)
    assert Dags(families[family], (("a", "b", "c"), ("a", "b"), tuple("abcdefghi"))[family]).text(number) == text


def test_draws_are_uniform() -> None:
    """A draw of a number is a draw of a graph: as many as there are symmetric ones, each is drawn as often."""
    dags = Dags(Family((2, 4), (0, 9)), ("a", "b"))
    rng = random.Random(5)
    drawn = Counter(str(least(member_of(dags.dag(rng.randrange(dags.size))), 1)) for _ in range(60 * dags.size))
    assert len(drawn) == dags.size
    assert chisquare(list(drawn.values())).pvalue > 0.001


LARGE = [
    Dags(BLOCKS, tuple("abcdefghi")),
    Dags(Family((10, 14), (0, 99)), ("a", "b")),
    Dags(Family((24, 24), (30, 45)), ("a",)),
]


@given(st.sampled_from(LARGE), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_large_families_are_numbered_by_the_order_of_vertices(dags: Dags, rng: random.Random) -> None:
    number = rng.randrange(dags.size)
    dag = dags.dag(number)
    assert not dags.is_up_to_isomorphism
    assert dags.family.refusal(dag.masks) is None
    assert dags.number(dags.find(str(dag))) == number
    assert [dags.text(number)] == list(dags.texts(number, number + 1))


@pytest.mark.parametrize(("family", "labels"), FAMILIES, ids=str)
def test_texts_come_in_the_order_of_numbers_from_any_on(family: Family, labels: str) -> None:
    dags, ordered = Dags(family, tuple(labels)), Ordered(family, len(labels))
    texts = [dags.text(number) for number in range(dags.size)]
    assert list(dags.texts()) == texts
    assert list(map(str, dags)) == texts
    for start in random.Random(0).sample(range(dags.size + 2), min(dags.size, 20)):
        assert list(dags.texts(start)) == texts[start:]
        assert list(dags.texts(start, start + 3)) == texts[start : start + 3]
    members = [ordered.at(number) for number in range(ordered.size)]
    for start in (0, ordered.size // 3, ordered.size - 1, ordered.size):
        walked = ordered.walk(range(len(labels)), start)
        assert [(masks, one) for masks, labellings in walked for one in labellings] == members[start:]


def test_spread_has_every_number_of_vertices() -> None:
    dags = Dags(Family((2, 7), (1, 9)), ("a", "b", "c"))
    numbers = dags.spread(48)
    assert numbers == tuple(sorted(set(numbers)))
    assert {len(dags.dag(number)) for number in numbers} == {2, 3, 4, 5, 6, 7}
    assert {0, dags.size - 1} <= set(numbers)
    assert 30 <= len(numbers) <= 60
    assert Dags(Family((2, 3), (0, 9)), ("a",)).spread(48) == (0, 1, 2)


SPARSE = [
    (Family((28, 28), (27, 27)), True),
    (Family((32, 32), (31, 31)), True),
    (Family((24, 24), (24, 24)), False),
    (Family((16, 16), (16, 16)), False),
    (Family((14, 14), (0, 99), leaves=True), False),
    (Family((32, 32), (31, 31), inputs=30), False),
    (Family((12, 12), (12, 12)), True),
]


@pytest.mark.parametrize(("family", "is_exact"), SPARSE, ids=str)
def test_sparse_families_take_bounded_work(
    family: Family, is_exact: bool, work: Callable[[Callable[[], object]], int]
) -> None:
    """Sets that are asked for by their size are listed by it, and what is too symmetric is put in order."""
    dags = Dags(family, ("a", "b"))
    found: list[int] = []
    assert work(lambda: found.extend(dags.number(dags.dag(number)) for number in dags.spread(8))) < 3_000_000
    assert found == [*dags.spread(8)]
    assert dags.is_up_to_isomorphism is is_exact


REFUSED = [
    ("dag", "a graph reads"),
    ("dag()", "a graph reads"),
    ("dag(a;)", "a graph reads"),
    ("dag(a 0>1)", "a graph reads"),
    ("dag(a;0>1,1>2,)", "a graph reads"),
    ("dag(a;0>3,1>2)", "the vertices are 0 to 2, so the edge 0>3 has no vertex 3"),
    ("dag(a;0>1,1>0,1>2)", "vertex 0 is an input"),
    ("dag(a;0>1,2>1,1>2)", "vertex 2 is the output"),
    ("dag(a;0>1,1>2,0>1)", "the edge 0>1 is there twice"),
    ("dag(a,b;0>1,1>2,2>1,2>3)", "round in a circle"),
    ("dag(a;0>1,1>1,1>2)", "round in a circle"),
    ("dag(a,b;0>1,1>3,2>3)", "nothing feeds vertex 2"),
    ("dag(a,b;0>1,0>2,1>3)", "vertex 2 feeds no other"),
    ("dag(a,c;0>1,1>2,2>3)", "`c` is no label; there are a, b"),
    ("dag(a,b,a;0>1,1>2,2>3,3>4)", "it has 5 vertices, not 3..4"),
    ("dag(;0>1)", "it has 2 vertices, not 3..4"),
    ("dag(a,b;0>1,0>2,0>3,1>2,1>3,2>3)", "it has 6 edges, not 2..5"),
    (f"dag({','.join('a' * 40)};0>1)", "more than 32"),
    ("dag(a;0>99999999999999999999,1>2)", "a graph reads"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_no_member_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(DagError) as refused:
        Dags(Family((3, 4), (2, 5)), ("a", "b")).find(text)
    assert reason in str(refused.value)


def test_leaves_alone_feed_the_output() -> None:
    dags = Dags(Family((4, 4), (0, 9), leaves=True), ("a",))
    with pytest.raises(DagError, match="vertex 1 feeds another one beside the output"):
        dags.find("dag(a,a;0>1,1>2,1>3,2>3)")
    assert str(read_dag("dag(a,b;0>2,2>1,1>3)", 1)) == "dag(b,a;0>1,1>2,2>3)"
