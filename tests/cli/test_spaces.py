"""Spaces as a person meets them at the command line: counted, drawn, listed, constrained, checked, moved in."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest
from commanding import alone, ask, call

ROOT = Path(__file__).parents[2]

SMALL = """
block Op(x, c: int) {
    choose op {
        none: zeros_like(x)
        skip: x
        conv: x -> conv(c, 3, padding=1)
    }
    return op
}

motif Cell(x, c: int) {
    a = x -> Op(c) as a
    return add([a -> Op(c) as b, x -> Op(c) as c])
}

space small(width: int = 4) {
    input image: f32[N, 1, 8, 8]
    x = image -> conv(width, 1) -> Cell(width) as one -> Cell(width) as two
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(3) as head
}

space wide(width: int = 8) {
    input image: f32[N, 1, 8, 8]
    x = image -> conv(width, 1)
    for i in range(3) {
        x = x -> Cell(width) as cell{i}
    }
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(10) as head
}
"""

CHAIN = """
space chain() {
    input x: f32[N, 4, 8, 8]
    y = x
    last = 1
    for i in range(8) {
        choose c from [4, 8, 12, 16]
        where c >= last
        last = c
        y = y -> conv(c, 1)
    }
    output logits = y -> adaptive_avg_pool(1) -> flatten
    where params <= WHICH
}
"""

ILL = """
space ill() {
    input x: f32[N, 4, 8, 8]
    choose s from [1, 2, 4]
    choose k from [1, 3, 5]
    y = x -> conv(4, 1, stride=s) -> conv(4, k)
    output logits = y -> flatten
}
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "small.nas").write_text(SMALL, encoding="utf-8")
    (tmp_path / "ill.nas").write_text(ILL, encoding="utf-8")
    for name, most in (("loose", "10K"), ("tight", "400"), ("none", "3")):
        (tmp_path / f"{name}.nas").write_text(CHAIN.replace("WHICH", most), encoding="utf-8")
    return tmp_path


SIZES = {
    "nasbench201": 15_625,
    "nats_size": 32_768,
    "nasbench101": 423_624,
    "darts": 1_037_664_180**2,
    "darts:OneCell": 1_037_664_180,
}


@pytest.mark.parametrize("name", SIZES)
def test_published_sizes(tmp_path: Path, name: str) -> None:
    assert ask(tmp_path, "count", name)["size"] == SIZES[name]


SHIPPED = [
    "digits",
    "nasbench201",
    "nasbench101",
    "nats_size",
    "darts",
    "ghn_cifar",
    "ghn_mobile",
    "ghn_anytime",
    "ofa_mobilenetv3",
    "autoformer",
    "hnas",
    "mlp",
    "lstm",
    "transformer",
    "unets",
]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_spaces_are_short_and_name_their_source(name: str) -> None:
    # That they have no faults is checked with all other specs, in `test_language.py`.
    text = (ROOT / "specs" / "spaces" / f"{name}.nas").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 110
    if name != "digits":
        assert "arXiv" in text or "ICLR" in text or "CVPR" in text or "NeurIPS" in text


@pytest.mark.parametrize("name", ["nasbench101", "nats_size", "ofa_mobilenetv3", "autoformer", "hnas", "mlp"])
def test_a_drawn_line_is_shown_again(tmp_path: Path, name: str) -> None:
    (drawn,) = ask(tmp_path, "sample", name, "--seed", "3")["candidates"]
    again = ask(tmp_path, "show", f"{name}@{drawn['line']}")
    assert again["id"]
    assert again["params"] == drawn["params"]
    assert "logits" in again["outputs"]


def test_count_says_what_is_distinct(folder: Path) -> None:
    found = ask(folder, "count", "small.nas:small", "--distinct")
    assert found["size"] == 27
    assert found["feasible"] == 27
    assert found["distinct"] == found["distinct_at_least"] == found["distinct_at_most"]
    listed = [json.loads(line) for line in call(folder, "enumerate", "small.nas:small", "--json").stdout.splitlines()]
    assert [one["number"] for one in listed] == list(range(27))
    assert set(listed[0]) >= {"number", "line", "id", "params", "macs"}
    assert len({one["id"] for one in listed}) == found["distinct"]
    apart = call(folder, "enumerate", "small.nas:small", "--distinct", "--json").stdout.splitlines()
    assert len(apart) == found["distinct"] < 27
    large = ask(folder, "count", "darts", "--distinct")
    assert large["distinct"] is None
    assert 1 <= large["distinct_at_least"] <= large["distinct_at_most"] == large["size"]
    assert "more than the 50,000 that are built" in str(large["because"])


def test_shards_partition_the_space(folder: Path) -> None:
    whole = call(folder, "enumerate", "small.nas:small").stdout.splitlines()
    parts = [call(folder, "enumerate", "small.nas:small", "--shard", f"{i}/4").stdout.splitlines() for i in range(1, 5)]
    assert sorted(chain.from_iterable(parts)) == sorted(whole)
    assert sum(map(len, parts)) == len(whole) == 27
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert "shard" in call(folder, "enumerate", "small.nas:small", "--shard", "5/4", code=2).stderr


