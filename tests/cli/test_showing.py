"""`show` and `render` as a person calls them: folded tables, differences, narrow terminals, and wrong words."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ghndsl.cli import output
from ghndsl.cli.app import app

Run = Callable[..., str]


@pytest.fixture
def run() -> Run:
    """Calls the command; its standard output."""

    def called(*words: str, code: int = 0) -> str:
        found = CliRunner().invoke(app, words, catch_exceptions=False)
        assert found.exit_code == code, found.output
        return found.stdout if code == 0 else found.output

    output.console.cache_clear()
    return called


def test_blocks_are_rows_with_subtotals_and_repeats_once(run: Run) -> None:
    lines = [line.split() for line in run("show", "nasbench201@17", "--depth", "1").splitlines()]
    cell = next(line for line in lines if line[:1] == ["stage0.0"])
    assert cell == ["stage0.0", "–", "4", "Cell", "×5", "f32[N,", "16,", "32,", "32]", "13,120", "13,107,200"]
    assert sum(line[:2] == ["e3_1", "Op"] for line in lines) == 3
    assert ["MB", "for", "one", "sample:"] in [line[:4] for line in lines]


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [((), 10, 30), (("--depth", "0"), 2, 12), (("--depth", "9"), 70, 130), (("--expand",), 175, 220)],
)
def test_a_table_is_as_long_as_it_is_asked_to_be(run: Run, words: tuple[str, ...], least: int, most: int) -> None:
    text = run("show", "resnet50", *words)
    assert least <= len(text.splitlines()) <= most
    assert "25,557,032 params" in text


def test_json_has_the_flat_list_and_the_rows(run: Run) -> None:
    found = json.loads(run("show", "resnet18", "--json"))
    assert len(found["layers"]) == found["nodes"] == 69
    assert {row["times"] for row in found["rows"]} == {1, 2}
    assert found["memory"]["total"] == sum(found["memory"][name] for name in ("inputs", "values", "weights"))
    assert json.loads(run("show", "nasbench201@17", "--json"))["choices"]["Cell.e3_1.op"] == "nor_conv_3x3"


def test_a_difference(run: Run) -> None:
    text = run("show", "nasbench201@17", "--diff", "nasbench201@18")
    assert text.count("Cell ×5") == 3
    assert "conv(16, 1, bias=false) → conv(16, 3, padding=1" in text
    assert "choice Cell.e3_2.op: nor_conv_1x1 → nor_conv_3x3" in text
    assert "+62.4%" in text
    assert "the same network" in run("show", "resnet18", "--diff", "resnet18")
    found = json.loads(run("show", "nasbench201@17", "--diff", "nasbench201@18", "--json"))
    assert (found["params"], found["nodes"]) == ([344_346, 559_386], [205, 205])
    assert [change["change"] for change in found["changes"]] == ["changed"] * 15
    assert found["changes"][0]["before"]["path"] == "stage0.0.e3_2.0.1"


def test_wired_otherwise_is_said(run: Run, tmp_path: Path) -> None:
    text = "arch {}() {{ input x: f32[N, 4]\n a = x -> relu as a\n b = {} -> tanh as b\n output y = a * b }}\n"
    (tmp_path / "nets.arch").write_text(text.format("one", "x") + text.format("two", "a"), encoding="utf-8")
    words = [f"{tmp_path / 'nets.arch'}:{name}" for name in ("one", "two")]
    assert "the same layers, wired otherwise" in run("show", words[0], "--diff", words[1])


def test_a_narrow_terminal_takes_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    narrow = Console(file=shown, width=72, highlight=False)
    monkeypatch.setattr(output, "console", lambda: narrow)
    assert output.columns() == 72
    run("show", "resnet50")
    assert all(len(line) <= 72 for line in shown.getvalue().splitlines())
    assert "4.09G" in shown.getvalue()


@pytest.mark.parametrize(
    ("columns", "words", "expected"),
    [
        (80, ("resnet152",), "Bottleneck ×35"),
        (80, ("maxvit_t",), "  ….window_attention"),
        (80, ("swin_v2_t",), "repeated ×3, numbers differ"),
        (80, ("resnet50", "--diff", "wide_resnet50_2"), "conv(64 → 128,"),
        (80, ("nasbench201@17", "--diff", "nasbench201@18"), "conv(1 → 3, "),
        (80, ("resnet18", "--diff", "resnet34"), "BasicBlock ×4"),
        (100, ("resnet50", "--diff", "resnet34"), "Bottleneck → BasicBlock ×5"),
        (100, ("mobilenet_v2", "--diff", "mobilenet_v3_large"), "InvertedResidual → Bottleneck"),
        (140, ("resnet152",), "conv(64, 7, stride=2, padding=3, bias=false)"),
    ],
)
def test_what_matters_is_there_however_narrow(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: int, words: tuple[str, ...], expected: str
) -> None:
    shown = io.StringIO()
    narrow = Console(file=shown, width=columns, highlight=False)
    monkeypatch.setattr(output, "console", lambda: narrow)
    run("show", *words)
    assert expected in shown.getvalue()
    assert all(len(line) <= columns for line in shown.getvalue().splitlines())


def test_where_no_terminal_is_nothing_is_cut_or_wrapped(run: Run) -> None:
    text = run("show", "maxvit_t")
    assert "blocks.0.layers.0.layers.MBconv – 2.layers.1.layers.grid_attention  repeated ×3, numbers differ" in text
    assert "…" not in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [(("resnet50", "--expand"), "of its size: write an `.svg`"), (("resnet50",), "wrote")],
)
def test_a_sliver_is_announced(words: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["render", *words, "-o", str(tmp_path / "net.png")])
    assert expected in found.stderr
    assert ("of its size" in found.stderr) == ("--expand" in words)


@pytest.mark.parametrize(
    "words",
    [
        ("show", "resnet18", "--depth", "1", "--expand"),
        ("show", "digits", "--depth", "1"),
        ("show", "digits", "--diff", "resnet18"),
        ("render", "digits", "-o", "never.svg", "--expand"),
        ("render", "resnet18", "-o", "never.svg", "--depth", "2", "--expand"),
    ],
)
def test_words_that_do_not_go_together_are_refused(run: Run, words: tuple[str, ...]) -> None:
    assert "Usage" in run(*words, code=2)
    assert not Path("never.svg").exists()


SPACES = {
    "nasbench201": [
        "Cell.e{1-3}_{0-2}.op ×6 block Op one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3",
        "motif Cell: chosen once for all its uses",
        "scale: width = 16, cells = 5, size = 32, classes = 10",
        "15,625 candidates, 6 choices",
        "for example Cell.e1_0.op=",
    ],
    "hnas": ["stage{0-2}…kind ×255 block Conv one of full,", "e+298 candidates (299 digits), 1,083 choices"],
    "digits": ["Cell.{0-2}.inputs ×3 motif Cell: for i in range(2, 5) 1..2 of 2 to 4 0, 1, 2, 3"],
    "WHERE": [
        "where k + 1 > 6 (",
        "{0-1}.k ×2 space s: for i in range(2) one of 40 1, 2, 3,",
        "1,600 candidates, 2 choices; 1,225 meet",
    ],
    "MEASURED": ["where params <= 20 (", "40 candidates, 1 choice; 4 meet every `where`", "for example k="],
    "ONE": ["40 candidates, 1 choice; 1 meets every `where`", "for example k=1"],
    "NONE": ["40 candidates, 1 choice; none meets every `where`"],
    "NONE BUILT": ["40 candidates, 1 choice; none meets every `where`"],
    "SIZES": ["m space s one of 1 to 3, depending on earlier choices 1, 2, 3, 4, 5"],
    "OPTIONS": ["k space s one of 2, depending on earlier choices 5, 7, 1, 3"],
    "LOOP": ["{0-1}.k ×2 space s: for i in range(2) one of 2 0, 1, 2"],
    "PLAIN": ["1 candidate, 0 choices"],
}
TEXTS = {
    "WHERE": "for i in range(2) {\nchoose k from 1..40\nwhere k + 1 > 6\n}",
    "MEASURED": "choose k from 1..40\noutput z = x -> linear(k) as z\nwhere params <= 20",
    "ONE": "choose k from 1..40\noutput z = x -> linear(k) as z\nwhere params <= 5",
    "NONE": "choose k from 1..40\nwhere k > 40",
    "NONE BUILT": "choose k from 1..40\noutput z = x -> linear(k) as z\nwhere params % 3 == 3",
    "SIZES": "choose a from 1..3\nchoose m from range(a, 2 * a)",
    "OPTIONS": "choose big from [true, false]\nchoose k from ([5, 7] if big else [1, 3])",
    "LOOP": "for i in range(2) { choose k from [i, i + 1] }",
    "PLAIN": "",
}


@pytest.fixture(name="address", params=SPACES)
def _address(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The name of a space in the table, and its address."""
    name = str(request.param)
    if name not in TEXTS:
        return name, name
    file = tmp_path / "s.nas"
    file.write_text(f"space s() {{\ninput x: f32[N, 4]\noutput y = x -> relu\n{TEXTS[name]}\n}}", encoding="utf-8")
    return name, str(file)


