"""What `check` says of spaces, and that every command about spaces refuses a bad one with one error and a place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ghndsl.cli.app import app
from ghndsl.diagnostics import CompileError

SPACE = "space {}() {{\n    input x: f32[N, 4, 8, 8]\n    choose k from [1, 3]\n    output y = x -> conv(4, k{})\n}}\n"
GRAPHS = """use std.graph (walk)

space graphs() {
    input x: f32[N, 4]
    choose g from dags(vertices=6) {
        a: relu
        b: tanh
    }
    output y = x -> walk(g)
}
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.nas").write_text(SPACE.format("one", ""), encoding="utf-8")
    (tmp_path / "two.nas").write_text(SPACE.format("a", "") + SPACE.format("b", ""), encoding="utf-8")
    (tmp_path / "doubt.nas").write_text(SPACE.format("doubt", "").replace("(4, k)", "(4, 1)"), encoding="utf-8")
    (tmp_path / "ill.nas").write_text(SPACE.format("ill", " + 7"), encoding="utf-8")
    (tmp_path / "graphs.nas").write_text(GRAPHS, encoding="utf-8")
    (tmp_path / "net.arch").write_text("arch net() {\n    input x: f32[N, 4]\n    output y = x -> relu\n}\n", "utf-8")
    return tmp_path


PROVED = "proved: all 2 candidates are well-shaped"
TRIED = "not proved: 48 of 30,146 graphs of `g` were tried"

# Words after `check`, and what is printed.
SAID: dict[str, list[str]] = {
    "net.arch": ["net.arch: no faults"],
    "one.nas": [f"one.nas: {PROVED}"],
    "two.nas": [f"two.nas:a: {PROVED}", f"two.nas:b: {PROVED}"],
    "two.nas:b net.arch": [f"two.nas:b: {PROVED}", "net.arch: no faults"],
    "doubt.nas": [f"doubt.nas: {PROVED}, 1 warning"],
    "one.nas --sample 3": [f"one.nas: {PROVED}; 3 candidates built, none ill-shaped"],
    "graphs.nas": [f"graphs.nas: {TRIED}"],
    "graphs.nas --sample 1 --seed 4": [f"graphs.nas: {TRIED}; 1 candidate built, none ill-shaped"],
}


@pytest.mark.parametrize("words", SAID)
def test_what_is_said(words: str) -> None:
    result = run("check", *words.split())
    assert result.stdout.splitlines() == SAID[words]
    assert result.exit_code == 0


def test_a_folder_is_said_space_by_space(folder: Path) -> None:
    result = run("check", ".")
    said = result.stdout.splitlines()
    assert result.exit_code == 1
    assert sorted(line.partition(": ")[0].rpartition("/")[2] for line in said) == [
        *("doubt.nas", "graphs.nas", "one.nas", "two.nas:a", "two.nas:b")
    ]
    (folder / "ill.nas").unlink()
    assert run("check", ".").stdout.splitlines()[-1].endswith("net.arch: no faults, 1 warning")


def test_keys() -> None:
    found = json.loads(run("check", "one.nas", "graphs.nas", "--sample", "2", "--json").stdout)
    assert (found["ok"], [one["code"] for one in found["diagnostics"]]) == (True, ["G308"])
    one, graphs = found["files"]
    assert one == {
        "file": "one.nas",
        "ok": True,
        "spaces": [{"space": "one", "proved": True, "candidates": 2, "tried": {}, "sampled": 2}],
    }
    assert graphs["spaces"][0]["proved"] is False
    assert graphs["spaces"][0]["tried"]["g"]["tried"] == 48
    ill = json.loads(run("check", "ill.nas", "--json").stdout)
    assert ill["files"] == [{"file": "ill.nas", "ok": False, "spaces": []}]
    assert ill["diagnostics"][0]["notes"] == ["when k = 3", "so it is in 1 of 2 candidates"]


BLOCKS = """block Again(x) {
choose k { stop: x
more: x -> Again }
return k }
block Op(x) { choose op from [relu, gelu]
return x -> op }
motif M(x, n: int) { choose k from 1..n
return x -> conv(4, k, padding=k // 2) }
"""

# What stands in a space, and a part of the one message.
BAD = {
    "choose k from []": "nothing to choose from",
    "choose 3 k from [1, 2]": "3 distinct ones cannot be chosen from 2",
    "choose k from [1, 1]": "can be chosen twice over",
    "choose t from [x, x -> relu]": "tensors are chosen by labelled branches",
    "choose op {\na: x\na: x -> relu\n}\nx = op": "`a` can be chosen twice over",
    "choose k from [1, 3]\nwhere kk > 1": "nothing is named `kk`",
    "choose k from [1, 3]\nwhere k > 3": "no candidate of `bad` meets every `where`",
    "choose k from [1, 3]\nchoose k from [5, 7]": "two choices would have the path `k`",
    "x = x -> Op as a -> Op as a": "two choices would have the path `a.op`",
    "x = x -> M(2) -> Op as M -> relu as u\nchoose M.k from [1, 2]": "cannot stand here",
    "x = x -> M(2) as a -> M(3) as b": "has other options here",
    "x = x -> Again": "this space never ends",
    "choose 10 s from range(40)": "more than 10,000 different ways",
    "choose k from [3, 9]\nx = x -> conv(4, k)": "kernel 9 does not fit",
}
COMMANDS = {
    "check": "check bad.nas",
    "count": "count bad.nas",
    "distinct": "count bad.nas --distinct",
    "sample": "sample bad.nas",
    "enumerate": "enumerate bad.nas --distinct",
    "show": "show bad.nas",
    "candidate": "show bad.nas@0",
    "render": "render bad.nas -o bad.svg",
    "neighbors": "neighbors bad.nas 0",
    "from": "transfer 0 --from bad.nas --to one.nas",
    "to": "transfer 0 --from one.nas --to bad.nas",
}
FITTING = {("choose k from [1, 3]\nwhere k > 3", command) for command in ("candidate", "show", "from", "to")}
"""An empty space is shown, with how many its conditions let pass; of one candidate is said which condition it does not
meet; motifs are looked for before candidates are."""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("body", BAD)
def test_bad_spaces_have_one_error_with_a_place(folder: Path, body: str, command: str) -> None:
    if (body, command) in FITTING:
        return
    text = f"{BLOCKS}space bad() {{\ninput x: f32[N, 4, 8, 8]\n{body}\noutput logits = x\n}}\n"
    (folder / "bad.nas").write_text(text, encoding="utf-8")
    if command == "check":
        (found,) = json.loads(run(*COMMANDS[command].split(), "--json").stdout)["diagnostics"]
        assert (found["severity"], found["file"]) == ("error", "bad.nas")
        assert BAD[body] in found["message"]
        return
    refused = run(*COMMANDS[command].split()).exception
    assert isinstance(refused, CompileError)
    (fault,) = refused.diagnostics
    assert BAD[body] in fault.message
    assert fault.span is not None
    assert fault.span.source.name == "bad.nas"
