"""What choices cost, and `where` over measures decided by that, against the graphs that are built."""

from __future__ import annotations

import math
import pickle
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph
from ghndsl.space import Candidate, Space
from ghndsl.space.measures import sieve, sums
from ghndsl.space.measures.costs import Costs, measures
from ghndsl.space.measures.tail import Asked, Tail, asked_of, tail
from ghndsl.space.measures.verdict import verdict
from ghndsl.space.measures.weighing import weighed
from ghndsl.space.planning.planner import plan

MakeSpace = Callable[[str], Space]
MakeText = Callable[[str], str]
_, *_CASES = Path(__file__).with_name("exact.txt").read_text(encoding="utf-8").split("\n=== ")
CASES = dict(case.split("\n", 1) for case in _CASES)
ALL = "params >= 0 and macs >= 0 and memory >= 0 and nodes >= 0"
"""A condition that every graph meets and that asks for all measures."""


def measured(graph: Graph) -> dict[str, int | None]:
    return {"params": graph.params, "macs": graph.macs, "memory": graph.memory, "nodes": len(graph.nodes)}


def costs_of(space: Space) -> Costs:
    costs = plan(space.module, space.definition, space.settings, space.limits, feasible=True).costs
    assert costs is not None
    return costs


def check_weighed(space: Space) -> None:
    """What the plan tells of candidates is what their graphs have, and lies in the ranges it tells of all."""
    costs = costs_of(space)
    found = verdict(costs)
    assert found.is_met is not False
    for candidate in [*space][:: max(1, space.size // 8)]:
        if not space.meets(candidate):
            continue
        graph = measured(space.build(candidate))
        assert measures(weighed(costs, dict(candidate.texts))[0]) == graph
        assert all(least <= (graph[name] or 0) <= most for name, (least, most) in found.ranges.items())


@pytest.mark.parametrize("name", CASES)
def test_choices_tell_what_graphs_cost(space_of: MakeSpace, text_of: MakeText, name: str) -> None:
    check_weighed(space_of(asking(text_of(CASES[name]))))


def asking(text: str, condition: str = ALL) -> str:
    return f"{text.rstrip().removesuffix('}')}where {condition}\n}}\n"


@given(st.data())
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_choices_of_random_spaces_tell_what_graphs_cost(
    space_of: MakeSpace, random_spaces: st.SearchStrategy[str], data: st.DataObject
) -> None:
    space = space_of(asking(data.draw(random_spaces)))
    try:
        if space.size > 500 or space.check():
            return
    except CompileError:
        return
    check_weighed(space)


DEFINITIONS = """
block Op(x: [N, C, H, W], c: int) { choose op { skip: x
    conv: x -> conv(c, 1)
    norm: x -> batch_norm }
    return op }
block Twice(x, stage: op) { return x -> stage -> stage }
block Wide(x: [N, C, H, W]) { y = x -> conv(C, 1) as a
    return y -> conv(C, 3, padding=1) as b if H < 8 else y }
block budget(k: int) { return 15 * k }
motif Ragged(x, c: int) { choose op { skip: x
    conv: x -> conv(c, 1) }
    choose act from [relu, gelu]
    return op -> act }
motif Later(x, n: int) { choose k from [1, 3]
    if n > 1 { choose act from [relu, gelu]
    x = x -> act -> conv(4, k, padding=k // 2) }
    return x }
"""
WIDE = "y = x -> Op(4) as a -> Op(6) as b"

# Each body is followed by `output logits = y` and the conditions.
MEETING = {
    "parameters": (WIDE, "where params > 30"),
    "bytes": (WIDE, "where memory <= 2K"),
    "exactly": (WIDE, "where nodes == 1"),
    "sums and parts": (WIDE, "where params / 2 + macs // 64 - 1 <= 3 * nodes * 10"),
    "both, either, not": (WIDE, "where (params > 30 and not nodes < 2) or memory == 0"),
    "two": (WIDE, "where params > 10\nwhere nodes < 2"),
    "what was chosen": ("choose k from [1, 3]\ny = x -> Op(4) -> conv(k, 1)", "where params <= 20 * k and k > 1"),
    "given another value later": ("choose k from [1, 3]\ny = x -> Op(4)", "where params >= 16 * k\nk = 2 - k"),
    "under a choice": (
        "choose k from [1, 3]\ny = x -> Op(4)",
        "if k == 1 { where params > 10 } else { where macs < 9 }",
    ),
    "in a loop": ("choose k from [1, 3]\ny = x -> Op(4)", "for i in range(k) { where params > 10 * i }"),
    "in a list": (WIDE, "where nodes in [1, 2]"),
    "by a block": ("choose k from [1, 3]\ny = x -> Op(4)", "where params <= budget(k)"),
    "of choices and of measures": ("choose k from 1..4\nwhere k > 1\ny = x -> conv(k, 1)", "where params < 16"),
    "one set of weights, used by chance": (
        "h = conv(4, 1) as h\nchoose n from 0..3\ny = x\nfor i in range(n) { y = y -> h }",
        "where params == 0 or nodes > 1",
    ),
    "one set of weights of a chain": (
        "h = (conv(4, 1) -> batch_norm -> relu) as h\nchoose n from 1..3\ny = x\nfor i in range(n) { y = y -> h }",
        "where memory > 4K",
    ),
    "one set of weights, more of it later": (
        "w = Wide as w\nchoose s from [1, 2]\ny = x -> w -> avg_pool(s) -> w",
        "where params > 100",
    ),
    "one set of weights, given away": (
        "h = conv(4, 1) as h\nchoose k from [1, 3]\ny = (x -> Twice(h)) -> h -> conv(k, 1)",
        "where params <= 30",
    ),
    "one set of weights with choices": (
        "h = Op(4) as h\ny = (x -> h) -> h -> Op(4)",
        "where params <= 30 and memory > 100",
    ),
    "a motif of two widths": ("y = x -> Ragged(4) as a -> Ragged(6) as b", "where params > 30"),
    "a motif told apart later": ("y = x -> Ragged(4) as a -> Ragged(6) as b\nn = y -> Op(C)", "where params > 30"),
    "a motif that asks more later": ("y = x -> Later(1) as a -> Later(2) as b -> Later(3) as c", "where macs > 8K"),
    "symbolic sizes": (WIDE, "where params > 30"),
}


@pytest.mark.parametrize("name", MEETING)
def test_who_meets_a_measure_is_who_can_be_built(space_of: MakeSpace, name: str) -> None:
    body, where = MEETING[name]
    size = "H, 8" if name == "symbolic sizes" else "8, 8"
    space = space_of(
        f"{DEFINITIONS}\nspace S() {{\nC = 4\ninput x: f32[N, 4, {size}]\n{body}\noutput logits = y\n{where}\n}}\n"
    )
    compare(space)


def compare(space: Space) -> None:
    good = [candidate for candidate in space if is_built(space, candidate)]
    assert [candidate for candidate in space if space.meets(candidate)] == good
    assert [candidate for _, candidate in space.enumerate()] == good
    assert space.feasible == len(good)
    assert 0 < len(good) < space.size
    drawn = Counter(map(str, space.sample(50 * len(good), seed=3)))
    assert {*drawn} == {*map(str, good)}
    assert len(good) == 1 or chisquare([*drawn.values()]).pvalue > 0.001
    compare_tail(tail(costs_of(space)), {*map(str, good)}, {*map(str, space)})


ROUNDED = ("params <= 40", "params >= 100 and nodes < 9", "macs >= 3K", "memory <= 5K", "params == 60")


@pytest.mark.parametrize("condition", ROUNDED)
@pytest.mark.parametrize("width", [1, 7, 50])
def test_rounded_sums_lose_no_candidate(
    space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, condition: str, width: int
) -> None:
    """Where parts come to many sums these are rounded, to more than those that meet a bound, and never to fewer."""
    monkeypatch.setattr(sums, "FEW_SUMS", 2)
    body = "y = x -> Op(4) as a -> Ragged(4) as b -> Op(4) as c -> Op(4) as d -> Ragged(4) as e"
    text = f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\n{body}\noutput logits = y\nwhere {condition}\n}}"
    space = space_of(text)
    asked = asked_of(costs_of(space))
    assert asked is not None
    found = Tail(costs_of(space), asked if width == 1 else Asked(asked.bound.coarser(width), asked.limit, is_all=False))
    good = {str(candidate) for candidate in space if space.meets(candidate)}
    assert good
    compare_tail(found, good, {*map(str, space)})


