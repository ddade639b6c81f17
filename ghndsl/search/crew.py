"""How many workers there are, and where, goes in; the engine for a task comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ghndsl.search.engines import Engine, Outcome, engine
from ghndsl.search.workers import workers_for

Item = TypeVar("Item")
Found = TypeVar("Found")


_LOADED = ("torch._dynamo", "ghndsl.search.work")
"""What workers need, the first of it when an optimiser is made."""


@dataclass(frozen=True)
class Crew:
    """Who does the work of a search: a number of local processes, None for as many as are worth it, or a Ray cluster at
    an address. What is found does not depend on it.

    Without `isolated`, one worker is this process: it need not be started, and what ends it ends the search.
    """

    count: int | None = None
    engine: str = "local"
    address: str | None = None
    isolated: bool = True

    def check(self) -> None:
        """Refuses an engine that is not there, before any work. Errors: G608."""
        if self.engine != "local" or self.address is not None:
            engine(self.engine, str, 1, address=self.address).close()

    def begin(self, task: Callable[[Item], Found], items: int) -> Engine[Item, Found]:
        """The engine for a task on so many items."""
        count = workers_for(items, self.count)
        return engine(self.engine, task, count, isolated=self.isolated, address=self.address, loaded=_LOADED)

    def here(self, task: Callable[[Item], Found], items: int) -> Engine[Item, Found]:
        """The same on this machine: for what writes files."""
        return replace(self, engine="local", address=None).begin(task, items)


class Later(Generic[Item, Found]):
    """An engine that is begun for the first item: where all is known already, nothing is prepared."""

    def __init__(self, begin: Callable[[Item], Engine[Item, Found]]) -> None:
        self._begin = begin
        self._engine: Engine[Item, Found] | None = None

    def submit(self, key: int, item: Item) -> None:
        """Takes an item."""
        if self._engine is None:
            self._engine = self._begin(item)
        self._engine.submit(key, item)

    def next(self) -> Outcome[Found]:
        """Waits until some item is done. ValueError when none is in work."""
        if self._engine is None:
            raise ValueError("no item is in work")
        return self._engine.next()

    def close(self) -> None:
        """Ends what was begun."""
        if self._engine is not None:
            self._engine.close()
