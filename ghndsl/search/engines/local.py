"""The engine of this machine: a task and items go in, processes of their own work on them, and outcomes come out."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from multiprocessing.connection import wait
from time import perf_counter
from typing import Generic, cast

from ghndsl.search.engines.base import ATTEMPTS, Failure, Found, Item, Kind, Outcome
from ghndsl.search.engines.process import HELLO, READY, Process, interrupts_held, unfit
from ghndsl.search.engines.work import Reply

_STARTS = 3
"""Processes in a row that may end before they have their task; then it is not they that are at fault."""
_LONGEST = 3600.0


@dataclass(frozen=True)
class _Job:
    """An item on its way: how often it was handed out, and when for the last time."""

    key: int
    item: bytes
    attempts: int = 0
    begun: float = 0.0


@dataclass
class _Worker:
    """A process with its number, whether it has its task, whether it did an item yet, and the one it works on."""

    number: int
    process: Process
    ready: bool = False
    is_fresh: bool = True
    job: _Job | None = None

    @property
    def idle(self) -> bool:
        """Whether it waits for an item."""
        return self.ready and self.job is None


class Local(Generic[Item, Found]):
    """Does a task for items in at most so many processes, one thread each, started as there is work for them.

    A process that ends, or runs out of memory, is put right by a new one, and its item is tried once more, unless the
    process did nothing before that might have held the memory. `memory` is the most bytes a process may have, `seconds`
    the longest an item may take; with `devices`, as `CUDA_VISIBLE_DEVICES` names them, each process has one of them for
    its own; `loaded` names modules that the task needs. Errors: G607 when no process can begin its task.
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
        self._task = pickle.dumps(task)
        self._most = max(1, min(workers, len(devices)) if devices else workers)
        self._memory, self._seconds, self._devices, self._attempts = memory, seconds, tuple(devices), attempts
        self._loaded = tuple(loaded)
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._done: deque[Outcome[Found]] = deque()
        self._keys: set[int] = set()
        self._failed_starts = 0

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes there are, as the system numbers them."""
        return tuple(worker.process.pid or 0 for worker in self._workers)

    def submit(self, key: int, item: Item) -> None:
        """Takes an item."""
        if key in self._keys:
            raise ValueError(f"item {key} is in work already")
        self._waiting.append(_Job(key, pickle.dumps(item)))
        self._keys.add(key)
        self._hand_out()

    def next(self) -> Outcome[Found]:
        """Waits until some item is done."""
        if not self._keys:
            raise ValueError("no item is in work")
        while not self._done:
            self._hand_out()
            self._listen()
        outcome = self._done.popleft()
        self._keys.remove(outcome.key)
        self._hand_out()
        return outcome

    def close(self) -> None:
        """Ends all processes, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.ended()
        self._workers.clear()
        self._waiting.clear()
        self._done.clear()
        self._keys.clear()

    def _hand_out(self) -> None:
        """Gives what waits to those who wait; where nobody does, a process is started if there may be one more."""
        for worker in [worker for worker in self._workers if worker.idle][: len(self._waiting)]:
            job = self._waiting.popleft()
            worker.job = replace(job, begun=perf_counter(), attempts=job.attempts + 1)
            if not _sent(worker, job.item):
                # It never began, so that is not counted.
                worker.job = None
                self._waiting.appendleft(job)
        coming = sum(not worker.ready for worker in self._workers)
        for _ in range(min(self._most - len(self._workers), len(self._waiting) - coming)):
            self._start()

    def _start(self) -> None:
        number = min({*range(self._most)} - {worker.number for worker in self._workers})
        environment = {"CUDA_VISIBLE_DEVICES": self._devices[number]} if self._devices else {}
        with interrupts_held():
            self._workers.append(_Worker(number, Process(environment, self._memory, self._loaded)))

    def _listen(self) -> None:
        """Waits until a process says something or ends, or an item has taken too long."""
        ready = wait([worker.process.pipe for worker in self._workers], self._patience())
        for worker in [*self._workers]:
            if worker.process.pipe in ready:
                self._hear(worker)
            elif self._left(worker) <= 0 and not worker.process.pipe.poll():
                self._lost(worker, Failure("time", f"it took longer than {self._seconds:g} s"))

    def _patience(self) -> float | None:
        """Seconds to wait at most; systems take no more than some weeks."""
        return None if self._seconds is None else max(0.0, min(_LONGEST, *map(self._left, self._workers)))

    def _left(self, worker: _Worker) -> float:
        """Seconds that a worker's item may still take."""
        if self._seconds is None or worker.job is None:
            return inf
        return worker.job.begun + self._seconds - perf_counter()

    def _hear(self, worker: _Worker) -> None:
        said = _heard(worker)
        if said is None:
            self._lost(worker)
            return
        if said == HELLO:
            _sent(worker, self._task)
        elif said == READY:
            worker.ready, self._failed_starts = True, 0
        else:
            self._answered(worker, pickle.loads(said))

    def _answered(self, worker: _Worker, reply: Reply | Failure) -> None:
        if isinstance(reply, Failure):
            raise unfit(reply.message)
        job, failure = worker.job, reply.value
        if job is None:
            return
        if isinstance(failure, Failure) and failure.kind == "memory":
            self._lost(worker, failure)
            return
        worker.job, worker.is_fresh = None, False
        value = cast("Found | Failure", reply.value)
        self._done.append(Outcome(job.key, value, reply.seconds, reply.cpu_seconds, worker.number, job.attempts))

    def _lost(self, worker: _Worker, failure: Failure | None = None) -> None:
        """Ends a process, if it has not, and decides on its item: None means that it ended by itself."""
        worker.process.kill()
        ended = worker.process.ended()
        self._workers.remove(worker)
        job, failure = worker.job, failure or Failure("crash", ended)
        if job is None:
            self._not_begun(worker, ended)
            return
        if job.attempts < self._attempts and _may_be_chance(failure.kind, worker):
            self._waiting.appendleft(job)
            return
        seconds = perf_counter() - job.begun
        self._done.append(Outcome(job.key, failure, seconds, 0.0, worker.number, job.attempts))

    def _not_begun(self, worker: _Worker, ended: str) -> None:
        """Gives up when one process after the other ends before it has its task."""
        self._failed_starts += not worker.ready
        if self._failed_starts >= _STARTS:
            raise unfit(ended)


def _may_be_chance(kind: Kind, worker: _Worker) -> bool:
    """Whether a failure may be for what befell its process: what it did before may hold memory too."""
    return kind == "crash" or (kind == "memory" and not worker.is_fresh)


def _heard(worker: _Worker) -> bytes | None:
    """What a worker says; None when it has ended, be it in mid-sentence."""
    try:
        return worker.process.pipe.recv_bytes()
    except (EOFError, OSError):
        return None


def _sent(worker: _Worker, message: bytes) -> bool:
    """Whether a worker was there to be told; that it has ended is seen when it is listened to."""
    try:
        worker.process.pipe.send_bytes(message)
    except OSError:
        return False
    return True
