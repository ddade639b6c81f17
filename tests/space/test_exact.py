"""Sizes, numbers and lines of small spaces against a search that elaborates every candidate on its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph, Node, Scope
from ghndsl.language.elaborate import elaborate
from ghndsl.space import Space

if TYPE_CHECKING:
    from conftest import BruteForce

    MakeSpace = Callable[[str], Space]
    MakeTruth = Callable[[Space], BruteForce]
    MakeText = Callable[[str], str]

_, *_CASES = Path(__file__).with_name("exact.txt").read_text(encoding="utf-8").split("\n=== ")
CASES = dict(case.split("\n", 1) for case in _CASES)


@pytest.fixture(scope="module", params=CASES)
def case(
    request: pytest.FixtureRequest, space_of: MakeSpace, text_of: MakeText, brute_force: MakeTruth
) -> tuple[Space, BruteForce]:
    """A space, and what a search finds in it that goes through all its candidates."""
    space = space_of(text_of(CASES[request.param]))
    return space, brute_force(space)


def test_space_is_what_brute_force_finds(case: tuple[Space, BruteForce]) -> None:
    check(*case)


def check(space: Space, truth: BruteForce) -> None:
    assert truth.faulty == []
    assert space.check() == []
    assert [str(candidate) for candidate in space] == truth.lines
    assert (space.size, space.feasible) == (len(truth.lines), len(truth.good))
    for number, candidate in enumerate(space):
        assert space.number(candidate) == number
        assert space.parse(str(candidate)) == candidate
    assert {str(candidate) for candidate in space.sample(50, seed=1)} <= set(truth.good)


def test_candidates_build_as_they_elaborate(case: tuple[Space, BruteForce]) -> None:
    check_built(*case)


def check_built(space: Space, truth: BruteForce) -> None:
    """What meets every `where` builds to the graph that it elaborates to on its own, the second time too."""
    good = set(truth.good)
    for candidate in [*space][:: max(1, space.size // 20)] * 2:
        if str(candidate) not in good:
            with pytest.raises(CompileError, match="G303"):
                space.build(candidate)
            continue
        alone = elaborate(space.module, space.definition, space.settings, dict(candidate.texts))
        assert spelled(space.build(candidate)) == spelled(alone)


def spelled(graph: Graph) -> list[object]:
    """All there is to a graph, scopes by what they say and by which nodes lie in one."""
    places: dict[Scope, int] = {}
    for node in graph.nodes:
        for scope in node.scope.chain():
            places.setdefault(scope, len(places))
    nodes = [
        (n.op, n.inputs, n.results, n.path, n.span, n.weights, n.input_types, *scopes(n, places)) for n in graph.nodes
    ]
    return [graph.name, graph.arguments, graph.results, *nodes]


def scopes(node: Node, places: dict[Scope, int]) -> list[object]:
    return [(places[s], s.kind, s.name, s.path, s.arguments, s.loops, s.use, s.span) for s in node.scope.chain()]


SCALED = """y = x -> Op(c) as a -> Op(c) as b
y = y -> Shrink as one -> Ragged(c) as two -> Shrink as three -> Ragged(4) as four"""


@pytest.mark.parametrize("channels", [5, 6])
def test_numbers_do_not_depend_on_the_scale(space_of: MakeSpace, text_of: MakeText, channels: int) -> None:
    """With 4 channels options come to one shape that come to several with more."""
    text = text_of(SCALED).replace("space S()", "space S(c: int = 4)")
    space = space_of(text)
    other = Space(space.module, space.definition, {"c": channels})
    assert space.size == other.size == 9 * 4 * 2
    assert [*space] == [*other]


@given(st.data())
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
def test_random_space_is_what_brute_force_finds(
    space_of: MakeSpace, random_spaces: st.SearchStrategy[str], brute_force: MakeTruth, data: st.DataObject
) -> None:
    """Where every candidate is well formed, the space is their list; else `check` says that some are not."""
    space = space_of(data.draw(random_spaces))
    truth = brute_force(space)
    if not truth.runs or len(truth.runs) > 150:
        return
    if truth.faulty:
        assert space.check()
    elif truth.good:
        check(space, truth)
        check_built(space, truth)
    else:
        assert [fault.code for fault in space.check()] == ["G303"]
