"""A path goes in; the right to be the one writer beside it is held then, until it is given back or the process ends.

It is `flock`, which the system gives back at any end of a process, `kill -9` included. SQLite's own exclusive lock
would keep readers out too.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.store.faults import system

_held: set[int] = set()


def take(path: Path, what: str | None = None) -> int:
    """Takes the lock of a file, which is made where it is not there; returns what gives it back. `what` says what
    others may not write now, in place of the run in the folder.

    Errors: G604 when another holds it, or where there are no locks; G007 when the file cannot be made.
    """
    while True:
        with ExitStack() as undo:
            handle = _opened(path)
            undo.callback(os.close, handle)
            _wait(path, handle, what or f"{path.parent} is a run")
            # Between opening and locking, the file may have been taken away by one whose begin failed.
            if _is_at(path, handle):
                _sign(path, handle)
                _held.add(handle)
                undo.pop_all()
                return handle


@contextmanager
def one_writer(path: Path, what: str) -> Generator[None]:
    """In the context this process alone writes `what`; the lock's file is gone at the end. Errors: as `take`."""
    handle = take(path, what)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        give_back(handle)


def give_back(handle: int) -> None:
    """Gives the lock back."""
    _held.discard(handle)
    os.close(handle)


def is_held(path: Path) -> bool:
    """Whether any process, this one included, holds the lock of a file."""
    fcntl = _locks()
    if fcntl is None or not os.path.isfile(path):
        return False
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def _wait(path: Path, handle: int, what: str) -> None:
    """Takes the lock; that of others who only look whether it is held, which is for a moment, is waited for."""
    fcntl = _locks()
    if fcntl is None:
        raise _none(path, "this system has no `flock`")
    try:
        while not _tried(fcntl, handle, fcntl.LOCK_EX):
            if not _tried(fcntl, handle, fcntl.LOCK_SH):
                raise _in_use(handle, what)
            fcntl.flock(handle, fcntl.LOCK_UN)
    except OSError as error:
        raise _none(path, error.strerror or str(error)) from None


def _tried(fcntl: ModuleType, handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locks() -> ModuleType | None:
    try:
        import fcntl
    except ImportError:
        return None
    return fcntl


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        raise system(path, error.strerror or str(error)) from None


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _sign(path: Path, handle: int) -> None:
    """Writes who holds it, for whom it is refused to."""
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
    except OSError as error:
        # Taken away by the one who holds it: others look again where it lies.
        path.unlink(missing_ok=True)
        raise system(path, "the disk is full" if error.errno == errno.ENOSPC else str(error.strerror)) from None


def _in_use(handle: int, what: str) -> CompileError:
    who = os.pread(handle, 200, 0).decode("utf-8", "replace").strip() or "another process"
    return CompileError(Diagnostic("G604", f"{what} that {who} is writing", help="end that process to go on here"))


def _none(path: Path, reason: str) -> CompileError:
    # Nobody can hold it, and this process may have made it.
    path.unlink(missing_ok=True)
    message = f"`{path}` cannot be locked: {reason}"
    return CompileError(Diagnostic("G604", message, help="put the run on a disk of this machine, under Linux or macOS"))


def _let_go() -> None:
    """A forked child has its parent's locks: without this, one that outlives it would keep them."""
    for handle in _held:
        os.close(handle)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
