"""What `count`, `sample` and `enumerate` print and write: to the letter, line by line, and when nobody reads on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ghndsl
from ghndsl.cli.app import app
from ghndsl.dags import Dags, Family
from ghndsl.space import distinct

SPACE = """
block Op(x: [N, C, H, W]) {
    choose op {
        none: zeros_like(x)
        skip: x
        conv: x -> conv(C, 1)
    }
    return op
}

space few() {
    input image: f32[N, 2, 4, 4]
    output logits = add(image -> Op as a, image -> Op as b) -> flatten
}

space bound() {
    choose c from [1, 2, 4]
    choose k from [1, 3]
    where c > 1
    input image: f32[N, 2, 4, 4]
    output logits = image -> conv(c, k)
    where params < 40
}

space empty() {
    choose c from [1, 2]
    input image: f32[N, 2, 4, 4]
    output logits = image -> conv(c, 1)
    where params > 4 and params < 6
}

space one() {
    input image: f32[N, 2, 4, 4]
    output logits = image -> flatten
}
"""

# Words after `ghndsl`, and what is printed.
PRINTED = {
    "count s.nas:one": ["1 candidate"],
    "count s.nas:few": ["9 candidates"],
    "count s.nas:few --distinct": ["9 candidates", "6 distinct architectures"],
    "count s.nas:one --distinct": ["1 candidate", "1 distinct architecture"],
    "count s.nas:bound --distinct": ["6 candidates", "3 meet every `where`", "3 distinct architectures"],
    "count s.nas:bound --distinct --workers 2": [
        "6 candidates",
        "3 meet every `where`",
        "3 distinct architectures",
    ],
    "enumerate s.nas:bound": ["2  c=2 k=1", "3  c=2 k=3", "4  c=4 k=1"],
    "enumerate s.nas:bound --shard 2/2": ["4  c=4 k=1"],
    "enumerate s.nas:few --shard 2/4": ["2  a.op=none b.op=conv", "3  a.op=skip b.op=none"],
    "enumerate s.nas:few --shard 2/4 --distinct": ["2  a.op=none b.op=conv"],
    "enumerate s.nas:few --shard 3/4 --distinct": ["4  a.op=skip b.op=skip", "5  a.op=skip b.op=conv"],
    "enumerate s.nas:bound --json --bare --shard 2/2": ['{"number": 4, "line": "c=4 k=1"}'],
    "sample s.nas:one -n 2": ["0  ", "0  "],
    "sample s.nas:few -n 0": [],
}


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.nas").write_text(SPACE, encoding="utf-8")
    return tmp_path


def printed(words: str, code: int = 0) -> tuple[list[str], str]:
    """The lines on standard output, and what is on standard error."""
    done = CliRunner().invoke(app, words.split())
    assert done.exit_code == code, done.output
    return done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize("words", PRINTED)
def test_what_is_printed(words: str) -> None:
    assert printed(words) == (PRINTED[words], "")


def test_what_is_drawn_is_what_python_draws() -> None:
    space = ghndsl.load_space("s.nas:few")
    lines, told = printed("sample s.nas:few -n 20 --distinct --seed 3")
    assert lines == [f"{space.number(one)}  {one}" for one in space.distinct.sample(20, seed=3)]
    assert told == "the space is used up: it has 6 distinct architectures\n"
    (found,) = printed("sample s.nas:few -n 5 --seed 3 --json")[0]
    drawn = [space.build(candidate) for candidate in space.sample(5, seed=3)]
    assert [one["params"] for one in json.loads(found)["candidates"]] == [graph.params for graph in drawn]


def test_what_is_said_of_graphs_numbered_by_the_order_of_vertices(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distinct, "_MOST_TO_BOUND", 2)
    choice = "choose g from dags(vertices=9) { relu: relu }"
    text = (
        f"use std.graph (walk)\nspace large() {{\ninput x: f32[N, 4]\n{choice}\noutput y = x -> walk(g, ends=add)\n}}\n"
    )
    (folder / "large.nas").write_text(text, encoding="utf-8")
    dags = Dags(Family((9, 9), (0, 36)), ("relu",))
    assert not dags.is_up_to_isomorphism
    least, most = dags.distinct
    assert 1 < least == most < dags.size
    said = f"`g`: {dags.size:,} graphs by the order of their vertices, {least:,} up to isomorphism"
    assert printed("count large.nas --distinct")[0][-1] == said
    found = json.loads(printed("count large.nas --distinct --json")[0][0])
    assert found["graphs"] == {"g": {"ordered": dags.size, "distinct_at_least": least, "distinct_at_most": most}}
    assert "graphs" not in json.loads(printed("count s.nas:few --distinct --json")[0][0])


def test_what_is_said_of_a_space_too_large_to_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "MOST_BUILT", 5)
    monkeypatch.setattr(distinct, "PATIENCE", 60)
    because = "9 candidates are more than the 5 that are built; of 9 that were, 6 differ"
    assert printed("count s.nas:few --distinct")[0][1] == f"from 6 to 9 distinct architectures, because {because}"
    (found,) = printed("count s.nas:few --distinct --json")[0]
    assert json.loads(found) == {
        "size": 9,
        "feasible": 9,
        "distinct": None,
        "distinct_at_least": 6,
        "distinct_at_most": 9,
        "because": because,
    }
    lines, told = printed("sample s.nas:few -n 20 --distinct")
    assert len(lines) == 6
    assert told.splitlines() == [
        "candidates are drawn uniformly: an architecture is the likelier, the more of them stand for it",
        "the space is used up: after 6 distinct architectures, 60 draws in a row brought none",
    ]


@pytest.mark.parametrize("command", ["enumerate", "sample -n 2", "enumerate --distinct"])
def test_a_file_begins_with_what_it_is(folder: Path, command: str) -> None:
    name, *options = command.split()
    lines, _ = printed(" ".join([name, "s.nas:few", *options, "-o", "out"]))
    assert {path.stem for path in (folder / "out").iterdir()} == {line.split()[0] for line in lines}
    for line in lines:
        number, choices = line.split("  ")
        path = folder / "out" / f"{number}.arch"
        assert path.read_text(encoding="utf-8").startswith(f"# candidate {number} of few: {choices}\n")
        assert ghndsl.load(str(path)).id == ghndsl.load(f"s.nas:few@{number}").id


@pytest.mark.parametrize("words", ["count s.nas:empty", "enumerate s.nas:empty", "sample s.nas:empty"])
def test_nothing_meets_the_measures(words: str) -> None:
    done = CliRunner().invoke(app, words.split())
    assert done.exit_code != 0
    assert "no candidate of `empty`" in str(done.exception)


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2", "½/2"])
def test_there_is_no_such_shard(shard: str) -> None:
    assert "no shard" in printed(f"enumerate s.nas:few --shard={shard}", code=2)[1]


@pytest.mark.parametrize("name", ["nats_size", "s.nas:few"])
def test_nobody_reads_on(name: str) -> None:
    """Of many lines and of few, which are still held back when the reader has gone."""
    command = shutil.which("ghndsl", path=str(Path(sys.executable).parent)) or "ghndsl"
    with subprocess.Popen([command, "enumerate", name], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
