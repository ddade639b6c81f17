"""Curves of accuracy against multiply-adds, budgets as text, and samples that leave early."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ghndsl
from ghndsl.data import load
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.module import to_torch
from ghndsl.ir import Graph
from ghndsl.passes.facts import Exit
from ghndsl.training import Settings, evaluate, train
from ghndsl.training.anytime import (
    Budgets,
    Confidences,
    Point,
    answers,
    area,
    budgeted,
    check_within,
    confidences,
    curve_of,
    judged,
    measured,
    parse_budgets,
)
from ghndsl.training.descend import loss_of
from ghndsl.training.losses import has_auxiliary

TEXT = """
arch net(width: int = 8) {
    input image: f32[N, 1, 8, 8]
    x = image -> conv(width, 3, padding=1) -> batch_norm -> relu
    exit early = x -> flatten -> linear(10) as early
    exit wide = x -> mean([2, 3]) as wide
    y = x -> conv(2 * width, 3, stride=2, padding=1) -> batch_norm -> relu
    exit middle = y -> flatten -> linear(10) as middle
    output logits = y -> conv(4 * width, 3, stride=2, padding=1) -> relu -> flatten -> linear(10) as head
}
"""
DATA = load("digits")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return ghndsl.loads(TEXT)


points = st.lists(
    st.tuples(st.integers(0, 100), st.floats(0, 1)), min_size=1, max_size=6, unique_by=lambda point: point[0]
)


@given(points, st.integers(0, 99), st.integers(1, 100))
def test_the_area_is_the_mean_over_budgets(found: list[tuple[int, float]], least: int, width: int) -> None:
    curve = tuple(Point(str(macs), macs, accuracy, 0.0) for macs, accuracy in sorted(found))
    # Steps lie at whole numbers, so that the middle of each unit stands for it.
    bought = [
        max((macs, accuracy) for macs, accuracy in [(-1, 0.0), *found] if macs <= budget + 0.5)[1]
        for budget in range(least, least + width)
    ]
    assert area(curve, Budgets(least, least + width)) == pytest.approx(sum(bought) / width)


READ = {
    "10M..140M": (10e6, 140e6),
    "0..1": (0, 1),
    " 2_500 .. 1.5m": (2500, 1.5e6),
    "1k..2G": (1e3, 2e9),
    "1T .. 3T": (1e12, 3e12),
    "1M..4.1M": (1e6, 4_100_000),
}


@pytest.mark.parametrize("text", READ)
def test_budgets_are_read(text: str) -> None:
    assert parse_budgets(text) == READ[text]


@pytest.mark.parametrize(
    "text", ["", "10M", "10M..", "..10M", "10M..20M..30M", "-1..5", "1e6..2e6", "1..2" + 400 * "0", "2M..1M", "1..1"]
)
def test_what_are_no_budgets_is_refused(text: str) -> None:
    with pytest.raises(CompileError) as caught:
        parse_budgets(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "G615"
    assert diagnostic.help is not None
    assert "10M..140M" in diagnostic.help


EXITS = (Exit("early", 1, 100), Exit("logits", 2, 300, is_exit=False))
OUTSIDE = {
    "G615 the budgets 10..99 are too little for the first exit of `net`": (Budgets(10, 99), [EXITS]),
    "G615 the budgets 300..400 are beyond the last output of `net`": (Budgets(300, 400), [EXITS]),
    "G615 the budgets 10..100 are too little for the first exit of `net`": (Budgets(10, 100), [EXITS]),
    "G614 `net` has no exits": (Budgets(100, 300), [EXITS, EXITS[1:]]),
    "G615 what exits of `net` cost is not known": (Budgets(1, 2), [(Exit("early", 1, None), EXITS[1])]),
}


@pytest.mark.parametrize("words", OUTSIDE)
def test_budgets_that_judge_nothing_are_refused(words: str) -> None:
    budgets, networks = OUTSIDE[words]
    with pytest.raises(CompileError) as caught:
        check_within(budgets, "net", networks)
    (diagnostic,) = caught.value.diagnostics
    assert f"{diagnostic.code} {diagnostic.message}".startswith(words)


@pytest.mark.parametrize("between", [(10, 101), (299, 400), (0, 1000)])
def test_budgets_that_reach_an_exit_are_taken(between: tuple[int, int]) -> None:
    check_within(Budgets(*between), "net", [EXITS])


def test_exits_of_the_main_outputs_type_answer_as_it_does(graph: Graph) -> None:
    found = answers(graph)
    assert (found.exits, found.main) == (("early", "middle"), "logits")
    assert not has_auxiliary(graph)
    reached = {one.name: one.macs or 0 for one in found.reached(graph)}
    turns = dict(zip(found.names, found.in_turn(graph), strict=True))
    heads = {"early": 8 * 64 * 10, "middle": 16 * 16 * 10}
    assert turns == {
        "early": reached["early"],
        "middle": reached["middle"] + heads["early"],
        "logits": reached["logits"] + heads["early"] + heads["middle"],
    }


def test_networks_learn_from_the_sum_of_their_exits(graph: Graph) -> None:
    batch, weights = DATA.train.first(32), initial_weights(graph, 0)
    module = to_torch(graph, weights).train()
    with torch.no_grad():
        found = module(*batch.feed(graph).values())
    assert isinstance(found, dict)
    wanted = sum(torch.nn.functional.cross_entropy(found[name], batch.targets) for name in answers(graph).names)
    assert float(loss_of(graph, weights, batch)) == pytest.approx(float(wanted), rel=1e-5)


def test_every_exit_is_trained_and_judged(graph: Graph) -> None:
    trained = train(graph, DATA, Settings(epochs=4), 0)
    curve = measured(graph, trained.weights, DATA.test)
    assert [point.name for point in curve] == ["early", "middle", "logits"]
    assert all(point.accuracy > 0.7 for point in curve)
    assert curve[-1].accuracy == evaluate(graph, trained.weights, DATA.test).accuracy
    found = judged(graph, trained.weights, DATA, Budgets(curve[0].macs, curve[-1].macs))
    assert found.curve == curve
    assert found.area == area(curve, Budgets(curve[0].macs, curve[-1].macs))
    costs = [batch.macs for batch in found.batches]
    assert costs == sorted(costs)
    assert all(sum(batch.shares.values()) == pytest.approx(1) for batch in found.batches)
    # At scale of another network's costs.
    twice = ghndsl.loads(TEXT, width=16)
    assert [point.macs for point in measured(graph, trained.weights, DATA.test, twice)] == [
        one.macs for one in answers(twice).reached(twice)
    ]


def seen(count: int, samples: int, seed: int) -> Confidences:
    draw = torch.Generator().manual_seed(seed)
    sure, right = torch.rand(count, samples, generator=draw), torch.rand(count, samples, generator=draw) < 0.5
    return Confidences(tuple(f"e{i}" for i in range(count)), tuple(10 * 2**i for i in range(count)), sure, right)


@given(st.integers(2, 5), st.integers(1, 60), st.integers(0, 1000), st.floats(10, 200))
def test_a_mean_budget_is_kept_on_validation_samples(count: int, samples: int, seed: int, budget: float) -> None:
    validation = seen(count, samples, seed)
    (found,) = budgeted(validation, validation, [budget])
    assert found.macs <= budget
    left = {*range(samples)}
    spent, right = 0.0, 0
    for place, name in enumerate(validation.names):
        bar = found.thresholds.get(name, -1.0)
        leaving = {one for one in left if float(validation.sure[place, one]) >= bar}
        spent += len(leaving) * validation.macs[place]
        right += sum(bool(validation.right[place, one]) for one in leaving)
        assert found.shares[name] == pytest.approx(len(leaving) / samples)
        left -= leaving
    assert not left
    assert (found.macs, found.accuracy) == (pytest.approx(spent / samples), pytest.approx(right / samples))


def test_enough_for_the_last_output_buys_it_for_all_and_too_little_for_the_first_buys_nothing() -> None:
    validation, test = seen(4, 50, 0), seen(4, 30, 1)
    (most,) = budgeted(validation, test, [1000.0])
    assert (most.macs, most.shares["e3"]) == (80.0, 1.0)
    assert most.accuracy == pytest.approx(float(test.right[3].double().mean()))
    assert budgeted(validation, test, [9.9]) == []


def test_only_classes_leave_early() -> None:
    data = load("digits")
    text = "arch a() {\n input image: f32[N, 1, 8, 8]\n x = image -> flatten -> linear(10) as a\n exit e = x\n"
    graph = ghndsl.loads(text + " output logits = x -> relu -> linear(10) as b\n}")
    metrics, found = confidences(graph, initial_weights(graph, 0), data.test)
    assert found is not None
    assert metrics["logits"] == evaluate(graph, initial_weights(graph, 0), data.test)
    assert metrics["e"].accuracy == pytest.approx(float(found.right[0].double().mean()))
    assert found.sure.shape == found.right.shape == (2, len(data.test))
    assert bool((found.sure >= 0.1).all())


def test_costs_that_are_not_known_make_no_curve(graph: Graph) -> None:
    found = evaluate(graph, initial_weights(graph, 0), DATA.test)
    with pytest.raises(ValueError, match="open"):
        curve_of([Exit("early", 1, None)], {"early": found})
