"""Algorithms of search: the same for one seed however they are asked, within the space, to its end, and better than
chance where the literature says so."""

from __future__ import annotations

import operator
import random
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ghndsl
from ghndsl.search.algorithms import NAMES, Algorithm, Told, algorithm
from ghndsl.search.algorithms.names import ALGORITHMS
from ghndsl.search.algorithms.options import Given
from ghndsl.search.algorithms.stepwise import FAILED
from ghndsl.search.algorithms.ways.nsga2 import survivors
from ghndsl.space import Candidate, Space

SPACES = {
    "choices": "choose a from 1..4\nchoose b from 1..4\ny = x -> conv(4 * a, 1) -> conv(b, 1)",
    "a `where` over choices": "choose a from 1..5\nchoose b from 1..5\nwhere a + b != 6\ny = x -> conv(a * b, 1)",
    "a `where` over measures": "choose a from 1..6\nchoose b from 1..4\ny = x -> conv(a, 1) -> conv(b, 1)\n"
    "where params <= 40",
    "what most moves break": "choose a from 1..30\nchoose b from 1..30\nwhere a == b\ny = x -> conv(a, 1)\n"
    "where params <= 25 or params >= 140",
    "one candidate": "choose a from [3]\ny = x -> conv(a, 1)",
}
SMALL: dict[str, dict[str, Given]] = {
    "random": {},
    "evolution": {"population": 5, "sample": "2"},
    "local": {"starts": 2},
    "local first": {"starts": 1, "first": True},
    "nsga2": {"population": 4, "mutation": 0.5},
    "all": {},
    "optuna:RandomSampler": {},
    "optuna:TPESampler": {"n_startup_trials": "3", "multivariate": "false"},
}
FAST = [name for name in SMALL if "TPE" not in name]
Values: TypeAlias = "tuple[float, ...] | None"
Score: TypeAlias = Callable[[Candidate], Values]


@cache
def space_of(name: str) -> Space:
    if name in ("digits", "nasbench201"):
        return ghndsl.load_space(name)
    return ghndsl.loads_space(f"space s() {{\ninput x: f32[N, 3, 4, 4]\n{SPACES[name]}\noutput logits = y\n}}")


def made(name: str, space: Space, seed: int = 0, objectives: int = 1) -> Algorithm:
    return algorithm(name.partition(" ")[0], space, objectives, seed, **SMALL[name])


def by_chance(candidate: Candidate) -> Values:
    """A score that follows from the line alone; one candidate of five fails."""
    number = crc32(str(candidate).encode())
    return None if number % 5 == 0 else (float(number % 97),)


def run(name: str, space: Space, score: Score, batch: int = 3, seed: int = 0) -> Iterator[Candidate]:
    """Candidates in the order in which they are told: one is proposed when the one `batch` before it was told."""
    yield from driven(made(name, space, seed), score, batch)


def driven(search: Algorithm, score: Score, batch: int) -> Iterator[Candidate]:
    under_way: deque[Candidate] = deque()
    while True:
        while len(under_way) < batch and (found := search.propose(1)):
            under_way.extend(found)
        if not under_way:
            return
        candidate = under_way.popleft()
        yield candidate
        search.tell([Told(candidate, score(candidate))])


@pytest.mark.parametrize(
    ("name", "place"), [*((name, place) for name in FAST for place in SPACES), ("optuna:TPESampler", "one candidate")]
)
def test_a_small_space_is_gone_through_once(name: str, place: str) -> None:
    space = space_of(place)
    proposed = [str(candidate) for candidate in run(name, space, by_chance)]
    assert sorted(proposed) == sorted(str(candidate) for candidate in space if space.meets(candidate))


@pytest.mark.parametrize("name", FAST)
def test_all_may_fail(name: str) -> None:
    space = space_of("choices")
    assert len({*run(name, space, lambda _: None)}) == space.feasible
    assert len({*run(name, space, lambda _: (float("nan"),))}) == space.feasible


@pytest.mark.parametrize("place", ["digits", "nasbench201"])
@pytest.mark.parametrize("name", FAST)
def test_only_the_seed_decides(name: str, place: str) -> None:
    space = space_of(place)
    found: list[list[Candidate]] = []
    for state in range(2):
        random.seed(state)
        np.random.seed(state)
        found.append([*islice(run(name, space, by_chance), 60)])
    assert found[0] == found[1]
    assert all(map(space.meets, found[0]))
    assert name == "all" or found[0] != [*islice(run(name, space, by_chance, seed=1), 60)]


