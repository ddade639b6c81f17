"""Searches for the best curve: networks with exits, judged between two budgets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from commanding import ask, call
from seeking import few_images
from stopping import BUDGETS, PLAN, TEXT, LeftError, leaving

import ghndsl
from ghndsl.data import Dataset, load
from ghndsl.diagnostics import CompileError
from ghndsl.ghn import GHN, GHNConfig, fit
from ghndsl.ir import Graph
from ghndsl.search.curves import Curves
from ghndsl.search.draw import Drawn
from ghndsl.search.mixing import Range
from ghndsl.search.pipeline import search
from ghndsl.search.scale import Scaled, scaled
from ghndsl.search.scorers import Setting, prepare
from ghndsl.space import Space
from ghndsl.training.anytime import Budgets, Judged, Point, answers, area, measured
from ghndsl.training.progress import unwatched
from ghndsl.training.score import calibrated, probe


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("anytime")
    few_images(found)
    (found / "stops.nas").write_text(TEXT)
    return found


@pytest.fixture(scope="module")
def data(folder: Path) -> Dataset:
    return load(str(folder / "few.npz"))


@pytest.fixture(scope="module")
def space() -> Space:
    return ghndsl.loads_space(TEXT)


@pytest.fixture(scope="module")
def scale(space: Space, data: Dataset) -> Scaled:
    return scaled(space, data)


@pytest.fixture(scope="module")
def results(folder: Path, space: Space, data: Dataset) -> dict[str, Any]:
    search(space, data, folder / "run", PLAN, unwatched)
    found: dict[str, Any] = json.loads((folder / "run" / "results.json").read_text())
    return found


def test_the_score_is_the_area_under_the_predicted_curve(scale: Scaled) -> None:
    # The same space, twice as wide where multiply-adds count.
    wide = replace(scale, full=ghndsl.loads_space(TEXT, width=8))
    graph = scale.cheap.build(scale.cheap.candidate(3))
    ghn = GHN(GHNConfig(fit([graph]), exits=True), seed=0)
    scorer = prepare("anytime", Setting(wide, ghn=ghn, budgets=BUDGETS))
    found = scorer.stage(0).measure(Drawn(scale.cheap.candidate(3)))
    with torch.no_grad():
        weights = calibrated(graph, ghn(graph), scale.data.train)
        curve = measured(graph, weights, probe(scale.data), wide.full.build(scale.cheap.candidate(3)))
    assert found["anytime"] == area(curve, BUDGETS)
    assert [found["anytime_early"], found["accuracy"]] == [point.accuracy for point in curve]
    assert curve[0].macs == 8 * 64 * (9 if "size=3" in str(scale.cheap.candidate(3)) else 1) + 8 * 4 * 10


def test_without_budgets_nothing_is_predicted(scale: Scaled) -> None:
    with pytest.raises(CompileError) as caught:
        prepare("anytime", Setting(scale, steps=1))
    assert caught.value.diagnostics[0].code == "G615"


def test_the_winner_has_the_largest_area_on_validation_samples(results: dict[str, Any]) -> None:
    chosen = [one for one in results["finalists"] if not one["is_control"]]
    assert results["metric"] == "anytime accuracy"
    assert results["best"]["line"] == max(chosen, key=lambda one: one["accuracy"])["line"]
    assert results["best"]["validation_accuracy"] == chosen[0]["accuracy"]


def test_curves_of_the_winner_and_the_controls_are_kept(results: dict[str, Any], folder: Path) -> None:
    found = results["anytime"]
    assert found["budgets"] == [*BUDGETS]
    assert [one["role"] for one in found["curves"]] == ["winner", "control", "control"]
    winner = found["curves"][0]
    assert winner["line"] == results["best"]["line"]
    assert [point["name"] for point in winner["points"]] == ["early", "logits"]
    assert len(winner["seeds"]) == PLAN.seeds
    areas = [one["area"] for one in winner["seeds"]]
    assert winner["area"] == pytest.approx(sum(areas) / len(areas))
    # Test samples are looked at once: the weights that are kept give the number that is reported.
    assert any(one == pytest.approx(results["best"]["accuracy"]) for one in areas)
    graph = ghndsl.load(str(folder / "run" / "best.arch"))
    costs = [one.macs for one in answers(graph).reached(graph)]
    assert [point["macs"] for point in winner["points"]] == costs


def test_a_run_that_is_gone_on_with_ends_where_it_would_have(
    folder: Path, space: Space, data: Dataset, results: dict[str, Any]
) -> None:
    with pytest.raises(LeftError):
        search(space, data, folder / "left", PLAN, leaving("Training the best", 3))
    search(space, data, folder / "left", PLAN, unwatched, resume=True)
    found = json.loads((folder / "left" / "results.json").read_text())
    assert found["anytime"] == results["anytime"]
    assert found["finalists"] == results["finalists"]


def test_a_short_rung_is_judged_between_budgets_too(folder: Path, space: Space, data: Dataset) -> None:
    plan = replace(PLAN, short=3, short_steps=2, seeds=1, controls=0)
    outcome = search(space, data, folder / "three", plan, unwatched)
    assert outcome.metric == "anytime accuracy"
    with pytest.raises(CompileError) as caught:
        search(space, data, folder / "three", replace(plan, budgets=Budgets(2_000, 20_000)), unwatched, resume=True)
    assert any("budgets" in note for note in caught.value.diagnostics[0].notes)


def test_the_hypernetwork_may_learn_from_fewer_nodes(folder: Path, space: Space, data: Dataset) -> None:
    plan = replace(PLAN, vary={"nodes": Range(1, 2)}, finalists=1, controls=0, seeds=1)
    outcome = search(space, data, folder / "vary", plan, unwatched)
    assert outcome.scored == PLAN.candidates
    graphs: list[Graph] = [space.build(space.candidate(number)) for number in range(4)]
    ghn = GHN.load(folder / "vary" / "ghn.safetensors")
    assert all({*ghn(graph)} == {*graph.weights} for graph in graphs)


def test_the_mean_of_seeds() -> None:
    seeds = [Judged((Point("e", 10, share, 1.0),), share, ()) for share in (0.25, 0.75)]
    told = Curves("winner", "winner", "a=1", tuple(seeds)).to_json()
    assert told["area"] == 0.5
    assert told["points"] == [{"name": "e", "macs": 10, "accuracy": 0.5, "spread": pytest.approx(0.3535534)}]


REFUSED = {
    "too little for the first exit": ("stops.nas", "1..2", "G615"),
    "beyond the last output": ("stops.nas", "1G..2G", "G615"),
    "do not become larger": ("stops.nas", "2k..1k", "G615"),
    "has no exits": ("digits", "1k..2k", "G614"),
}


@pytest.mark.parametrize("words", REFUSED)
def test_budgets_that_judge_nothing_leave_nothing(folder: Path, words: str) -> None:
    space, budgets, code = REFUSED[words]
    asked = ("search", space, "--data", "few.npz", "--objective", "anytime", "--budgets", budgets, "-o", "refused")
    done = call(folder, *asked, code=1)
    assert words in done.stderr
    assert done.stderr.count("error[") == 1
    assert code in done.stderr
    assert not (folder / "refused").exists()


LEAVE_NOTHING = {
    "`anytime` needs budgets": ("--scorer", "anytime"),
    "foo": ("--objective", "anytime", "--budgets", "1k..20k", "--vary", "foo=1..2"),
}


@pytest.mark.parametrize("words", LEAVE_NOTHING)
def test_what_is_refused_leaves_no_folder(folder: Path, words: str) -> None:
    asked = ("search", "stops.nas", "--data", "few.npz", "-o", "nothing", *LEAVE_NOTHING[words])
    assert words in call(folder, *asked, code=1).stderr
    assert not (folder / "nothing").exists()


def test_objective_and_budgets_go_together(folder: Path) -> None:
    for words in (("--objective", "anytime"), ("--budgets", "1k..2k")):
        assert "Invalid value for --budgets" in call(folder, "search", "stops.nas", *words, code=2).stderr


def test_a_search_as_a_person_asks_for_it(folder: Path) -> None:
    words = ("--objective", "anytime", "--budgets", "1k..20k", "--candidates", "4", "--ghn-steps", "2")
    more = ("--finalists", "1", "--controls", "1", "--epochs", "1", "--vary", "nodes=1..2", "-o", "asked")
    done = call(folder, "search", "stops.nas", "--data", "few.npz", *words, *more)
    assert "Test samples, at budgets of 1k..20k MACs" in done.stdout
    assert "random 1" in done.stdout
    assert "Answering at every budget: 2 of 2" in done.stderr
    call(folder, "export", "asked:best", "--onnx", "early.onnx", "--until", "early", "--check")
    ranked = ask(folder, "rank", "stops.nas", "--data", "few.npz", "--ghn", "asked/ghn.safetensors", "-n", "3",
                 "--budgets", "1k..20k")  # fmt: skip
    assert ranked["scorer"] == "anytime"
