"""A block goes in; what is begun in it is ended before Ctrl-C is heard."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from threading import current_thread, main_thread


@contextmanager
def whole() -> Generator[None]:
    """Ctrl-C in the block is heard when it is over; the block is to be short.

    >>> with whole():
    ...     done = "both, or nothing"
    """
    heard = signal.getsignal(signal.SIGINT)
    # Other threads never hear it, and what is no function of Python cannot be called later.
    if current_thread() is not main_thread() or not callable(heard):
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)
    if came:
        heard(came[0], None)
