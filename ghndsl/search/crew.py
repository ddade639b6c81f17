"""How many workers there are, and where, goes in; the engine for a task comes out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.engines import Engine, Outcome, engine, gpus, ready
from ghndsl.search.gathering import LOADED
from ghndsl.search.workers import workers_for

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Crew:
    """Who does the work of a search: a number of local processes, None for as many as are worth it, or a Ray cluster at
    an address. What is found does not depend on it.

    Without `isolated`, one worker is this process: it need not be started, and what ends it ends the search. A
    candidate that is scored or trained for a few steps for more than `seconds` has failed.
    """

    count: int | None = None
    engine: str = "local"
    address: str | None = None
    isolated: bool = True
    seconds: float | None = None

    @contextmanager
    def ready(self, device: str = "cpu") -> Generator[None]:
        """In the context, engines can be begun for tasks on this device at most; one cluster serves all of them.

        Refuses, before any work, an engine that is not there, does not take a number of workers, or has no such device.
        Errors: G608.
        """
        if self.engine == "ray" and self.count is not None:
            message = "the engine `ray` has no number of workers: the cluster's size says how many there are"
            raise CompileError(Diagnostic("G608", message, help="leave `--workers` out, or use `--engine local`"))
        with ready(self.engine, self.address, has_gpus=device != "cpu"):
            yield

    def begin(
        self, task: Callable[[Item], Found], items: int, device: str = "cpu", *, are_long: bool = False
    ) -> Engine[Item, Found]:
        """The engine for a task on so many items, each of which may take longer than a worker takes to start; on GPUs,
        each worker has one of them."""
        return engine(
            self.engine,
            task,
            workers_for(items, self.count, are_long=are_long) if device == "cpu" else len(gpus()),
            isolated=self.isolated,
            address=self.address,
            seconds=self.seconds,
            loaded=LOADED,
            has_gpus=device != "cpu",
        )

    def here(
        self, task: Callable[[Item], Found], items: int, device: str = "cpu", *, are_long: bool = False
    ) -> Engine[Item, Found]:
        """The same on this machine, for as long as an item takes: for what writes files."""
        return replace(self, engine="local", address=None, seconds=None).begin(task, items, device, are_long=are_long)


class Later(Generic[Item, Found]):
    """An engine that is begun for the first item: where all is known already, nothing is prepared."""

    def __init__(self, begin: Callable[[], Engine[Item, Found]]) -> None:
        self._begin = begin
        self._engine: Engine[Item, Found] | None = None

    def submit(self, key: int, item: Item) -> None:
        """Takes an item."""
        if self._engine is None:
            self._engine = self._begin()
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
