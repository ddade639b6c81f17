"""What saves goes in; it is done now and then, so that little is lost and little time is spent on it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

_PART = 0.02
"""The most of the time that saving takes."""


class Saving:
    """Saves when the last time is `seconds` ago, or longer ago where saving takes long.

    >>> done = []
    >>> saving = Saving(lambda: done.append("saved"), 0.0)
    >>> saving.perhaps()
    >>> done
    ['saved']
    """

    def __init__(self, save: Callable[[], object], seconds: float, clock: Callable[[], float] = perf_counter) -> None:
        self._save, self._seconds, self._clock = save, seconds, clock
        self._next = clock() + seconds

    def perhaps(self) -> None:
        """Saves if it is time to."""
        begun = self._clock()
        if begun < self._next:
            return
        self._save()
        ended = self._clock()
        self._next = ended + max(self._seconds, (ended - begun) / _PART)
