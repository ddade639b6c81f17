"""A report tells what a run holds, exactly, at any moment of the run, and runs nothing that a run holds."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from xml.etree import ElementTree as ET

import pytest

from ghndsl import CompileError
from ghndsl.search.report import facts, page, plots
from ghndsl.search.report.shared import choices
from ghndsl.search.report.svg import Axis
from ghndsl.search.store import Asked, Proposal, Result, Rung, Store

NASTY = "<script>alert(1)</script>&\"'"
PLAN = {"scorer": "synflow>early", "objectives": ["score", "-macs"], "candidates": 40, "finalists": 3}


def asked(name: str = "few") -> Asked:
    return Asked(
        name, f"space few() {{ {NASTY} }}", "0", {"full": {}}, "digits", "f", PLAN, 7, ("ghndsl", "search", NASTY)
    )


def written(folder: Path, *, count: int = 40, ended: bool = True, name: str = "few") -> Path:
    """A run whose scores follow `k`, but for some noise."""
    rng = random.Random(0)
    with Store.begin(folder, asked(name)) as store:
        for number in range(count):
            k, w = rng.choice((1, 3, 5)), rng.choice((4, 8))
            (place,) = store.propose(
                [Proposal(f"k={k} w={w} n={number}", number, f"id{number}", 10 * k * w, 100 * k * w)]
            )
            score = k + rng.random()
            store.finish(place.place, Result((score, -100.0 * k * w), {"synflow": score}, seconds=1.0, cpu_seconds=0.5))
            if ended:
                store.add_measures([(place.place, {"score": score})])
        (lost,) = store.propose([Proposal("k=9 w=9 n=99", 99, "lost")])
        store.finish(lost.place, Result(None, {}, f"error: {NASTY}"))
        if ended:
            for place in (1, 2, 3):
                store.rung(Rung(place, "full", 5, "done", {}, 0.5 + place / 10, 1.0, 2, 3.0, 2.0))
            store.end("done")
    if ended:
        best = {"number": 2, "line": "k=1 w=4 n=2", "id": "x", "params": 40, "macs": 400, "accuracy": 0.75}
        finalists = [{"line": one, "is_control": index > 0} for index, one in enumerate(("k=1", "k=2"))]
        (folder / "results.json").write_text(json.dumps({"best": best, "metric": "accuracy", "finalists": finalists}))
        (folder / "best.svg").write_text(f"<svg xmlns='http://www.w3.org/2000/svg'>{NASTY.replace('&', '&amp;')}</svg>")
    return folder


def test_a_page_holds_what_the_run_does_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    found = page(facts(written(tmp_path / "run", name=NASTY)))
    assert found.count("<script>") == 1, "the page's own"
    assert "&lt;script&gt;" in found
    for words in ("75.00%", "k=1 w=4 n=2", "40", "Spearman", "What failed", "How to reproduce", "data:image/svg+xml"):
        assert words in found
    assert "http" not in found.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", ""), (
        "it needs nothing else"
    )


def test_the_middle_rung_is_shown_where_there_is_one(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    assert "short" not in plots(facts(folder))
    with Store.resume(folder, asked()) as store:
        for place in (1, 2, 40):
            store.rung(Rung(place, "short", 5, "done", {}, None, place / 8))
    found = facts(folder)
    assert "loss after short training 0.25, accuracy 0.7" in plots(found)["short"]
    assert found.short == {1: 0.125, 2: 0.25, 40: 5.0}
    assert page(found).count('id="short"') == 1


def test_controls_are_known_before_the_end_and_what_failed_once_does_not_count(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", ended=False)
    with Store.resume(folder, asked()) as store:
        store.controls([2, 3])
        for place, seed, accuracy in ((1, 5, 0.6), (1, 6, 0.8), (2, 5, 0.5), (3, 5, 0.9), (3, 6, None)):
            state = "done" if accuracy else "failed"
            store.rung(Rung(place, "full", seed, state, {}, accuracy, 1.0 if accuracy else None))
    trained = [
        (one.candidate.place, round(one.accuracy, 9), one.seeds, one.is_control) for one in facts(folder).trained
    ]
    assert trained == [(1, 0.7, 2, False), (2, 0.5, 1, True)]


AGAIN = {
    "as asked": ({}, "this gives the same findings.", "--resume"),
    "timed": ({"plan": {"objectives": ["score", "-latency"]}}, "measured anew.", "--resume"),
    "from Python": ({"command": ()}, "the plan below gives the same findings.", "resume=True"),
}


@pytest.mark.parametrize(("changes", "said", "next_"), AGAIN.values(), ids=AGAIN)
def test_how_to_reproduce_is_said_truly(changes: dict[str, object], said: str, next_: str, tmp_path: Path) -> None:
    with Store.begin(tmp_path / "run", replace(asked(), **changes, metric="r2")):  # type: ignore[arg-type]
        pass
    found = page(facts(tmp_path / "run"))
    words = " ".join(found.partition('id="again"')[2].split())
    assert said in words
    assert next_ in words
    assert ('id="command"' in found) == ("command" not in changes)
    assert facts(tmp_path / "run").metric == "r2"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_run_that_goes_on_has_a_page_too(count: int, tmp_path: Path) -> None:
    found = facts(written(tmp_path / "run", count=count, ended=False))
    assert "No winner yet" in page(found)
    assert found.failed[0].error is not None
    assert (found.score, found.results) == ("synflow" if count else "score", None)
    assert "--resume" in page(found)


def test_numbers_of_any_size_have_a_page(tmp_path: Path) -> None:
    with Store.begin(tmp_path / "run", asked()) as store:
        for number in (10**400, 2):
            (place,) = store.propose([Proposal(f"k={number % 7}", number, f"id{number}", 10**350, 5)])
            store.finish(place.place, Result((1.0,), {"synflow": 1.0 if number > 2 else -1e30}))
    found = facts(tmp_path / "run")
    assert [score for _, score in found.scored] == [1.0], "what could not be measured is no score"
    assert str(10**400) in page(found)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="G601"):
        facts(tmp_path)


def test_plots_are_pictures_by_themselves(tmp_path: Path) -> None:
    drawn = plots(facts(written(tmp_path / "run")))
    assert set(drawn) == {"progress", "agreement", "front_macs", "front_params"}
    for text in drawn.values():
        root = ET.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) >= 3
        assert all(one.get("data-tip") for one in root.findall(".//{http://www.w3.org/2000/svg}circle"))


def test_the_front_is_that_of_the_definition(tmp_path: Path) -> None:
    found = facts(written(tmp_path / "run"))
    numbers = [(one, one.measures["score"] or 0, one.macs or 0) for one in found.done]
    wanted = [
        one
        for one, score, macs in numbers
        if not any(s >= score and m <= macs and (s, m) != (score, macs) for _, s, m in numbers)
    ]
    assert found.front("macs") == [one.place for one in wanted]


def test_what_good_ones_share_is_counted() -> None:
    rng = random.Random(1)
    lines = [(f"a={rng.choice('xyz')} b={rng.choice('pq')}", float(index)) for index in rng.sample(range(300), 300)]
    places = {line_index: score / 299 for line_index, (_, score) in enumerate(lines)}
    for choice in choices(lines):
        for option in choice.options:
            having = [index for index, (line, _) in enumerate(lines) if f"{choice.path}={option.label}" in line.split()]
            others = [index for index in places if index not in having]
            assert option.count == len(having)
            assert option.share == pytest.approx(len(having) / 300)
            effect = fmean(places[index] for index in having) - fmean(places[index] for index in others)
            assert option.effect == pytest.approx(effect)
            assert option.share_of_best == pytest.approx(sum(places[index] >= 0.9 for index in having) / 30, abs=0.04)


@pytest.mark.parametrize(("least", "most"), [(0, 1), (-3, 12.5), (1e-9, 2e-9), (3e5, 2e8), (5, 5), (0, 0), (0.2, 130)])
def test_ticks_lie_on_the_axis_and_are_few(least: float, most: float) -> None:
    axis = Axis.of("x", [least, most])
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 12
    assert ticks == sorted(ticks)
    assert all(-1e-9 <= axis.share(tick) <= 1 + 1e-9 for tick in ticks)
    assert all(0 <= axis.share(value) <= 1 for value in (least, most))
