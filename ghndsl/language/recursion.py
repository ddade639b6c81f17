"""Work that nests as deeply as a text does goes in; Python's own bound on recursion gives way while it runs."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

MOST_FRAMES = 20_000
"""Python's frames for one text; `Limits` bounds what a text asks for, and is nearly always met first."""

_lock = Lock()
_running: list[int] = []


@contextmanager
def deep_recursion() -> Generator[None]:
    """Raises Python's recursion limit inside; the limit is one for the process, so the last to leave restores it.

    Frames of Python code take no C stack, hence a large limit is safe for code that recurses in Python alone.

    >>> before = sys.getrecursionlimit()
    >>> with deep_recursion():
    ...     sys.getrecursionlimit() >= MOST_FRAMES
    True
    >>> sys.getrecursionlimit() == before
    True
    """
    with _lock:
        _running.append(sys.getrecursionlimit())
        sys.setrecursionlimit(max(MOST_FRAMES, _running[0]))
    try:
        yield
    finally:
        with _lock:
            before = _running[0]
            _running.pop()
            if not _running:
                sys.setrecursionlimit(before)
