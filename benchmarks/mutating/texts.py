"""Nothing goes in; every text of the language in this checkout comes out: specs, documentation, tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LONGEST = 20_000
_BODY = re.compile(r"\b(?:arch|block|motif|space)\s+\w+\(")


def texts() -> list[str]:
    """Each text once, in an order that is the same everywhere."""
    return sorted({text for text in (*_files(), *_pages(), *_tests()) if _BODY.search(text) and len(text) < _LONGEST})


def _files() -> Iterator[str]:
    for folder in (ROOT / "specs", ROOT / "tests"):
        for path in folder.rglob("*"):
            if path.suffix in (".arch", ".nas"):
                yield path.read_text(encoding="utf-8")


def _pages() -> Iterator[str]:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        yield from re.findall(r"```(?:ghndsl)?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def _tests() -> Iterator[str]:
    """The strings of several lines in the tests."""
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
                yield node.value
