"""A run's folder goes in; while the search in it goes on, how far it is shows on standard error."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING

from ghndsl.cli.bars import Show, shown

if TYPE_CHECKING:
    from ghndsl.search.state import RunState
    from ghndsl.training.progress import Progress, Watch

_EVERY = 1.0
"""Seconds from look to look."""


def followed(run: Path, state: RunState, every: float) -> RunState:
    """The state in which a run is left that another process writes, once it is."""
    from ghndsl.search.state import state_of

    with shown() as show:
        show(state.stages)
        while state.status == "running":
            time.sleep(every)
            state = state_of(run)
            show(state.stages)
    return state


@contextmanager
def following(run: Path) -> Generator[Watch]:
    """Shows the search that this process does, from when it begins the first stage: what it tells whoever watches."""

    over = Event()
    with shown() as show, _interrupts() as check:
        looking = Thread(target=_look, args=(run, show, over), daemon=True)

        def watch(_title: str) -> Progress:
            # Not before: what lies in the folder until then is of another session.
            if looking.ident is None:
                looking.start()
            check()
            return lambda step, total, text: check()

        try:
            yield watch
        finally:
            over.set()
            if looking.ident is not None:
                looking.join()


@contextmanager
def _interrupts() -> Generator[Callable[[], None]]:
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


def _look(run: Path, show: Show, over: Event) -> None:
    """Shows again and again what is told, which are a few small files, and once when it is over."""
    from ghndsl.search.folder import RunFolder
    from ghndsl.search.telling import looked_at

    is_over = False
    while not is_over:
        is_over = over.wait(_EVERY)
        told = looked_at(RunFolder(run))
        show(() if told is None else told.stages)
