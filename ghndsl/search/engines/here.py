"""The engine of this very process: nothing is sent, and what ends a task's process ends this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Generic, cast

from ghndsl.search.engines.base import Failure, Found, Item, Outcome
from ghndsl.search.engines.work import Caught


class Here(Generic[Item, Found]):
    """Does a task for items in the order they came in, each when its outcome is asked for."""

    def __init__(self, task: Callable[[Item], Found]) -> None:
        self._task = task
        self._waiting: deque[tuple[int, Item]] = deque()

    def submit(self, key: int, item: Item) -> None:
        """Takes an item."""
        if any(key == other for other, _ in self._waiting):
            raise ValueError(f"item {key} is in work already")
        self._waiting.append((key, item))

    def next(self) -> Outcome[Found]:
        """Works on the item that has waited longest."""
        if not self._waiting:
            raise ValueError("no item is in work")
        key, item = self._waiting.popleft()
        clock, processor = perf_counter(), process_time()
        caught, value = Caught(), cast("Found | Failure | None", None)
        with caught:
            value = self._task(item)
        found = cast("Found | Failure", caught.failure or value)
        return Outcome(key, found, perf_counter() - clock, process_time() - processor, 0, 1)

    def close(self) -> None:
        """Forgets what waits."""
        self._waiting.clear()
