"""Refusals are in colour on a terminal, and nowhere else; colour changes no character."""

from __future__ import annotations

import io
import re

import pytest

from ghndsl.cli.colour import rendered
from ghndsl.diagnostics import Diagnostic, Mark, Source, Span

SOURCE = Source("a.arch", "arch a() {\n    output y = (a | b) + c ^ 2\n}")
RED, YELLOW, BLUE, CYAN = ("\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[1;36m")
DIAGNOSTICS = [
    Diagnostic("G001", "there is no file"),
    Diagnostic(
        "G204",
        "`+` cannot join these: 1 | 2",
        Span(SOURCE, 34, 35),
        (Mark(Span(SOURCE, 26, 33), "[N, 4]"), Mark(Span(SOURCE, 36, 37), "[N, 8]")),
        ("in B, called at a.arch:2:1",),
        "write `a -> b`",
    ),
    Diagnostic("G501", "nothing uses `a`", Span(SOURCE, 5, 6), severity="warning"),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def colourful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("colourful")
def test_a_terminal_gets_the_same_text_in_colour() -> None:
    painted = rendered(DIAGNOSTICS, Terminal())
    assert re.sub(r"\033\[[\d;]*m", "", painted) == rendered(DIAGNOSTICS, io.StringIO())
    rows = painted.split("\n")
    assert rows[0].startswith(f"{RED}error[G001]")
    assert any(row.startswith(f"{YELLOW}warning[G501]") for row in rows)
    assert any(f"{RED}^{BLUE}" in row for row in rows)
    assert any(row.startswith(CYAN) and "= help:" in row for row in rows)
    assert all(row.count("\033[0m") for row in rows if "\033" in row), "every row ends its own colour"


@pytest.mark.usefixtures("colourful")
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colour_gets_none(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert "\033" not in rendered(DIAGNOSTICS, Terminal())


def test_a_file_gets_no_colour() -> None:
    assert "\033" not in rendered(DIAGNOSTICS, io.StringIO())