def compare_tail(near: Tail | None, good: set[str], known: set[str]) -> None:
    """Those that keep a bound are all that meet it, or more of those that meet the rest, and are drawn uniformly."""
    if near is None:
        return
    drawn = Counter(map(str, near.draws(60 * near.count, random.Random(0))))
    assert good <= {*drawn} <= known
    assert len(drawn) == near.count
    assert near.count == len(good) or not near.is_exact
    assert near.count == 1 or chisquare([*drawn.values()]).pvalue > 0.001


def is_built(space: Space, candidate: Candidate) -> bool:
    try:
        space.build(candidate)
    except CompileError as error:
        return any(fault.code != "G303" for fault in error.diagnostics)
    return True


REFUSED = {
    "by what each part costs": (
        "choose c from [4, 8]\ny = x -> conv(c, 1)",
        "where params <= 3",
        "no candidate of `S` meets `params <= 3`",
        "`params` is at least 20 and at most 40 in every candidate",
    ),
    "on each of several ways": (
        "choose c from [4, 8]\ny = x -> conv(c, 1)",
        "if c == 4 { where params > 20 } else { where params > 40 }",
        "no candidate of `S` meets `params > 20`",
        "`params` is at least 20 and at most 40 in every candidate",
    ),
    "by a look at each": (
        WIDE,
        "where params == 41\nwhere nodes < 9",
        "no candidate of `S` meets every `where`; most of all 9 break `params == 41`",
        "`params` is at least 0 and at most 50 in them",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_that_meets_a_measure_is_told_with_its_range(space_of: MakeSpace, name: str) -> None:
    body, where, message, hint = REFUSED[name]
    space = space_of(f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\n{body}\noutput logits = y\n{where}\n}}\n")
    (fault,) = space.check()
    assert (fault.code, fault.message, fault.help) == ("G303", message, hint)
    assert fault.span is not None
    assert fault.span.text.startswith("where")
    assert space.feasible == 0
    with pytest.raises(CompileError, match="G303"):
        space.sample(1, seed=0)


BUILT = """space S() {{
input x: f32[N, 2, 4, 4]
choose c from 1..64
output y = x -> conv(c, 1)
where params % 7 == {}
}}"""


@pytest.mark.parametrize(("rest", "passing"), [(0, 9), (7, 0)])
def test_going_through_all_tells_how_many_meet_what_must_be_built(
    space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, rest: int, passing: int
) -> None:
    assert space_of(BUILT.format(rest)).feasible == passing
    monkeypatch.setattr(sieve, "MOST_BUILT_LISTED", 63)
    space = space_of(BUILT.format(rest))
    assert space.feasible is None
    assert len([*space.enumerate((1, 2)), *space.enumerate((2, 2))]) == passing
    assert space.feasible is None, "no shard alone has seen all"
    assert len([*space.enumerate()]) == passing
    assert space.feasible == passing
    if not passing:
        with pytest.raises(CompileError, match="no candidate of `S` meets every `where`; most of all 64 break"):
            space.check_any(looking=True)


@pytest.mark.parametrize("condition", ["params <= 40", "params % 7 == 0", "params <= 800"])
def test_a_space_goes_to_other_processes_whatever_was_asked_of_it(space_of: MakeSpace, condition: str) -> None:
    space = space_of(BUILT.format(0).replace("params % 7 == 0", condition))
    drawn = space.sample(3, seed=0)
    assert space.feasible
    assert [*space.neighbors(drawn[0])]
    assert space.encoding.encode(drawn[0])
    again = pickle.loads(pickle.dumps(space))
    assert again.sample(3, seed=0) == drawn
    assert [*again.enumerate()] == [*space.enumerate()]


def many(space_of: MakeSpace, condition: str) -> Space:
    """A space of 3**40 candidates, whose parts have 0, 8 or 20 parameters."""
    body = f"y = x\nfor i in range(40) {{ y = y -> Op(4) }}\noutput logits = y\nwhere {condition}"
    return space_of(f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\n{body}\n}}\n")


