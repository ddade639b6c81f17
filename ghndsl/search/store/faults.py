"""What a database refused goes in; the one error that a person reads comes out."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic

_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_SYSTEM = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOLFS,
)
_KEPT = "what was committed is kept: make room for it, and `--resume` goes on"


@contextmanager
def completed(path: Path) -> Generator[None]:
    """Completes what SQLite says of a file, and what its fields hold that they should not.

    Errors: G007 when the system gave out, G604 when another program holds the file, G609 when it is damaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _fault(path, error) from None
    except OSError as error:
        raise system(path, error.strerror or str(error)) from None
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from None


def system(path: Path, reason: str, help_: str | None = None) -> CompileError:
    """The system gave out."""
    return CompileError(Diagnostic("G007", f"`{path}` cannot be used: {reason}", help=help_))


def damaged(path: Path, reason: str) -> CompileError:
    """A file that is not what it should be."""
    message = f"`{path}` is damaged: {reason.strip().splitlines()[0][:200]}"
    return CompileError(Diagnostic("G609", message, help="begin a new run in another folder"))


def _fault(path: Path, error: sqlite3.Error) -> CompileError:
    # What Python itself refuses has no code.
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _IN_USE:
        message = f"`{path}` is held by another program: {error}"
        return CompileError(Diagnostic("G604", message, help="end what it does there, then `--resume` goes on"))
    if code == sqlite3.SQLITE_FULL:
        return system(path, "the disk is full", _KEPT)
    if code in _SYSTEM:
        return system(path, str(error))
    return damaged(path, str(error))
