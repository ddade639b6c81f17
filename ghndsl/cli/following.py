"""A run's folder goes in; while the search in it goes on, how far it is shows on standard error."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from ghndsl.cli.bars import Show, shown
from ghndsl.cli.interrupting import remembered

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
    with shown() as show, remembered() as check:
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


def _look(run: Path, show: Show, over: Event) -> None:
    """Shows again and again what is told, which are a few small files, and once when it is over."""
    from ghndsl.search.folder import RunFolder
    from ghndsl.search.telling import looked_at

    is_over = False
    while not is_over:
        is_over = over.wait(_EVERY)
        told = looked_at(RunFolder(run))
        show(() if told is None else told.stages)
