"""The page's examples are true of a run, and it names each column there is."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest

from ghndsl import resources
from ghndsl.search.store import Proposal, Result, Store
from ghndsl.search.store.schema import FILE

FILE_OF_PAGE = resources.root() / "docs" / "search.md"
if not FILE_OF_PAGE.is_file():
    pytest.skip("the page is in a checkout", allow_module_level=True)
PAGE = FILE_OF_PAGE.read_text(encoding="utf-8").partition("## Run store")[2]
STATEMENTS = [
    *re.findall(r'sqlite3 -box run/run\.sqlite "([^"]*)"', PAGE),
    *[part for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) for part in block.split(";") if part.strip()],
]


def test_examples_find_something(store: Store, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = store.propose([Proposal("a=1", 1, "x"), Proposal("a=2", 2, "y")])
    store.finish(first.place, Result((0.5,), {"score": 0.5}, seconds=1.0))
    store.finish(second.place, Result(None, error="MemoryError"))
    assert len(STATEMENTS) == 3
    with contextlib.closing(sqlite3.connect(folder / FILE)) as connection:
        assert [len(connection.execute(one).fetchall()) for one in STATEMENTS] == [1, 1, 1]
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with contextlib.chdir(folder.parent):
        exec(code, {})
    assert capsys.readouterr().out == "running 2\n(0.5,) 0.5 a=1\n"


def test_each_column_is_named(store: Store, folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / FILE)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type != 'index'")]
        columns = [row[1] for table in tables for row in connection.execute(f"PRAGMA table_info({table})")]
        names = [name for (name,) in connection.execute("SELECT name FROM run")]
    assert [name for name in (*tables, *columns, *names) if f"`{name}`" not in PAGE] == ["event"]
