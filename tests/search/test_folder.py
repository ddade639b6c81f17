"""A run's folder keeps its results, and refuses what are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghndsl import CompileError
from ghndsl.search.folder import RunFolder


def test_results_are_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert not folder.has_results
    folder.keep({"scored": 3, "best": {"accuracy": 0.1 + 0.2}})
    assert folder.has_results
    assert folder.results() == {"scored": 3, "best": {"accuracy": 0.1 + 0.2}}


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe"])
def test_what_are_no_results_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_bytes(content)
    with pytest.raises(CompileError, match="G601"):
        RunFolder(tmp_path).results()