def test_a_space_is_told_in_few_lines(run: Run, address: tuple[str, str]) -> None:
    lines = [" ".join(line.split()) for line in run("show", address[1]).splitlines()]
    assert len(lines) < 20
    for expected in SPACES[address[0]]:
        assert any(expected in line for line in lines), (expected, lines)
    assert not any("for example" in line for line in lines if address[0].startswith("NONE"))


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_space_fits_its_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    shown = io.StringIO()
    narrow = Console(file=shown, width=columns, highlight=False)
    monkeypatch.setattr(output, "console", lambda: narrow)
    run("show", "nasbench201")
    assert all(len(line) <= columns for line in shown.getvalue().splitlines())
    assert ("nasbench201.nas:" in shown.getvalue()) == (columns == 200)


def test_json_of_a_space_has_all_of_it(run: Run) -> None:
    found = json.loads(run("show", "digits", "--set", "width=9", "--json"))
    assert (found["name"], found["size"], found["feasible"]) == ("digits", 26_127_360, 26_127_360)
    assert found["parameters"] == {"width": "9", "cells": "1", "size": "8", "classes": "10"}
    assert found["motifs"] == ["Cell"]
    assert found["choices"]["Cell.act"] == ["relu", "gelu", "silu"]
    assert len(found["choices"]) == sum(row["count"] for row in found["rows"]) == 14
    assert found["conditions"] == []


def test_how_long_it_takes_to_reach_each_exit(run: Run) -> None:
    text = run("show", "msdnet", "--set", "layers=4", "--latency")
    lines = [line for line in text.splitlines() if line.endswith("to reach it")]
    assert [line.split(":")[0] for line in lines] == ["exit early1", "output logits"]
    assert all("MACs, PyTorch " in line and "ms ±" in line for line in lines)
    found = json.loads(run("show", "msdnet", "--set", "layers=4", "--latency", "--json"))
    assert [one["name"] for one in found["exits"]] == ["early1"]
    assert [one["name"] for one in found["answers"]] == ["early1", "logits"]
    assert all(one[name] > 0 for one in found["answers"] for name in ("params", "macs", "latency", "latency_onnx"))
    assert "latency" not in json.loads(run("show", "msdnet", "--json"))["exits"][0]


@pytest.mark.parametrize("words", [("digits", "--latency"), ("digits@1", "--diff", "digits@2", "--latency")])
def test_latency_is_that_of_one_network(run: Run, words: tuple[str, ...]) -> None:
    assert "--latency" in run("show", *words, code=2)
