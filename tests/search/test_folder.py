"""A run's folder keeps what was done, and refuses what is not the same run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghndsl import CompileError
from ghndsl.search.folder import RunFolder

ASKED = {"space": "digits", "plan": {"seed": 0}}


def refused(code: str, path: Path, asked: dict[str, object], *, resume: bool) -> None:
    with pytest.raises(CompileError) as error:
        RunFolder(path).begin(asked, resume=resume)
    assert [fault.code for fault in error.value.diagnostics] == [code]


def test_a_run_is_begun_once_and_gone_on_with(tmp_path: Path) -> None:
    RunFolder(tmp_path / "run").begin(ASKED, resume=False)
    refused("G601", tmp_path / "run", ASKED, resume=False)
    RunFolder(tmp_path / "run").begin(ASKED, resume=True)
    refused("G602", tmp_path / "run", {**ASKED, "space": "other"}, resume=True)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe"])
def test_what_is_no_run_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content)
    refused("G601", tmp_path, ASKED, resume=True)


def test_a_folder_of_other_things_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused("G601", tmp_path, ASKED, resume=True)
    refused("G601", tmp_path / "file", ASKED, resume=False)


def test_a_row_cut_off_is_forgotten(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.append("scores.jsonl", {"score": 1})
    with (tmp_path / "scores.jsonl").open("ab") as file:
        file.write(b'{"score": 2, "line": "\xc3')
    assert folder.rows("scores.jsonl") == [{"score": 1}]
    folder.append("scores.jsonl", {"score": 3})
    assert folder.rows("scores.jsonl") == [{"score": 1}, {"score": 3}]


def test_a_damaged_row_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scores.jsonl").write_bytes(b"{}\nnonsense\n")
    with pytest.raises(CompileError):
        RunFolder(tmp_path).rows("scores.jsonl")
