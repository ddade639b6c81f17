"""The engine of this machine: a task and items go in, processes of their own work on them, and outcomes come out."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Generic, cast

from ghndsl.search.engines.base import ATTEMPTS, Failure, Found, Item, Outcome
from ghndsl.search.engines.pool import Pool


class Local(Generic[Item, Found]):
    """Does a task for items in at most so many processes, one thread each, started as there is work for them.

    A process that ends, runs out of memory, or has lost its GPU is put right by a new one, and its item is tried once
    more, unless the process did nothing before that might have held the memory. `memory` is the most bytes a process
    may have, `seconds` the longest an item may take; with `devices`, as `CUDA_VISIBLE_DEVICES` names them, each process
    has one of them for its own; `loaded` names modules that the task needs. Errors: G607 when no process can begin its
    task.
    """

    def __init__(
        self,
        task: Callable[[Item], Found],
        workers: int,
        *,
        memory: int | None = None,
        seconds: float | None = None,
        devices: Sequence[str] = (),
        attempts: int = ATTEMPTS,
        loaded: Sequence[str] = (),
    ) -> None:
        # Pickled here, as multiprocessing would put tensors into shared memory, of which a container has little.
        self._pool = Pool(
            pickle.dumps(task),
            workers,
            memory=memory,
            seconds=seconds,
            devices=devices,
            attempts=attempts,
            loaded=loaded,
        )

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes there are, as the system numbers them."""
        return self._pool.pids

    def submit(self, key: int, item: Item) -> None:
        """Takes an item."""
        self._pool.submit(key, pickle.dumps(item))

    def next(self) -> Outcome[Found]:
        """Waits until some item is done."""
        answer = self._pool.next()
        reply = answer.reply
        value = cast("Found | Failure", reply.value)
        return Outcome(answer.key, value, reply.seconds, reply.cpu_seconds, answer.worker, answer.attempts)

    def close(self) -> None:
        """Ends all processes, whatever they do."""
        self._pool.close()
