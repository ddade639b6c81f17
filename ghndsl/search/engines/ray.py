"""The engine of a Ray cluster: the same tasks, wherever a core is free, tried again when a worker or node is lost."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, cast
from uuid import uuid4

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.engines.base import ATTEMPTS, LOST, Failure, Found, Item, Kind, Outcome
from ghndsl.search.engines.cluster import Ref, joined
from ghndsl.search.engines.node import Given, done
from ghndsl.search.engines.work import Reply, failed


@dataclass(frozen=True)
class _Job:
    key: int
    item: bytes
    attempts: int
    sent: float


class Ray(Generic[Item, Found]):
    """Does a task for items on the cluster at an address, or on this machine, one thread and so many GPUs each.

    An item may take `seconds` from when a process has it. Every machine needs this package and what the task needs,
    of which `loaded` names modules. Errors: G608 when Ray is not there, nothing answers at the address, or no machine
    of the cluster has GPUs, G607 when a worker cannot begin the task.
    """

    def __init__(
        self,
        task: Callable[[Item], Found],
        *,
        address: str | None = None,
        seconds: float | None = None,
        attempts: int = ATTEMPTS,
        gpus: int = 0,
        loaded: Sequence[str] = (),
    ) -> None:
        self._attempts = attempts
        self._cluster = ExitStack()
        self._ray = self._cluster.enter_context(joined(address, gpus))
        # A list, as Ray would send what stands by itself with each item.
        self._holder = [self._ray.put(pickle.dumps(task))]
        self._given = Given(uuid4().hex, seconds, gpus, tuple(loaded))
        # Ray is told not to try again, so that attempts are counted here, and an outcome comes once; nor to end its
        # processes after each item, as it would where there are GPUs: they hold nothing of these.
        self._do = self._ray.remote(num_cpus=1, num_gpus=gpus, max_retries=0, max_calls=0)(done)
        self._jobs: dict[Ref, _Job] = {}
        self._places: dict[str, int] = {}

    def submit(self, key: int, item: Item) -> None:
        """Takes an item."""
        if any(key == job.key for job in self._jobs.values()):
            raise ValueError(f"item {key} is in work already")
        self._send(_Job(key, pickle.dumps(item), 1, perf_counter()))

    def next(self) -> Outcome[Found]:
        """Waits until some item is done."""
        if not self._jobs:
            raise ValueError("no item is in work")
        while True:
            (ref, *_), _ = self._ray.wait([*self._jobs], num_returns=1)
            job = self._jobs.pop(ref)
            reply, place = self._fetched(ref, job)
            if reply.kind not in LOST or job.attempts >= self._attempts:
                number = self._places.setdefault(place, len(self._places))
                value = cast("Found | Failure", reply.value)
                return Outcome(job.key, value, reply.seconds, reply.cpu_seconds, number, job.attempts)
            self._send(_Job(job.key, job.item, job.attempts + 1, perf_counter()))

    def close(self) -> None:
        """Ends what is worked on, and a cluster that was begun here."""
        for ref in self._jobs:
            self._ray.cancel(ref, force=True)
        self._jobs.clear()
        self._holder.clear()
        self._cluster.close()

    def _send(self, job: _Job) -> None:
        self._jobs[self._do.remote(self._given, self._holder, job.item)] = job

    def _fetched(self, ref: Ref, job: _Job) -> tuple[Reply, str]:
        """What came of an item, and where. Of a machine that is lost nobody knows when it began, so that the time since
        the item was sent stands for what it took."""
        errors = self._ray.exceptions
        try:
            return cast("tuple[Reply, str]", self._ray.get(ref))
        except errors.RayTaskError as error:
            help_ = "every machine of the cluster needs this version of ghndsl"
            raise CompileError(Diagnostic("G607", _why(error), help=help_)) from None
        except errors.RayError as error:
            kind: Kind = "memory" if isinstance(error, errors.OutOfMemoryError) else "crash"
            first = next(iter(str(error).strip().splitlines()), type(error).__name__)
            return failed(Failure(kind, first[:500], str(error)), perf_counter() - job.sent), ""


def _why(error: Exception) -> str:
    """What was raised in the cluster, in one line."""
    cause: object = getattr(error, "cause", None)
    if isinstance(cause, CompileError):
        return cause.diagnostics[0].message
    return f"no worker can begin the task: {str(error).strip().splitlines()[-1]}"
