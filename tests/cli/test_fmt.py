"""`ghndsl fmt` on files, folders, links and standard input: what is written, printed and left alone."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ghndsl.cli.app import app

MESSY = b"arch a( ){ input x:f32[N,4]\n output y=x }"
TIDY = b"arch a() {\n    input x: f32[N, 4]\n    output y = x\n}\n"
BROKEN = b"arch a( {"


def fmt(*words: str, code: int = 0, given: bytes | None = None) -> Result:
    """Runs the command in the folder one works in."""
    result = CliRunner().invoke(app, ["fmt", *words], input=given)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in (("messy.arch", MESSY), ("tidy.arch", TIDY), ("broken.arch", BROKEN)):
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_file_is_written_once(folder: Path) -> None:
    assert json.loads(fmt("messy.arch", "tidy.arch", "--json").stdout)["changed"] == ["messy.arch"]
    assert (folder / "messy.arch").read_bytes() == TIDY
    assert json.loads(fmt("messy.arch", "tidy.arch", "--json").stdout)["changed"] == []
    assert {path.name for path in folder.iterdir()} == {"messy.arch", "tidy.arch", "broken.arch"}, (
        "nothing is left over"
    )


@pytest.mark.parametrize("words", [("--check",), ("--diff",), ("--check", "--diff"), ("--check", "--json")])
def test_a_dry_run_writes_nothing(folder: Path, words: tuple[str, ...]) -> None:
    fmt("messy.arch", *words, code=1)
    assert (folder / "messy.arch").read_bytes() == MESSY
    fmt("tidy.arch", *words)


def test_a_diff_can_be_applied() -> None:
    printed = fmt("messy.arch", "tidy.arch", "--diff", code=1).stdout
    assert printed == (
        "--- messy.arch\n+++ messy.arch\n@@ -1,2 +1,4 @@\n"
        "-arch a( ){ input x:f32[N,4]\n- output y=x }\n\\ No newline at end of file\n"
        "+arch a() {\n+    input x: f32[N, 4]\n+    output y = x\n+}\n"
    )
    told = json.loads(fmt("messy.arch", "--diff", "--json", code=1).stdout)
    assert told["diff"] == printed


def test_a_broken_file_is_left_and_others_are_written(folder: Path) -> None:
    result = fmt("broken.arch", "messy.arch", "none.arch", code=1)
    assert "error[G101]" in result.stderr
    assert "error[G001]" in result.stderr
    assert (folder / "broken.arch").read_bytes() == BROKEN
    assert (folder / "messy.arch").read_bytes() == TIDY


def test_faults_are_in_the_json() -> None:
    told = json.loads(fmt("broken.arch", "messy.arch", "--json", code=1).stdout)
    assert told["changed"] == ["messy.arch"]
    assert [(fault["code"], fault["file"]) for fault in told["diagnostics"]] == [("G101", "broken.arch")]


@pytest.mark.parametrize(
    ("given", "words", "printed", "code"),
    [
        (MESSY, (), TIDY.decode(), 0),
        (TIDY, (), TIDY.decode(), 0),
        (b"", (), "", 0),
        (MESSY, ("--check",), "", 1),
        (TIDY, ("--check",), "", 0),
        (BROKEN, (), "", 1),
        (b"\xff", (), "", 1),
        (b"arch a() {\0}", (), "", 1),
    ],
)
def test_standard_input(given: bytes, words: tuple[str, ...], printed: str, code: int) -> None:
    assert fmt("-", *words, code=code, given=given).stdout == printed


def test_standard_input_in_json() -> None:
    told = json.loads(fmt("-", "--json", given=MESSY).stdout)
    assert told["changed"] == ["-"]
    assert told["text"] == TIDY.decode()


def test_a_folder_is_all_texts_below_it(folder: Path) -> None:
    below = folder / "below" / "deeper"
    below.mkdir(parents=True)
    (folder / "below" / ".hidden").mkdir()
    for path in (below / "a.nas", folder / "below" / "b.arch", folder / "below" / ".hidden" / "c.arch"):
        path.write_bytes(MESSY)
    (below / "d.txt").write_bytes(MESSY)
    told = json.loads(fmt("below", "below/b.arch", "--json").stdout)
    assert told["changed"] == ["below/b.arch", "below/deeper/a.nas"]
    assert (folder / "below" / ".hidden" / "c.arch").read_bytes() == MESSY


def test_rights_and_links_stay(folder: Path) -> None:
    (folder / "messy.arch").chmod(0o640)
    (folder / "link.arch").symlink_to("messy.arch")
    fmt("link.arch")
    assert (folder / "link.arch").is_symlink()
    assert (folder / "messy.arch").read_bytes() == TIDY
    assert stat.S_IMODE((folder / "messy.arch").stat().st_mode) == 0o640


@pytest.mark.parametrize("content", [TIDY.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + TIDY, TIDY.rstrip()])
def test_ends_of_lines_count(folder: Path, content: bytes) -> None:
    (folder / "ends.arch").write_bytes(content)
    assert json.loads(fmt("ends.arch", "--json").stdout)["changed"] == ["ends.arch"]
    assert (folder / "ends.arch").read_bytes() == TIDY


def test_it_takes_a_file() -> None:
    fmt(code=2)


def test_limits_hold_for_files_and_standard_input() -> None:
    told = fmt("tidy.arch", "--check", "--limit", "words=3", code=1).stderr
    assert "the text has more than 3 words and signs" in told
    assert "the text has more than 3 words" in fmt("-", "--limit", "words=3", code=1, given=TIDY).stderr
    assert "has more than 9 bytes" in fmt("-", "--limit", "text=9", code=1, given=TIDY).stderr
    fmt("tidy.arch", "--check", "--limit", "words=1M")
    words = "a, " * 130_000
    Path("long.arch").write_text(f"arch a() {{\n    input x: f32[N, 4]\n    k = [{words}]\n    output y = x\n}}\n")
    fmt("long.arch", "--check", code=1)
    assert "`--limit words=1M`" in fmt("long.arch", "--check", code=1).stderr


def test_a_pipe_is_not_waited_for() -> None:
    os.mkfifo("pipe.arch")
    assert "pipe.arch cannot be read: it is a pipe, not a file" in fmt("pipe.arch", code=1).stderr
