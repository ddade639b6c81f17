"""What a report tells of networks between budgets: curves of the winner, of rivals and of random candidates."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from browsing import CONTRAST, NEEDS_CHROMIUM, SIZES, looked_at

from ghndsl.search.report import facts, page, plots
from ghndsl.search.report.curves import beside, sheet
from ghndsl.search.report.strokes import Stroke
from ghndsl.search.report.svg import Axis
from ghndsl.search.store import Asked, Proposal, Result, Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NASTY = "<script>alert(1)</script>&\"'"
BUDGETS = [100.0, 1000.0]
LINE = " ".join(f"block.node{place}.op=conv_3x3" for place in range(90))
NUMBER = 10**150 + 7
SVG = "{http://www.w3.org/2000/svg}"
Points = Sequence[tuple[str, int, float]]


def curve(name: str, role: str, points: Points, area: float, **more: object) -> dict[str, object]:
    """One as `results.json` has it, from two seeds that differ by a tenth at each point."""
    found = [{"name": exit_, "macs": macs, "accuracy": value, "spread": 0.05} for exit_, macs, value in points]
    batches = [{"budget": 500.0, "macs": 300.0, "accuracy": 0.6}, {"budget": 1000.0, "macs": 700.0, "accuracy": 0.7}]
    seeds = [{"curve": [], "area": area, "batches": batches}, {"curve": [], "area": area, "batches": batches}]
    line = LINE if role == "winner" else f"k={name[-1]}"
    about = {"name": name, "role": role, "line": line, "area": area, "spread": 0.01}
    return {**about, "points": found, "seeds": seeds, **more}


WINNER = curve("winner", "winner", [("early", 150, 0.5), ("logits", 600, 0.8)], 0.62)
CONTROLS = [
    curve("random 1", "control", [("early", 200, 0.4), ("logits", 1200, 0.6)], 0.4),
    curve("random 2", "control", [("early", 100, 0.2), ("logits", 900, 0.7)], 0.5),
]
RIVALS = [
    curve("hand", "rival", [("early", 120, 0.45), ("logits", 500, 0.7)], 0.55, params=2_000),
    curve(NASTY, "rival", [("early", 90, 0.6), ("logits", 400, 0.75)], 0.7, params=None),
]


def run(folder: Path, rivals: Sequence[Mapping[str, object]] = RIVALS, *, is_anytime: bool = True) -> Path:
    """A run that is done, whose winner has a number and a line of many characters."""
    plan: dict[str, object] = {"scorer": "anytime", "objectives": ["score"], "candidates": 2, "finalists": 1}
    plan |= {"budgets": BUDGETS} if is_anytime else {}
    metric = "anytime accuracy" if is_anytime else "accuracy"
    asked = Asked("stops", "space stops() {}", "0", {}, "digits", "f", plan, 7, metric=metric)
    with Store.begin(folder, asked) as store:
        for number, line in ((NUMBER, LINE), (3, "k=1"), (4, "k=2")):
            (place,) = store.propose([Proposal(line, number, f"id{number}", 1_000, 1_300)])
            measures = {"score": number % 10 / 10, "anytime": 0.3, "anytime_early": 0.2}
            store.finish(place.place, Result((measures["score"],), measures))
        store.end("done")
    best = {"number": NUMBER, "line": LINE, "id": "x", "params": 1_000, "macs": 600}
    best |= {"accuracy": 0.6234, "validation_accuracy": 0.6}
    finalists = [{"line": one["line"], "is_control": one is not WINNER, "params": 1_000} for one in (WINNER, *CONTROLS)]
    results: dict[str, object] = {"best": best, "metric": metric, "finalists": finalists}
    if is_anytime:
        results["anytime"] = {"budgets": BUDGETS, "curves": [WINNER, *CONTROLS]}
    (folder / "results.json").write_text(json.dumps(results))
    if rivals:
        (folder / "rivals").mkdir()
        for place, one in enumerate(rivals):
            (folder / "rivals" / f"{place}.json").write_text(json.dumps(one))
    return folder


def classes(picture: str) -> list[str]:
    return [one.get("class", "") for one in ET.fromstring(picture).iter(f"{SVG}path")]


def test_each_network_has_a_line_that_differs_in_more_than_colour(tmp_path: Path) -> None:
    drawn = plots(facts(run(tmp_path / "run")))
    for name in ("curves", "batches"):
        root = ET.fromstring(drawn[name])
        lines = [one for one in root.findall(f"{SVG}path") if "p-stroke" in one.get("class", "")]
        looks = [one.get("class", "").removeprefix("p-stroke ") for one in lines]
        assert looks == ["p-control-line"] * 2 + ["p-rival0", "p-rival1", "p-winner"], "the winner is on top"
        assert len({one.get("stroke-dasharray") for one in lines[2:]}) == 3
        assert [one.text for one in root.iter(f"{SVG}text")][-5:] == [
            "winner", "hand", NASTY, "2 random candidates", "the budgets, 100 to 1k MACs",
        ]  # fmt: skip
        assert root.find(f"{SVG}rect") is not None
    assert len(re.findall("tabindex", drawn["curves"])) == 6, "the exits of the winner and the rivals"
    assert 'data-tip="winner&#10;early: 150 MACs, accuracy 50.00%\xa0±\xa05.00%"' in drawn["curves"]
    assert "mean budget 500: 300 MACs spent, accuracy 60.00%" in drawn["batches"]


def test_a_line_keeps_a_value_until_the_next_exit(tmp_path: Path) -> None:
    root = ET.fromstring(plots(facts(run(tmp_path / "run", ())))["curves"])
    way = next(one.get("d", "") for one in root.findall(f"{SVG}path") if one.get("class") == "p-stroke p-winner")
    assert re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+V[\d.]+H628", way)


def test_many_rivals_are_all_told_apart() -> None:
    looks = {(one.look, one.dash, one.sign) for one in (Stroke("", "rival", (), number) for number in range(16))}
    assert len(looks) == 16
    assert len({(dash, sign) for _, dash, sign in looks}) >= 8, "without colours too"


def test_the_table_and_the_words_say_who_is_above_whom(tmp_path: Path) -> None:
    found = sheet(facts(run(tmp_path / "run")))
    assert found is not None
    assert found.head == ["network", "params", "MACs of the last answer", "mean accuracy", "at 100", "at 550", "at 1k"]
    names = [row[0] for row in found.rows]
    assert names == ["winner", "hand", NASTY, "random, mean of 2", "random 1", "random 2"]
    assert found.rows[0] == ["winner", "1k", "600", "62.00%\xa0±\xa01.00%", "–", "50.00%", "80.00%"]
    assert found.rows[3][1:] == ["", "", "45.00%\xa0±\xa07.07%", "10.00%", "30.00%", "55.00%"]
    for words in (
        "above hand (55.00%",
        f"below {NASTY} (70.00%",
        "above the mean of 2 random candidates (45.00%",
        "not tested",
    ):
        assert words in found.words


def test_a_page_holds_them_and_nothing_of_them_is_run(tmp_path: Path) -> None:
    found = page(facts(run(tmp_path / "run")))
    assert found.count("<script>") == 1, "the page's own"
    for words in ('id="curves"', 'id="batches"', 'id="curve_table"', "62.34%", "at a budget from 100 to 1k MACs"):
        assert words in found
    assert f'data-tip="{NUMBER}"' in found
    assert f">{NUMBER}<" not in found
    assert "anytime_early" not in found, "exits have a plot of their own"
    assert found.count("(and 84 choices)") >= 2


def test_without_rivals_and_controls_and_before_the_end(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", ())
    assert "below" not in page(facts(folder)).partition("How to reproduce")[0]
    results = json.loads((folder / "results.json").read_text())
    results["anytime"]["curves"] = [{**WINNER, "seeds": [{"batches": []}]}]
    (folder / "results.json").write_text(json.dumps(results))
    found = sheet(facts(folder))
    assert found is not None
    assert found.words.endswith("62.00%\xa0±\xa01.00%.")
    assert "batches" not in plots(facts(folder))
    (folder / "results.json").unlink()
    assert "curves" not in plots(facts(folder))
    words = page(facts(folder))
    assert "No winner yet" in words
    assert "anytime accuracy is the mean accuracy" in words


def test_rivals_of_a_run_without_budgets_have_a_table(tmp_path: Path) -> None:
    rival: dict[str, object] = {"name": "hand", "params": 20, "macs": None, "accuracy": 0.25, "spread": 0.125}
    rival |= {"validation_accuracy": 0.5, "validation_spread": 0.0}
    found = facts(run(tmp_path / "run", [rival], is_anytime=False))
    table = beside(found)
    assert table is not None
    assert [*table.rows] == [
        ["winner", "1k", "600", "60.00%", "62.34%"], ["hand", "20", "?", "50.00%", "25.00%\xa0±\xa012.50%"],
    ]  # fmt: skip
    assert 'id="rivals"' in page(found)
    assert beside(facts(run(tmp_path / "none", (), is_anytime=False))) is None


def test_an_axis_of_two_decades_has_round_ticks() -> None:
    assert Axis("MACs", 3e4, 7e5, is_log=True).ticks() == [5e4, 1e5, 2e5, 5e5]


@NEEDS_CHROMIUM
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_curves_can_be_read_and_pointed_at(size: str, dark: bool, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page(facts(run(tmp_path / "run"))), encoding="utf-8")
    opened = looked_at(browser, tmp_path / "report.html", size, dark=dark)
    width, _ = SIZES[size]
    assert opened.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
    assert opened.evaluate(CONTRAST) >= 4.5, "as WCAG 2.1 AA asks"
    heights = "[...document.querySelectorAll('#curves text')].map(one => one.getBoundingClientRect().height)"
    assert min(opened.evaluate(heights)) > 8, "in pixels"
    strokes = """() => {
        const light = text => text.match(/[0-9.]+/g).slice(0, 3).map(Number)
            .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
        const card = light(getComputedStyle(document.querySelector("#curves")).backgroundColor);
        return [0, 1, 2, 3].map(place => {
            const one = document.createElementNS("http://www.w3.org/2000/svg", "path");
            one.setAttribute("class", `p-rival${place}`);
            document.querySelector("#curves svg").append(one);
            const ink = light(getComputedStyle(one).stroke);
            return (Math.max(ink, card) + 0.05) / (Math.min(ink, card) + 0.05);
        }).reduce((least, one) => Math.min(least, one), 99);
    }"""
    assert opened.evaluate(strokes) >= 3, "as WCAG 2.1 AA asks of what is drawn"
    tip = opened.locator("#tip")
    opened.locator("#curves .p-sign.p-winner[data-tip]").first.focus()
    assert "early: 150 MACs" in tip.inner_text()
    mark = opened.locator("#curves .p-sign.p-rival0[data-tip]").first
    mark.hover()
    assert "hand" in tip.inner_text()
    opened.locator("#winner summary").click()
    assert opened.locator("#winner").inner_text().count("conv_3x3") > 90
    opened.context.close()