def test_sampling_without_repeats_ends_cleanly(folder: Path) -> None:
    distinct = ask(folder, "count", "small.nas:small", "--distinct")["distinct"]
    done = call(folder, "sample", "small.nas:small", "-n", "100", "--distinct", "--json")
    assert len(json.loads(done.stdout)["candidates"]) == distinct
    assert "used up" in done.stderr


def test_candidates_go_out_as_text_and_come_back(folder: Path) -> None:
    (drawn,) = ask(folder, "sample", "small.nas:small", "--seed", "5", "-o", "drawn")["candidates"]
    file = f"drawn/{drawn['number']}.arch"
    assert ask(folder, "show", file)["id"] == ask(folder, "show", f"small.nas:small@{drawn['number']}")["id"]
    near = ask(folder, "neighbors", "small.nas:small", file)["candidates"]
    assert near == ask(folder, "neighbors", "small.nas:small", str(drawn["line"]))["candidates"]
    assert len(near) == 6
    for one in near:
        changed = set(str(one["line"]).split()) ^ set(str(drawn["line"]).split())
        assert len(changed) == 2


def test_motifs_move_to_another_space(folder: Path) -> None:
    line = str(ask(folder, "sample", "small.nas:small", "--seed", "1")["candidates"][0]["line"])
    words = ("transfer", line, "--from", "small.nas:small", "--to", "small.nas:wide")
    assert ask(folder, *words)["line"] == line
    drawn = str(ask(folder, "sample", "ghn_cifar", "--seed", "1")["candidates"][0]["line"])
    moved = str(ask(folder, "transfer", drawn, "--from", "ghn_cifar", "--to", "ghn_mobile")["line"])
    assert ask(folder, "show", f"ghn_mobile@{moved}")["params"]
    assert "motif" in call(folder, "transfer", line, "--from", "small.nas:small", "--to", "darts", code=1).stderr


def test_constraints_prune_and_filter(folder: Path) -> None:
    counted = ask(folder, "count", "loose.nas")
    assert (counted["size"], counted["feasible"]) == (4**8, 165)
    for one in ask(folder, "sample", "tight.nas", "-n", "5", "--seed", "2")["candidates"]:
        assert int(str(one["params"])) <= 400
    refused = call(folder, "sample", "none.nas", code=1).stderr
    assert "none.nas" in refused
    assert "at least" in refused


def test_ill_shaped_candidates_are_told_with_their_choices(folder: Path) -> None:
    refused = call(folder, "check", "ill.nas", code=1).stderr
    assert "when s = 4, k = 3" in refused
    assert "when s = 4, k = 5" in refused
    assert "ill.nas:6" in refused
    assert "proved: all 15,625 candidates are well-shaped" in call(folder, "check", "nasbench201").stdout
    tried = call(folder, "check", "nasbench101", "--sample", "20")
    assert "20" in tried.stdout + tried.stderr
    assert "not proved" in tried.stdout + tried.stderr


@pytest.mark.parametrize("suffix", ["svg", "png", "dot"])
def test_pictures_of_spaces(folder: Path, suffix: str) -> None:
    found = ask(folder, "render", "small.nas:small", "-o", f"space.{suffix}")
    assert (folder / str(found["file"])).stat().st_size > 500
    if suffix == "dot":
        text = (folder / "space.dot").read_text(encoding="utf-8")
        assert "subgraph" in text
        assert "cluster" in text


BAD = {
    "an empty choice": ("choose k from []", "nothing to choose from"),
    "three from two": ("choose 3 k from [1, 2]", "3 distinct ones cannot be chosen from 2"),
    "a constraint nothing meets": ("choose k from [1, 3]\nwhere k > 5", "no candidate"),
    "a constraint on measures nothing meets": ("choose k from [1, 3]\nwhere params > 1G", "no candidate"),
    "recursion without end": ("x = x -> Again", "more than 64 deep"),
    "another domain": ("x = x -> M(2) as a -> M(3) as b", "has other options here"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["check", "count", "sample", "enumerate"])
def test_bad_input_has_one_error_with_a_place(tmp_path: Path, name: str, command: str) -> None:
    body, message = BAD[name]
    # A condition on measures is told late in the text, as the language has it.
    first, _, where = body.partition("\nwhere params")
    end = f"\nwhere params{where}" if where else ""
    text = (
        "block Again(x) { return Again(x) }\n"
        "motif M(x, n: int) { choose k from 1..n\nreturn x -> conv(4, k, padding=k // 2) }\n"
        f"space bad() {{\ninput x: f32[N, 4, 8, 8]\n{first}\noutput logits = x{end}\n}}\n"
    )
    (tmp_path / "bad.nas").write_text(text, encoding="utf-8")
    if command == "count" and where:
        return
    told = call(tmp_path, command, "bad.nas", code=1).stderr
    assert told.count("error[") == 1, told
    assert message in told
    assert "bad.nas:" in told


def test_a_line_of_another_space(folder: Path) -> None:
    line = str(ask(folder, "sample", "nasbench201")["candidates"][0]["line"])
    refused = alone(folder, "show", f"small.nas:small@{line}", code=1).stderr
    assert refused.count("error[") == 1
    assert "small" in refused