@pytest.mark.parametrize("name", FAST)
@settings(max_examples=10)
@given(steps=st.lists(st.tuples(st.integers(1, 7), st.integers(0, 7)), max_size=5))
def test_how_calls_are_cut_does_not_matter(name: str, steps: list[tuple[int, int]]) -> None:
    space = space_of("digits")
    whole, single = made(name, space), made(name, space)
    open_: deque[Candidate] = deque()
    for proposed, heard in steps:
        found = whole.propose(proposed)
        assert found == [one for _ in range(proposed) for one in single.propose(1)]
        open_.extend(found)
        told = [Told(one, by_chance(one)) for one in islice(open_, heard)]
        whole.tell(told)
        for one in told:
            single.tell([one])
            open_.popleft()


def test_samplers_of_optuna_learn_alike() -> None:
    first, again = ([*islice(run("optuna:TPESampler", space_of("digits"), by_chance), 12)] for _ in range(2))
    assert first == again


@pytest.mark.parametrize("name", [*ALGORITHMS, "optuna:TPESampler"])
def test_what_is_told_must_have_been_proposed(name: str) -> None:
    space = space_of("choices")
    search = algorithm(name, space, 1, 0)
    first, second = search.propose(2)
    for wrong in (Told(second, (1.0,)), Told(first, (1.0, 2.0))):
        with pytest.raises(ValueError, match="told"):
            search.tell([wrong])
    search.tell([Told(first, (1.0,)), Told(second, None)])


def test_the_page_has_every_option() -> None:
    page = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
    shown = {tuple(row) for row in re.findall(r"^\| `(\w+)` \| `(\w+)` \| (\S+) \|", page, re.MULTILINE)}
    assert shown == {
        (name, option, "false" if one.default is False else f"{one.default:g}")
        for name, made_by in ALGORITHMS.items()
        for option, one in made_by.OPTIONS.items()
    }
    assert {*re.findall(r"^\| `(\w+)` \| (?:any|one) \|", page, re.MULTILINE)} == {*ALGORITHMS}


REFUSED: list[tuple[str, int, dict[str, Given], str]] = [
    ("evolve", 1, {}, "no algorithm `evolve`"),
    ("evolutoin", 1, {}, "did you mean `evolution`"),
    ("evolution", 2, {}, "`nsga2` takes several"),
    ("local", 2, {}, "`nsga2` takes several"),
    ("evolution", 1, {"populaton": 10}, "did you mean `population`"),
    ("random", 1, {"population": 10}, "it has no options"),
    ("evolution", 1, {"population": 2.5}, "a whole number from 1, not `2.5`"),
    ("evolution", 1, {"population": "0"}, "a whole number from 1, not `0`"),
    ("evolution", 1, {"sample": True}, "a whole number from 1, not `True`"),
    ("nsga2", 2, {"crossover": "nan"}, "a number from 0 to 1, not `nan`"),
    ("local", 1, {"first": "maybe"}, "true or false, not `maybe`"),
    ("optuna:TPESamplr", 1, {}, "did you mean `TPESampler`"),
    ("optuna:GridSampler", 1, {}, "no sampler `GridSampler`"),
    ("optuna:TPESampler", 1, {"startup": 3}, "no option `startup`"),
    ("optuna:TPESampler", 1, {"seed": 3}, "no option `seed`"),
    ("optuna:NSGAIISampler", 1, {"population_size": 0}, "cannot be made"),
]


@pytest.mark.parametrize(("name", "objectives", "options", "message"), REFUSED)
def test_refusals(name: str, objectives: int, options: dict[str, Given], message: str) -> None:
    with pytest.raises(ghndsl.CompileError) as refused:
        algorithm(name, space_of("choices"), objectives, 0, **options)
    assert refused.value.diagnostics[0].code == "G610"
    assert message in str(refused.value)


def test_a_missing_optuna_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ghndsl.CompileError, match=r"G610(.|\n)*ghndsl\[optuna\]"):
        algorithm(NAMES[-1], space_of("choices"), 1, 0)


def test_a_space_without_candidates_is_refused() -> None:
    space = ghndsl.loads_space(
        "space s() {\ninput x: f32[N, 3, 4, 4]\nchoose a from 1..2\nwhere a > 2\noutput y = x -> conv(a, 1)\n}"
    )
    for name in ALGORITHMS:
        with pytest.raises(ghndsl.CompileError, match="G303"):
            algorithm(name, space, 1, 0)


