"""What each faulty file under `tests/golden/errors` is told, to the letter.

`REWRITE_GOLDEN=1 pytest tests/language/test_errors.py` writes what is told now; read the difference before it is kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import ghndsl
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.language import load_module
from ghndsl.space.check import check_module

FOLDER = Path(__file__).parent.parent / "golden" / "errors"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".arch", ".nas"))
NOT_OF_A_FILE = {"G106", "G304", "G309"}
"""Codes of settings, and of candidates' lines and moves, which stand in no file."""


def faults(path: Path) -> tuple[Diagnostic, ...]:
    """All that is told of a file, errors and warnings."""
    try:
        module = load_module(path)
        module.main(("space",) if any(one.kind == "space" for one in module.definitions.values()) else ("arch",))
        return tuple(check_module(module, {}))
    except CompileError as error:
        return error.diagnostics


@pytest.mark.parametrize("name", FILES)
def test_golden(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    told = "\n\n".join(map(str, faults(Path(name)))) + "\n"
    golden = (FOLDER / name).with_suffix(".txt")
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def test_every_code_of_the_language_has_a_file() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(ghndsl.__file__).parent.rglob("*.py"))
    golden = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))
    told = set(re.findall(r"^(?:error|warning|note)\[(G\d{3})\]", golden, re.MULTILINE))
    assert set(re.findall(r'"(G[123]\d{2})"', source)) - NOT_OF_A_FILE == {code for code in told if code[1] in "123"}


def test_five_faults_are_five_diagnostics() -> None:
    codes = [fault.code for fault in faults(FOLDER / "five_faults.arch")]
    assert codes == ["G120", "G201", "G110", "G204", "G120"]


@pytest.mark.parametrize("name", FILES)
def test_messages_are_a_persons(name: str) -> None:
    told = (FOLDER / name).with_suffix(".txt").read_text(encoding="utf-8")
    for word in ("POISON", "Pending", "Composite", "OperatorName", "BlockName", "SymbolicSize", "object at", "ghndsl/"):
        assert word not in told
    for fault in faults(FOLDER / name):
        assert fault.span is None or fault.span.text == fault.span.text.strip()
        assert "\n" not in fault.message
