"""Ctrl-C goes in, however a library answers it; whether it was pressed comes out, as KeyboardInterrupt."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType


@contextmanager
def remembered() -> Generator[Callable[[], None]]:
    """What raises KeyboardInterrupt once Ctrl-C was pressed: that which comes while a library loads may be lost in it,
    as C code that asks for an attribute drops any error."""
    before, pressed = signal.getsignal(signal.SIGINT), list[int]()
    if not callable(before) or current_thread() is not main_thread():
        yield lambda: None
        return
    handle = before

    def press(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        handle(number, frame)

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, press)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
