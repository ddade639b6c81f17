"""The steps of a search go in as they are done; how long each took comes out, all sessions of the run added."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from ghndsl.search.store import Store

_KIND = "step"


class Timings:
    """Keeps how long each step takes among the events of a run; of a session that was killed, those that it ended."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seconds: defaultdict[str, float] = defaultdict(float)
        for event in store.events():
            if event.kind == _KIND:
                step, _, seconds = event.text.partition(" ")
                self._add(step, float(seconds))

    @property
    def seconds(self) -> Mapping[str, float]:
        """Seconds by step, in their order."""
        return dict(self._seconds)

    @contextmanager
    def timed(self, step: str) -> Generator[None]:
        """Times what is done within, whether it is brought to an end or left."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self._add(step, spent)
            self._store.event(_KIND, f"{step} {spent!r}")

    def _add(self, step: str, seconds: float) -> None:
        self._seconds[step] += seconds
