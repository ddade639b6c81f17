"""Motifs that move from one space to another, and candidates that are read back from their files."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path

import pytest
from commanding import ask, call
from typer.testing import CliRunner

import ghndsl
from ghndsl.cli.app import app
from ghndsl.diagnostics import CompileError
from ghndsl.space import Candidate, Space, transfer
from ghndsl.space.moving.moved import moved
from ghndsl.space.written import candidate_at

M = """
motif M(x, ks: [int]) {
    choose k from ks
    choose act from [relu, gelu]
    return x -> conv(4, k, padding=k // 2) -> act
}
"""
Q = """
motif Q(x) {
    choose p from [1, 3]
    return x -> conv(4, p, padding=p // 2)
}
"""
SPACES = {
    "source": "choose depth from 1..2\ny = y -> M([1, 3, 5]) as m\nfor i in range(depth) { y = y -> Q as q{i} }",
    "deeper": "for i in range(7) { y = y -> M([5, 3, 1]) as m{i} }\ny = y -> Q as q",
    "drawn": "choose depth from 2..4\nchoose act from [relu, gelu]\ny = y -> M([1, 3, 5]) as m -> act\n"
    "for i in range(depth) { y = y -> Q as q{i} }",
    "fewer options": "y = y -> M([1, 3]) as m",
    "options by a choice": "choose big from [true, false]\ny = y -> M([3] if big else [1]) as m",
    "another choice": "y = y -> Other as o",
    "one motif alone": "y = y -> Q as q",
    "more choices": "y = y -> More as o -> Q as q",
    "sometimes": "choose wide from [false, true]\nif wide { y = y -> Q as q }\nchoose act from [relu, gelu]\n"
    "y = y -> act",
    "a `where`": "choose n from 1..9\ny = y -> Q as q -> conv(n, 1)\nwhere n > 2\nwhere n < 4",
    "measures": "choose n from 1..50\ny = y -> Q as q -> conv(n, 1)\nwhere params <= 30",
    "measures that nothing meets": "choose n from 4..50\ny = y -> Q as q -> conv(n, 1)\nwhere params > 260 and n < 9",
    "no motif": "choose k from [1, 3]\ny = y -> conv(4, k)",
}
OTHERS = {
    "another choice": "motif M(x) { choose kernel from [1, 3]\nreturn x -> conv(4, kernel) }\n"
    "block Other(x) { return x -> M as m }",
    "more choices": "motif R(x) { choose r from [1, 3]\nreturn x -> conv(4, r) }\nblock More(x) { return x -> R as r }",
}


def space(name: str) -> Space:
    motifs = OTHERS.get(name, "") + (Q if name == "another choice" else M + Q)
    body, where, measured = SPACES[name].partition("\nwhere params")
    head = f"{motifs}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\ny = x\n"
    return ghndsl.loads_space(f"{head}{body}\noutput logits = y{where}{measured}\n}}\n")


LINE = "depth=2 M.k=5 M.act=gelu Q.p=3"
MOVED = {
    "deeper": ("M.k=5 M.act=gelu Q.p=3", ()),
    "drawn": ("depth=2 act=? M.k=5 M.act=gelu Q.p=3", ("act",)),
    "one motif alone": ("Q.p=3", ()),
    "more choices": ("R.r=? Q.p=3", ("R.r",)),
    "sometimes": ("wide=true Q.p=3 act=?", ("wide", "act")),
    "a `where`": ("Q.p=3 n=3", ("n",)),
}


@pytest.mark.parametrize("name", MOVED)
def test_motifs_move(name: str) -> None:
    line, drawn = MOVED[name]
    before, after = space("source"), space(name)
    for seed in range(8):
        found = moved(before.parse(LINE), before, after, seed)
        assert after.meets(found.candidate)
        assert (set(found.drawn), found.lost) == (set(drawn), ())
        made = dict(found.candidate.texts)
        assert made.keys() == {word.partition("=")[0] for word in line.split()}
        assert {f"{path}={text}" for path, text in made.items()} >= {word for word in line.split() if "?" not in word}
        assert transfer(before.parse(LINE), before, after, seed) == found.candidate
    assert len({transfer(before.parse(LINE), before, after, seed) for seed in range(20)}) == 1 + line.count("=?")


def test_what_a_space_has_already_stays() -> None:
    before, after = space("source"), space("drawn")
    assert dict(transfer(before.parse(LINE), before, after, 0).texts)["depth"] == "2"
    moved_on = moved(before.parse(LINE.replace("depth=2", "depth=1")), before, after, 0)
    assert set(moved_on.drawn) == {"depth", "act"}
    assert moved(before.parse(LINE), before, before, 0).candidate == before.parse(LINE)


def test_drawn_choices_meet_measures() -> None:
    before, after = space("source"), space("measures")
    start = before.parse(LINE.replace("Q.p=3", "Q.p=1"))
    for seed in range(5):
        found = transfer(start, before, after, seed)
        assert after.meets(found)
        assert dict(found.texts)["Q.p"] == "1"


REFUSED = {
    "no motif": ("G309", "share no motif that makes choices", "those of `S` are M, Q; `S` has none"),
    "fewer options": ("G309", "`M.k` cannot be 5 in `S`", "it can be 1, 3"),
    "options by a choice": ("G309", "`M.k` cannot be 5 in `S`", "it can be 3, 1"),
    "another choice": ("G309", "the motif `M` makes no choice `M.k` in `S`", "there it makes M.kernel"),
    "measures": ("G303", "0 of 1,000 draws of its other choices meet every `where` of `S`", None),
    "measures that nothing meets": ("G303", "meet", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_moves(name: str) -> None:
    code, message, hint = REFUSED[name]
    before, after = space("source"), space(name)
    with pytest.raises(CompileError) as refused:
        transfer(before.parse(LINE), before, after, 0)
    (fault,) = refused.value.diagnostics
    assert fault.code == code
    assert message in fault.message
    assert hint is None or fault.help == hint


def test_a_candidate_of_another_space_does_not_move() -> None:
    with pytest.raises(CompileError, match="G304"):
        transfer(Candidate((("depth", "9"),)), space("source"), space("deeper"), 0)


# At the command line


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    spaces = [
        f"space {name}() {{\ninput x: f32[N, 4, 8, 8]\ny = x\n{SPACES[name]}\noutput logits = y\n}}\n"
        for name in ("source", "drawn")
    ]
    (tmp_path / "s.nas").write_text(M + Q + "".join(spaces), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_candidate_comes_back_from_its_file(folder: Path) -> None:
    run = CliRunner()
    assert run.invoke(app, ["sample", "s.nas:source", "--seed", "4", "-o", "drawn"]).exit_code == 0
    (file,) = (folder / "drawn").iterdir()
    found = ghndsl.load_space("s.nas:source")
    candidate = candidate_at(found, str(file))
    assert str(found.number(candidate)) == file.stem
    assert candidate == candidate_at(found, file.stem) == candidate_at(found, f" {candidate} ")
    text = file.read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    other = text.replace("gelu", "relu", 1) if "gelu" in first else text.replace("relu", "gelu", 1)
    for changed, message, place in (
        (rest, "does not say which candidate of `source` it is", ""),
        (text.replace("of source", "of other"), "is a candidate of `other`, not of `source`", "other"),
        (f"{first.replace('depth=', 'deep=')}\n{rest}", "has no choice `deep`", "deep"),
        (f"{first.replace('depth=', 'depth=9')}\n{rest}", "`depth` of `source` cannot be 9", "9*"),
        (f"{first.replace('depth=', 'depth ')}\n{rest}", "`depth` is no choice of a candidate", "depth"),
        (f"{first} depth=1\n{rest}", "chooses `depth` twice", "depth=1"),
        (f"{first} M.s=1\n{rest}", "has no choice `M.s`", "M.s"),
        (f"{first.rpartition(' ')[0]}\n{rest}", "the candidate makes no choice `Q.p`", "depth=*"),
        (f"{first}\n# --set depth=1\n{rest}", "`source` has no parameter `depth`", "--set depth=1"),
        (other, "is not that of", "depth=*"),
    ):
        file.write_text(changed, encoding="utf-8")
        with pytest.raises(CompileError, match=message) as refused:
            candidate_at(found, str(file))
        (fault,) = refused.value.diagnostics
        assert fault.code == "G304"
        assert fault.span is not None
        assert fault.span.source.text == changed
        assert fnmatch(fault.span.text, place)


SIZED = """
motif M(x, width: int) { choose k from [1, 3]
return x -> conv(width, k, padding=k // 2) }
space small(width: int = 4, most: int = 2, act: [str] = ["relu"]) { input x: f32[N, 4, 8, 8]
choose d from most..most + 1
choose s from act
output y = x -> M(width) as m -> conv(d, 1) }
space large(width: int = 4) { input x: f32[N, 4, 8, 8]
choose again from [false, true]
y = x -> M(width) as m
if again { y = y -> M(width) as n }
output logits = y }
"""


WRITTEN: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "wider": ("width=8",),
    "with other options": ("width=8", "most=7"),
    "with words": ('act=["gelu", "a=b"]', "width=8"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_says_with_which_settings_it_was_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "s.nas").write_text(SIZED, encoding="utf-8")
    given = [part for word in WRITTEN[name] for part in ("--set", word)]
    (drawn,) = ask(tmp_path, "sample", "s.nas:small", "-o", "drawn", *given)["candidates"]
    file, motif = f"drawn/{drawn['number']}.arch", str(drawn["line"]).split()[-1]
    assert motif.startswith("M.k=")
    for wanted in ([], ["--set", "width=16"]):
        moved = ask(tmp_path, "transfer", file, "--from", "s.nas:small", "--to", "s.nas:large", *wanted)
        assert motif in str(moved["line"]).split()
    near = ("neighbors", "s.nas:small")
    assert call(tmp_path, *near, file, *given) == call(tmp_path, *near, str(drawn["line"]), *given)
    refused = call(tmp_path, *near, file, "--set", "width=5", code=1).stderr
    assert f"{file}:1:" in refused
    if name in ("as it is", "wider"):
        assert (f"it was written with `{' '.join(given)}`" if given else "it was written with no `--set`") in refused


@pytest.mark.usefixtures("folder")
def test_commands() -> None:
    run = CliRunner()
    line = "depth=1 M.k=3 M.act=relu Q.p=1"
    near = run.invoke(app, ["neighbors", "s.nas:source", line, "--json"])
    candidates = json.loads(near.stdout)["candidates"]
    assert [set(one) for one in candidates] == [{"number", "line"}] * 5
    shown = run.invoke(app, ["neighbors", "s.nas:source", line, "-n", "2"]).stdout.splitlines()
    assert shown == [f"{one['number']}  {one['line']}" for one in candidates[:2]]
    words = ["transfer", line, "--from", "s.nas:source", "--to", "s.nas:drawn", "--seed", "3"]
    told = run.invoke(app, [*words, "--json"])
    found = json.loads(told.stdout)
    assert found["drawn"] == ["depth", "act"]
    assert "drawn by chance: depth, act" in told.stderr
    assert run.invoke(app, words).stdout == f"{found['line']}\n"
    assert {"M.k=3", "M.act=relu", "Q.p=1"} <= set(found["line"].split())