WORTH = {"nor_conv_3x3": 5.0, "nor_conv_1x1": 3.0, "skip_connect": 2.5, "avg_pool_3x3": 1.0, "none": 0.0}
COST = {"nor_conv_3x3": 9.0, "nor_conv_1x1": 1.0, "skip_connect": 0.1, "avg_pool_3x3": 0.2, "none": 0.0}


def worth(candidate: Candidate) -> float:
    """A smooth score for cells of NAS-Bench-201: each edge counts for itself, and two of them together."""
    ops = [text for _, text in candidate.texts]
    weighed = sum(WORTH[op] * weight for op, weight in zip(ops, (1.0, 0.7, 1.3, 0.9, 1.1, 0.8), strict=True))
    return weighed - 2 * (ops[0] == ops[5])


def best_of(name: str, queries: int, seed: int, **options: Given) -> float:
    search = algorithm(name, space_of("nasbench201"), 1, seed, **options)
    return max(map(worth, islice(driven(search, lambda one: (worth(one),), 4), queries)))


@pytest.mark.parametrize(("name", "options"), [("evolution", {}), ("local", {}), ("nsga2", {"population": 20})])
def test_searching_beats_chance(name: str, options: dict[str, Given]) -> None:
    better = sum(best_of(name, 250, seed, **options) > best_of("random", 250, seed) for seed in range(5))
    assert better >= 4, "of five seeds"


def both(candidate: Candidate) -> tuple[float, float]:
    return worth(candidate), -sum(COST[text] for _, text in candidate.texts)


@cache
def true_front() -> set[tuple[float, float]]:
    """All values that none dominates, by a look at each: what is worth more than all that costs less."""
    points = sorted({both(candidate) for candidate in space_of("nasbench201")}, key=lambda one: (-one[1], -one[0]))
    found: list[tuple[float, float]] = []
    for point in points:
        if not found or point[0] > found[-1][0]:
            found.append(point)
    return set(found)


def share_of_front(name: str) -> float:
    search = algorithm(name, space_of("nasbench201"), 2, 0, **({"population": 40} if name == "nsga2" else {}))
    found = {both(candidate) for candidate in islice(driven(search, both, 4), 800)}
    return len(found & true_front()) / len(true_front())


def test_local_search_tries_all_neighbours_then_those_of_the_best() -> None:
    space = space_of("nasbench201")
    search = algorithm("local", space, 1, 0, starts=1)
    told = [*islice(driven(search, lambda one: (worth(one),), 1), 49)]
    near = [*space.neighbors(told[0])]
    assert sorted(map(str, told[1:25])) == sorted(map(str, near)) != [*map(str, told[1:25])]
    best = max(near, key=worth)
    assert {*told[25:]} >= {*space.neighbors(best)} - {*told[:25]}


def test_evolution_changes_one_choice_of_the_best_of_the_last() -> None:
    search = algorithm("evolution", space_of("nasbench201"), 1, 0, population=8, sample=60)
    told = [*islice(driven(search, lambda one: (worth(one),), 1), 60)]
    for place in range(8, 60):
        last = told[place - 8 : place]
        parents = [one for one in last if worth(one) == max(map(worth, last))]
        assert any(sum(map(operator.ne, one.texts, told[place].texts)) == 1 for one in parents)


def test_fronts_are_found() -> None:
    assert share_of_front("nsga2") > 0.5 > 4 * share_of_front("random")


@pytest.mark.parametrize("sampler", ["NSGAIISampler", "TPESampler", "RandomSampler"])
def test_samplers_take_several_objectives(sampler: str) -> None:
    space = space_of("choices")
    search = algorithm(f"optuna:{sampler}", space, 2, 0)
    told = driven(search, lambda one: None if by_chance(one) is None else (float(space.number(one)), 1.0), 2)
    assert len({*islice(told, 12)}) == 12


def test_what_failed_dies_first() -> None:
    candidates = [*islice(space_of("choices"), 6)]
    values = [(FAILED, FAILED), (1.0, 2.0), (FAILED, FAILED), (0.0, 0.0), (2.0, 1.0), (FAILED, FAILED)]
    lived = survivors([*zip(candidates, values, strict=True)], 4)
    assert [one.values for one in lived] == [(1.0, 2.0), (2.0, 1.0), (0.0, 0.0), (FAILED, FAILED)]