@pytest.mark.parametrize("names", [("PROBED", "MOST_DRAWN"), ("STEPS_PROBED", "STEPS_DRAWN")], ids=["draws", "steps"])
def test_what_almost_nothing_meets_is_told_with_how_many(
    space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str]
) -> None:
    """As many are tried as are allowed, or as take the steps that are."""
    space = many(space_of, "params + 1 == 796")
    steps = weighed(costs_of(space), dict(next(iter(space)).texts))[2]
    for name, draws in zip(names, (20, 180), strict=True):
        monkeypatch.setattr(sieve, name, draws * steps - 1 if "STEPS" in name else draws)
    assert space.feasible is None
    with pytest.raises(CompileError) as raised:
        space.sample(1, seed=0)
    (fault,) = raised.value.diagnostics
    rate = "0 of 200 candidates drawn from `S` meet every `where` over measures"
    assert fault.message == f"{rate}; the others break most of all `params + 1 == 796`"
    assert fault.help is not None
    assert fault.help.startswith("`params` is at least ")
    assert fault.help.endswith("in those drawn")
    assert fault.span is not None
    assert fault.span.text == "where params + 1 == 796"


EXAMPLES = {
    "params <= 400": True,
    "params <= 0": True,
    "params <= 16\nwhere params % 3 == 1": True,
    "params % 97 == 3": True,
    "params + 1 == 17": False,
    "params == 801": False,
    "params % 3 == 3": False,
}


