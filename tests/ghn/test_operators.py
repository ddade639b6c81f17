"""Operators' codes, on which checkpoints depend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from ghndsl import ops
from ghndsl.diagnostics import CompileError
from ghndsl.ghn.operators import CAPACITY, OPERATORS, operator_code
from ghndsl.ops.base import Operator

GOLDEN = Path(__file__).parent.parent / "golden" / "operator_codes.txt"


def test_codes_are_those_of_the_golden_file() -> None:
    """An operator is appended to both lists; a line that is there never changes."""
    assert [f"{code} {name}" for code, name in enumerate(OPERATORS, 1)] == GOLDEN.read_text().splitlines()


def test_every_operator_has_a_code() -> None:
    assert set(ops.TABLE) == set(OPERATORS)
    assert len(OPERATORS) == len(set(OPERATORS)) < CAPACITY
    assert operator_code(ops.Relu()) == 5


def test_an_unknown_operator_is_refused() -> None:
    @dataclass(frozen=True)
    class Strange(Operator):
        name: ClassVar[str] = ""

    with pytest.raises(CompileError, match="G423"):
        operator_code(Strange())
