"""What is not the same run, not whole, or no run at all is refused, and left as it is."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from refusing import refused

from ghndsl.diagnostics import CompileError
from ghndsl.search.store import Asked, Proposal, Reading, Store
from ghndsl.search.store.schema import FILE, LOCK

CHANGES: dict[str, tuple[dict[str, object], list[str]]] = {
    "nothing": ({}, []),
    "the command": ({"command": ("search", "--resume")}, []),
    "a space": ({"space": "other"}, ["space: cells then, other now"]),
    "its text": (
        {"text": "space cells() {\n  # wide\n}\n", "text_hash": "h2"},
        ["the space's text changed:", "@@ -1,2 +1,3 @@", " space cells() {", "+  # wide", " }"],
    ),
    "a text that it uses": ({"text_hash": "h2"}, ["hash of the space's texts: h1 then, h2 now"]),
    "a setting": ({"settings": {"width": 32}}, ["set width: 16 then, 32 now"]),
    "a setting's kind": ({"settings": {"width": "16"}}, ["set width: 16 then, 16 now"]),
    "one setting more": ({"settings": {"width": 16, "depth": 2}}, ["set depth: nothing then, 2 now"]),
    "data": ({"data": "cifar10"}, ["data: digits then, cifar10 now"]),
    "their samples": ({"fingerprint": "f2"}, ["data's fingerprint: f1 then, f2 now"]),
    "a seed": ({"seed": 1}, ["seed: 0 then, 1 now"]),
    "a plan": (
        {"plan": {"seed": 0, "rungs": {"short": 50}, "objectives": ("score", "macs")}},
        ["rungs.short: 100 then, 50 now"],
    ),
}


@pytest.mark.parametrize(("change", "notes"), CHANGES.values(), ids=CHANGES)
def test_another_run_is_not_gone_on_with(
    change: dict[str, object], notes: list[str], folder: Path, asked: Asked
) -> None:
    Store.begin(folder, asked).close()
    refused("G601", lambda: Store.begin(folder, asked))
    now = replace(asked, **change)  # type: ignore[arg-type]
    if not notes:
        Store.resume(folder, now).close()
        return
    before = (folder / FILE).read_bytes()
    with pytest.raises(CompileError, match="G602") as caught:
        Store.resume(folder, now)
    assert list(caught.value.diagnostics[0].notes) == notes
    assert (folder / FILE).read_bytes() == before


def test_folders_of_other_things_are_refused(folder: Path, asked: Asked) -> None:
    refused("G601", lambda: Store.resume(folder, asked))
    refused("G601", lambda: Store.read(folder))
    folder.mkdir()
    (folder / f"{FILE}.new-journal").touch()
    (folder / LOCK).touch()
    Store.begin(folder, asked).close()
    assert sorted(path.name for path in folder.iterdir()) == [LOCK, FILE]
    (folder / FILE).rename(folder / "mine")
    refused("G601", lambda: Store.begin(folder, asked))
    refused("G601", lambda: Store.begin(folder / "mine", asked))
    refused("G601", lambda: Store.begin(folder / "mine" / "run", asked))


def test_a_begin_that_fails_leaves_nothing(folder: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ghndsl.search.store.opening.TABLES", ("CREATE TABLE run (x", "y"))
    refused("G609", lambda: Store.begin(folder, asked))
    assert not folder.exists()
    monkeypatch.undo()
    Store.begin(folder, asked).close()


def zeros(path: Path, first: int, last: int) -> None:
    content = path.read_bytes()
    first, last = (place % (len(content) + 1) for place in (first, last))
    path.write_bytes(content[:first] + bytes(last - first) + content[last:])


def truncated(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def other(path: Path) -> None:
    path.unlink()
    changed(path, "CREATE TABLE candidates (place INTEGER PRIMARY KEY)")


FREE = "PRAGMA ignore_check_constraints = 1"
DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: truncated(path, 0), "it is empty"),
    "cut off": (lambda path: truncated(path, 50_000), "is damaged"),
    "cut off in its first page": (lambda path: truncated(path, 700), "is damaged"),
    "zeros at its beginning": (lambda path: zeros(path, 0, 5_000), "is damaged"),
    "zeros within": (lambda path: zeros(path, 60_000, 70_000), "is damaged"),
    "zeros at its end": (lambda path: zeros(path, -9_000, -1), "is damaged"),
    "no database": (lambda path: path.write_bytes(b"nonsense " * 900), "is damaged"),
    "another program's": (other, "another program made it"),
    "a newer format": (lambda path: changed(path, "PRAGMA user_version = 2"), "is of format 2"),
    "a table less": (lambda path: changed(path, "DROP TABLE events"), "its tables are not those of a run"),
    "a row less": (lambda path: changed(path, "DELETE FROM run WHERE name = 'plan'"), "is damaged"),
    "a plan that is none": (lambda path: changed(path, "UPDATE run SET value = '[' WHERE name = 'plan'"), "is damaged"),
    "a number that is none": (lambda path: changed(path, FREE, "UPDATE candidates SET number = x'00'"), "is damaged"),
    "a line that is none": (lambda path: changed(path, FREE, "UPDATE candidates SET line = x'00'"), "is damaged"),
    "values that are none": (
        lambda path: changed(path, FREE, "UPDATE candidates SET state = 'done', told = '[0.5'"),
        "is damaged",
    ),
    "no text": (lambda path: changed(path, "UPDATE run SET value = CAST(x'ff' AS TEXT)"), "is damaged"),
}


@pytest.fixture(scope="module")
def whole() -> Iterator[Path]:
    """A run of 400 candidates, and what it was asked."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "run"
        with Store.begin(folder, Asked("s", "", "", {}, "digits", "f", {}, 0)) as store:
            store.propose([Proposal(f"op={number} " * 50, number, str(number)) for number in range(400)])
        yield folder


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_files_are_refused(damage: Callable[[Path], object], words: str, whole: Path, folder: Path) -> None:
    shutil.copytree(whole, folder)
    damage(folder / FILE)

    def look(opening: Callable[[], Reading]) -> None:
        with opening() as run:
            run.run()
            run.candidates()

    asked = Asked("s", "", "", {}, "digits", "f", {}, 0)
    assert words in refused("G609", lambda: look(lambda: Store.read(folder)))
    assert words in refused("G609", lambda: look(lambda: Store.resume(folder, asked)))


def test_damage_is_found_before_anything_is_asked(whole: Path, folder: Path) -> None:
    shutil.copytree(whole, folder)
    zeros(folder / FILE, 60_000, 70_000)
    refused("G609", lambda: Store.read(folder))