@pytest.mark.parametrize("condition", EXAMPLES)
def test_an_example_meets_every_where(space_of: MakeSpace, condition: str) -> None:
    """Though almost none may do; where none is found soon there is none."""
    space = many(space_of, condition)
    found = space.example()
    assert (found is not None and space.meets(found)) == EXAMPLES[condition]
    assert found == space.example() == many(space_of, condition).example()


@pytest.mark.parametrize("rest", [0, 7])
def test_an_example_of_few_is_found_among_all(space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, rest: int) -> None:
    monkeypatch.setattr(sieve, "MOST_SHOWN", 0)
    space = space_of(BUILT.format(rest))
    found = space.example()
    assert (found is not None and space.meets(found)) == (rest == 0)


def test_what_was_shown_changes_no_draw(space_of: MakeSpace) -> None:
    text = BUILT.format(0).replace("== 0", "< 1")
    space = space_of(text)
    assert space.example() is not None
    assert space.sample(9, seed=0) == space_of(text).sample(9, seed=0)


DEEP = """
block Cell(x, n: int) { choose op { skip: x
    conv: x -> conv(4, 1) }
    return op if n == 0 else op -> Cell(n - 1) as a -> Cell(n - 1) as b }
"""


def test_a_space_of_deep_blocks_takes_a_bounded_effort(
    space_of: MakeSpace, work: Callable[[Callable[[], object]], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "MOST_WORK", 20_000)
    monkeypatch.setattr(sieve, "STEPS_DRAWN", 20_000)
    body = "input x: f32[N, 4, 8, 8]\noutput y = x -> Cell(11) as c\nwhere nodes <= 300"
    space = space_of(f"{DEEP}\nspace S() {{\n{body}\n}}\n")
    assert work(space.check_any) < 50_000
    assert space.feasible is None
    with pytest.raises(CompileError, match=r"0 of \d+ candidates drawn from `S` meet every `where`"):
        space.sample(1, seed=0)
    near = tail(costs_of(many(space_of, "params <= 40")))
    assert near is not None
    assert len([*near.draws(50, random.Random(0), most=500)]) < 50


FEW = sum(math.comb(40, a) * math.comb(40 - a, b) for a in range(3) for b in range(6) if 20 * a + 8 * b <= 40)
COUNTED = {
    "params <= 800": 3**40,
    "params > 800": 0,
    "params <= 40": FEW,
    "40 >= params": FEW,
    "params < 40.5": FEW,
    "params > 40": 3**40 - FEW,
    "params >= 41 and params < 900": 3**40 - FEW,
    "nodes == 1": 80,
    "params == 796": 0,
    "8 <= params and params < 9 and nodes == 1": None,
    "params + 1 == 42": None,
}


@pytest.mark.parametrize("condition", COUNTED)
def test_a_space_of_any_size_is_counted_where_costs_add_up(space_of: MakeSpace, condition: str) -> None:
    space = many(space_of, condition)
    assert space.feasible == COUNTED[condition]
    if space.feasible == 0:
        assert [fault.code for fault in space.check()] == ["G303"]
    elif space.feasible is not None:
        for candidate in space.sample(1, seed=1):
            assert is_built(space, candidate)
