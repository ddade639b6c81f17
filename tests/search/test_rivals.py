"""Networks that a search did not find, trained exactly as its finalists were, and kept beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from unittest import mock

import numpy as np
import pytest
from commanding import ask, call
from seeking import few_images, seek
from stopping import BUDGETS, PLAN, TEXT, LeftError, leaving

import ghndsl
from ghndsl.data import Dataset, load
from ghndsl.diagnostics import CompileError
from ghndsl.search.final import final_plan
from ghndsl.search.folder import RunFolder
from ghndsl.search.kept_curves import standings
from ghndsl.search.pipeline import search
from ghndsl.search.rivals import Course, Rival, train_rival
from ghndsl.search.store import Asked, Store
from ghndsl.space import Space, read_line
from ghndsl.training import load_weights
from ghndsl.training.progress import unwatched

NET = """
arch hand(width: int = 4, classes: int = 10) {
    input image: f32[N, 1, 4, 4]
    x = image -> conv(width, 3, padding=1) as stem -> relu
    exit early = x -> flatten -> linear(classes) as early
    x = x -> conv(width, 3, padding=1) as more -> relu
    output logits = x -> flatten -> linear(classes) as head
}
"""
PLAIN = """
arch plain() {
    input image: f32[N, 1, 8, 8]
    output logits = image -> flatten -> linear(10)
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run between budgets, one without, and one that is not done, beside the images and networks."""
    found = tmp_path_factory.mktemp("rivals")
    few_images(found)
    (found / "hand.arch").write_text(NET)
    (found / "plain.arch").write_text(PLAIN)
    data = load(str(found / "few.npz"))
    search(ghndsl.loads_space(TEXT), data, found / "run", PLAN, unwatched)
    seek(found / "other")
    with Store.begin(found / "begun", Store.read(found / "run").run().asked):
        pass
    with np.load(found / "few.npz") as kept:
        images = kept["x_train"].copy()
        images[0, 0, 0] += 1
        np.savez(found / "changed.npz", x_train=images, y_train=kept["y_train"])
    return found


@pytest.fixture(scope="module")
def data(folder: Path) -> Dataset:
    return load(str(folder / "few.npz"))


@pytest.fixture(scope="module")
def space() -> Space:
    return ghndsl.loads_space(TEXT)


@pytest.fixture
def hand(folder: Path) -> Rival:
    return Rival(ghndsl.load(str(folder / "hand.arch")), "hand", "hand.arch", {})


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run" / "results.json").read_text())
    return found


def without_times(record: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if name != "seconds"}


def test_a_finalist_that_is_trained_as_a_rival_does_as_it_did(folder: Path, data: Dataset, space: Space) -> None:
    found = results(folder)
    winner, line = found["anytime"]["curves"][0], found["best"]["line"]
    rival = Rival(space.build(read_line(line)), "again", line, {}, line)
    record = train_rival(Course.of(folder / "run"), rival, data, unwatched)
    for name in ("area", "spread", "points", "seeds"):
        assert json.loads(json.dumps(record[name])) == winner[name]
    finalist = found["finalists"][0]
    assert (record["validation_accuracy"], record["validation_loss"]) == (finalist["accuracy"], finalist["loss"])
    assert (record["params"], record["macs"], record["id"]) == (
        finalist["params"], finalist["macs"], finalist["identity"],
    )  # fmt: skip
    stem = RunFolder.stem(finalist["number"])
    for mine, its in (("again", stem), ("again.1", f"{stem}.1"), ("again.2", f"{stem}.2")):
        weights = [
            load_weights(folder / "run" / room / f"{name}.safetensors", rival.graph)
            for room, name in (("rivals", mine), ("trained", its))
        ]
        assert all(bool((weights[0][path] == weights[1][path]).all()) for path in rival.graph.weights)


def test_one_that_is_broken_off_goes_on_and_replaces_at_its_end(folder: Path, data: Dataset, hand: Rival) -> None:
    course, calm = Course.of(folder / "run"), replace(hand, name="calm")
    wanted = train_rival(course, calm, data, unwatched)
    left = course.files(hand)
    left.folder.mkdir(exist_ok=True)
    left.results.write_text("{}")
    with pytest.raises(LeftError):
        train_rival(course, hand, data, leaving("Training", 2))
    assert left.results.read_text() == "{}", "what was there stays until all is done"
    assert [one.is_file() for one in left.checkpoints] == [True, True]
    found = train_rival(course, hand, data, unwatched, resume=True)
    assert without_times(found) == {**without_times(wanted), "name": "hand"}
    assert json.loads(left.results.read_text())["area"] == found["area"]
    assert not any(one.is_file() for one in left.checkpoints)


def test_what_was_left_is_begun_anew_unless_asked_otherwise(folder: Path, data: Dataset, hand: Rival) -> None:
    course = Course.of(folder / "run")
    files = course.files(hand)
    files.folder.mkdir(exist_ok=True)
    files.checkpoints[0].write_text("of another training")
    train_rival(course, hand, data, unwatched)
    assert not files.checkpoints[0].exists()


def test_one_process_at_a_time_trains_a_rival_of_a_name(folder: Path, hand: Rival) -> None:
    files = Course.of(folder / "run").files(replace(hand, name="twice"))
    files.folder.mkdir(exist_ok=True)
    with files.held():
        done = call(folder, "rival", "run", "hand.arch", "--data", "few.npz", "--name", "twice", code=1)
    assert "error[G604]: `twice` in run/rivals is a rival that process " in done.stderr
    assert not [*files.folder.glob("twice*")]


REFUSED = {
    "other samples": (("run", "hand.arch", "--data", "changed.npz"), "G602", "data's fingerprint"),
    "no exits": (("run", "plain.arch"), "G614", "`plain` has no exits"),
    "data that does not fit": (("run", "msdnet"), "G407", "but `image` of"),
    "budgets beyond": (("run", "hand.arch", "--set", "width=1"), "G615", "beyond the last output"),
    "no run": (("nowhere", "hand.arch"), "G601", "nowhere holds no run"),
    "a run that is not done": (("begun", "hand.arch"), "G603", "has no winner yet"),
    "no network": (("run", "hand.arch:feet"), "G", "feet"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_compared_is_refused_and_leaves_nothing(why: str, folder: Path) -> None:
    words, code, said = REFUSED[why]
    given = () if "--data" in words else ("--data", "few.npz")
    before = sorted((folder / "run" / "rivals").glob("*"))
    done = call(folder, "rival", *words, *given, "--name", "refused", code=1)
    assert f"error[{code}" in done.stderr
    assert said in done.stderr
    assert done.stderr.count("error[") == 1
    assert sorted((folder / "run" / "rivals").glob("*")) == before


@pytest.mark.parametrize("name", ["", "a.b", "../a", "a b", "a" * 65])
def test_a_name_is_that_of_a_file(name: str, folder: Path) -> None:
    done = call(folder, "rival", "run", "hand.arch", "--data", "few.npz", "--name", name, code=2)
    assert "Invalid value for --name" in done.stderr


def test_a_loss_that_is_no_number_ends_it(folder: Path, data: Dataset, hand: Rival) -> None:
    course = Course.of(folder / "run")
    wild = replace(course, plan=replace(course.plan, final=replace(course.plan.final, lr=1e30, clip=0.0, warmup=0.0)))
    with pytest.raises(CompileError, match="G613"):
        train_rival(wild, replace(hand, name="wild"), data, unwatched)
    assert not [*wild.folder.rivals.glob("wild*")]


def asked(plan: Mapping[str, object]) -> Asked:
    return Asked("s", "", "", {}, "digits", "f", json.loads(json.dumps(plan)), 7)


def test_the_last_rung_of_a_plan_comes_back(tmp_path: Path) -> None:
    final = replace(PLAN.final, augment="flip", crop=2, cosine=False, ema=0.5)
    plan = replace(PLAN, final=final, device="cuda", processes=4, seed=7)
    found = final_plan(tmp_path, asked(plan.asked()))
    assert found.final == plan.final
    kept = ("seed", "seeds", "device", "processes", "budgets")
    assert [getattr(found, name) for name in kept] == [getattr(plan, name) for name in kept]


def test_plans_of_other_versions_are_read_or_refused(tmp_path: Path) -> None:
    early = PLAN.asked()
    early["final"] = {"epochs": 3, "lr": 0.5}
    del early["processes"], early["device"], early["seeds"], early["budgets"]
    found = final_plan(tmp_path, asked(early))
    assert (found.final.epochs, found.final.lr, found.final.precision) == (3, 0.5, "f32")
    assert (found.seeds, found.device, found.processes, found.budgets) == (1, "cpu", 1, None)
    assert final_plan(tmp_path, asked({**early, "fields": 3})) == found, "what earlier rungs did is not asked for here"
    with pytest.raises(CompileError, match="G602") as caught:
        final_plan(tmp_path, asked({**early, "final": {**cast("dict[str, object]", early["final"]), "swing": 2}}))
    assert caught.value.diagnostics[0].notes == ("swing: 2",)
    for wrong in ({}, {"final": 3}, {"final": {"epochs": "many"}}, {**early, "budgets": [1]}):
        with pytest.raises(CompileError, match="G609"):
            final_plan(tmp_path, asked(wrong))


def test_all_gpus_train_one_network_where_they_did_in_the_run() -> None:
    plan = replace(PLAN, processes=8)
    assert [plan.together(count, 1000) for count in (4, 7, 8, 20)] == [8, 8, 1, 1]
    assert replace(PLAN, processes=8, final=replace(PLAN.final, batch_size=6)).together(2, 1000) == 3
    assert PLAN.together(0, 1000) == 1


def test_a_person_sets_a_network_beside_the_winner(folder: Path) -> None:
    done = call(folder, "rival", "run", "hand.arch", "--set", "width=8", "--name", "wide")
    assert "images of 8x8 pixels are scaled to 4x4" in done.stderr
    assert "Training wide, seed 2 of 2" in done.stderr
    names = ["winner", "random, mean of 2", "wide"]
    assert [line.split("  ")[0] for line in done.stdout.splitlines() if line.startswith((*names,))] == names
    kept = json.loads((folder / "run" / "rivals" / "wide.json").read_text())
    assert {*results(folder)["anytime"]["curves"][0]} < {*kept}
    assert (kept["role"], kept["address"], kept["settings"]) == ("rival", "hand.arch", {"width": "8"})
    assert kept["budgets"] == [*BUDGETS]
    assert kept["training"]["epochs"] == PLAN.final.epochs
    again = ask(folder, "rival", "run", "hand.arch", "--set", "width=8", "--name", "wide")
    assert again.pop("file") == "run/rivals/wide.json"
    assert without_times(again) == without_times(kept)


def test_ctrl_c_says_how_to_go_on(folder: Path) -> None:
    with mock.patch("ghndsl.search.rivals.judge", side_effect=KeyboardInterrupt):
        done = call(folder, "rival", "run", "hand.arch", "--name", "left", code=130)
    assert "left.training.safetensors holds what was done; `--resume` goes on with it" in done.stderr
    assert not (folder / "run" / "rivals" / "left.json").exists()
    done = call(folder, "rival", "run", "hand.arch", "--name", "left", "--resume")
    assert "Training left, seed 1 of 2: 1 of 1" in done.stderr
    assert (folder / "run" / "rivals" / "left.json").is_file()


def test_a_run_without_budgets_has_rivals_too(folder: Path) -> None:
    train_rival(
        Course.of(folder / "other"),
        Rival(ghndsl.load(str(folder / "plain.arch")), "plain", "plain.arch", {}),
        load("digits", None, 0).few(200),
        unwatched,
    )
    kept = json.loads((folder / "other" / "rivals" / "plain.json").read_text())
    assert 0 <= kept["accuracy"] <= 1
    assert kept["metric"] == "accuracy"
    assert (len(kept["seeds"]), kept["spread"], kept["validation_spread"]) == (1, 0.0, 0.0)
    assert standings(RunFolder(folder / "other")) is None


def test_what_is_kept_is_read_again(folder: Path, data: Dataset, hand: Rival) -> None:
    train_rival(Course.of(folder / "run"), hand, data, unwatched)
    found = standings(RunFolder(folder / "run"))
    assert found is not None
    curves = results(folder)["anytime"]["curves"]
    assert found.budgets == (*BUDGETS,)
    assert found.winner.area == curves[0]["area"]
    assert [stop.name for stop in found.winner.stops] == ["early", "logits"]
    first = found.winner.stops[0].macs
    assert found.winner.at(first - 1) is None
    assert found.winner.at(first) == curves[0]["points"][0]["accuracy"]
    assert found.mean is not None
    assert found.mean.area == pytest.approx((curves[1]["area"] + curves[2]["area"]) / 2)
    mine = next(one for one in found.rivals if one.name == "hand")
    assert mine.params == hand.graph.params
    path = folder / "run" / "rivals" / "broken.json"
    for text in ("{", "[]", '{"params": 3}'):
        path.write_text(text)
        with pytest.raises(CompileError, match="G601"):
            standings(RunFolder(folder / "run"))
    path.unlink()
