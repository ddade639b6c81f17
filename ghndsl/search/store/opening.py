"""A path goes in; a connection to a run's database of this format comes out, or a new one lies there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.files import check_writable
from ghndsl.search.store.faults import completed, damaged
from ghndsl.search.store.schema import APPLICATION, FORMAT, TABLES

NEW = ".new"
"""What the name of a database ends in until it is whole."""

_PATIENCE = 10.0
"""Seconds to wait for another program that writes, such as a shell of SQLite."""


def create(path: Path, rows: Mapping[str, str]) -> None:
    """Makes a database with the rows of `run`; it has its name when it is whole. Errors: G007."""
    new = path.with_name(path.name + NEW)
    with completed(path):
        remove_new(path)
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                connection.execute(table)
            connection.executemany("INSERT INTO run VALUES (?, ?)", rows.items())
            connection.execute("COMMIT")
        os.replace(new, path)


def remove_new(path: Path) -> None:
    """Takes away what a database that was not finished left."""
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + NEW + ending).unlink(missing_ok=True)


def open_writing(path: Path) -> sqlite3.Connection:
    """A connection that writes. Errors: G007, G604, G609."""
    # SQLite would open what may not be written to be read, and leave files beside it.
    check_writable(path)
    connection = _checked(path, "mode=rw")
    # A killed process loses nothing so; a power cut may lose the last seconds, and leaves a whole file.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def open_reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads, while another may write. Errors: G007, G604, G609."""
    try:
        return _checked(path, "mode=ro")
    except CompileError as error:
        # SQLite keeps notes beside a file that it shares. Where it may not, and nobody left a log, the file is all.
        if error.diagnostics[0].code != "G007" or _has_log(path):
            raise
    return _checked(path, "mode=ro&immutable=1")


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return os.path.isfile(log) and log.stat().st_size > 0


def _checked(path: Path, mode: str) -> sqlite3.Connection:
    with completed(path):
        address = f"{path.resolve().as_uri()}?{mode}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE)
    with ExitStack() as undo:
        undo.callback(connection.close)
        with completed(path):
            _check(path, connection)
        undo.pop_all()
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    """Refuses a file that no run made, one of a newer format, and one that is not whole: it is looked through."""
    # Nothing in a file of others is run, whatever it says.
    connection.execute("PRAGMA trusted_schema = OFF")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        reason = "it is empty" if path.stat().st_size == 0 else "another program made it"
        raise CompileError(Diagnostic("G609", f"`{path}` is no run's database: {reason}"))
    (format_,) = connection.execute("PRAGMA user_version").fetchone()
    if format_ > FORMAT:
        message = f"`{path}` is of format {format_}, and this version of ghndsl reads up to {FORMAT}"
        raise CompileError(Diagnostic("G609", message, help="use the version of ghndsl that made it, or a newer one"))
    found = {str(sql) for (sql,) in connection.execute("SELECT sql FROM sqlite_master")}
    if not found.issuperset(TABLES):
        raise damaged(path, "its tables are not those of a run")
    # A connection that only reads looks at the pages, one that writes at each row too.
    (fault,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if fault != "ok":
        raise damaged(path, str(fault))
