"""A folder goes in; whether a run can begin, or is there, is said, and its database is made."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.store.asked import Asked, differences
from ghndsl.search.store.faults import completed
from ghndsl.search.store.opening import NEW, create, open_writing, remove_new
from ghndsl.search.store.schema import FILE, LOCK


def is_run(folder: Path) -> bool:
    """Whether a run lies in a folder."""
    return os.path.isfile(folder / FILE)


def runs_in(folder: Path) -> list[Path]:
    """The runs that are a folder, or lie in it, by name. Errors: G007 when it cannot be read."""
    with completed(folder):
        inner = sorted(folder.iterdir()) if os.path.isdir(folder) else []
    return [one for one in (folder, *inner) if is_run(one)]


def check_run(folder: Path) -> None:
    """Refuses a folder without a run. Errors: G601."""
    if not is_run(folder):
        raise CompileError(Diagnostic("G601", f"{folder} holds no run", help="`ghndsl search ... -o` begins one"))


def check_free(folder: Path) -> None:
    """Refuses a folder that holds anything but what a begin that was killed left. Errors: G601, G007."""
    if is_run(folder):
        message = f"{folder} holds a run already"
        raise CompileError(Diagnostic("G601", message, help="go on with `--resume`, or give another folder with `-o`"))
    if not os.path.lexists(folder):
        return
    with completed(folder):
        is_free = os.path.isdir(folder) and all(map(_is_ours, folder.iterdir()))
    if not is_free:
        message = f"{folder} exists and is no run"
        raise CompileError(Diagnostic("G601", message, help="give another folder with `-o`"))


def check_same(folder: Path, then: Asked, now: Asked) -> None:
    """Refuses to go on with a run that was begun with something else. Errors: G602 with the differences."""
    notes = differences(then, now)
    if notes:
        message = f"{folder} was begun with other settings"
        hint = "give the old ones, or begin another run in another folder"
        raise CompileError(Diagnostic("G602", message, notes=notes, help=hint))


def make(folder: Path) -> bool:
    """Makes a folder; whether it is new. Errors: G601."""
    is_new = not os.path.lexists(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CompileError(Diagnostic("G601", f"{folder} cannot be made: {error.strerror}")) from None
    return is_new


def new_run(folder: Path, rows: Mapping[str, str]) -> sqlite3.Connection:
    """The database of a run that begins, by the one who holds the lock; of one that fails nothing is left.

    Errors: G601 when another was quicker, G007.
    """
    check_free(folder)
    with ExitStack() as undo:
        undo.callback(_remove, folder)
        create(folder / FILE, rows)
        connection = open_writing(folder / FILE)
        undo.pop_all()
    return connection


def remove_empty(folder: Path) -> None:
    """Takes a folder away, if nothing is in it."""
    with suppress(OSError):
        folder.rmdir()


def _is_ours(path: Path) -> bool:
    return path.name == LOCK or path.name.startswith(FILE + NEW)


def _remove(folder: Path) -> None:
    with suppress(OSError):
        remove_new(folder / FILE)
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", LOCK):
            (folder / name).unlink(missing_ok=True)
