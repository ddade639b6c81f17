"""A packed task and packed items go in; processes of this machine work on them, and packed replies come out."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from multiprocessing.connection import wait
from time import perf_counter

from ghndsl.search.engines.base import ATTEMPTS, LOST, Failure, Kind
from ghndsl.search.engines.process import HELLO, READY, Process, interrupts_held, unfit
from ghndsl.search.engines.work import Reply, failed

_STARTS = 3
"""Processes in a row that may end before they have their task; then it is not they that are at fault."""
_LONGEST = 3600.0


@dataclass(frozen=True)
class Answer:
    """The reply to the item with a key, by which worker, and how often the item was tried."""

    key: int
    reply: Reply
    worker: int
    attempts: int


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


class Pool:
    """At most so many processes, one thread each, started as there is work for them; `Local` says what the options are.

    Nothing of what is packed is opened here, so that what the task needs is loaded by those who work alone.
    """

    def __init__(
        self,
        task: bytes,
        workers: int,
        *,
        memory: int | None = None,
        seconds: float | None = None,
        devices: Sequence[str] = (),
        attempts: int = ATTEMPTS,
        loaded: Sequence[str] = (),
    ) -> None:
        self._task = task
        self._most = max(1, min(workers, len(devices)) if devices else workers)
        self._memory, self._seconds, self._devices, self._attempts = memory, seconds, tuple(devices), attempts
        self._loaded = tuple(loaded)
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._done: deque[Answer] = deque()
        self._keys: set[int] = set()
        self._failed_starts = 0

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes there are, as the system numbers them."""
        return tuple(worker.process.pid or 0 for worker in self._workers)

    def submit(self, key: int, item: bytes) -> None:
        """Takes an item. ValueError when the key is in work."""
        if key in self._keys:
            raise ValueError(f"item {key} is in work already")
        self._waiting.append(_Job(key, item))
        self._keys.add(key)
        self._hand_out()

    def next(self) -> Answer:
        """Waits until some item is done. Errors: ValueError when none is in work, G607 when no process can begin."""
        if not self._keys:
            raise ValueError("no item is in work")
        while not self._done:
            self._hand_out()
            self._listen()
        answer = self._done.popleft()
        self._keys.remove(answer.key)
        self._hand_out()
        return answer

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
                late = Failure("time", f"it took longer than {self._seconds:g} s")
                self._lost(worker, failed(late, self._taken(worker)))

    def _patience(self) -> float | None:
        """Seconds to wait at most; systems take no more than some weeks."""
        return None if self._seconds is None else max(0.0, min(_LONGEST, *map(self._left, self._workers)))

    def _left(self, worker: _Worker) -> float:
        """Seconds that a worker's item may still take."""
        return inf if self._seconds is None or worker.job is None else self._seconds - self._taken(worker)

    def _taken(self, worker: _Worker) -> float:
        """Seconds since a worker has its item."""
        return 0.0 if worker.job is None else perf_counter() - worker.job.begun

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
        if worker.job is None:
            return
        if reply.kind in LOST:
            self._lost(worker, reply)
            return
        self._done.append(Answer(worker.job.key, reply, worker.number, worker.job.attempts))
        worker.job, worker.is_fresh = None, False

    def _lost(self, worker: _Worker, reply: Reply | None = None) -> None:
        """Ends a process, if it has not, and decides on its item: None means that it ended by itself."""
        taken = self._taken(worker)
        worker.process.kill()
        ended = worker.process.ended()
        self._workers.remove(worker)
        job, reply = worker.job, reply or failed(Failure("crash", ended), taken)
        if job is None:
            self._not_begun(worker, ended)
            return
        if job.attempts < self._attempts and _may_be_chance(reply.kind, worker):
            self._waiting.appendleft(job)
            return
        self._done.append(Answer(job.key, reply, worker.number, job.attempts))

    def _not_begun(self, worker: _Worker, ended: str) -> None:
        """Gives up when one process after the other ends before it has its task."""
        self._failed_starts += not worker.ready
        if self._failed_starts >= _STARTS:
            raise unfit(ended)


def _may_be_chance(kind: Kind | None, worker: _Worker) -> bool:
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
