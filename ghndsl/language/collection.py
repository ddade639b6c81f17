"""Work that keeps all it makes goes in; Python's search for garbage, which would find none, waits until it is done."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_running: list[bool] = []


@contextmanager
def no_collection() -> Generator[None]:
    """Collects no garbage inside: for a large text, going through what was built takes a third of all time.

    The collector is one for the process, so the last to leave turns it on again, if it was on.

    >>> with no_collection():
    ...     gc.isenabled()
    False
    """
    with _lock:
        _running.append(gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            was_on = _running[0]
            _running.pop()
            if was_on and not _running:
                gc.enable()
