"""The engine of a Ray cluster: the same tasks, wherever a core is free, tried again when a worker or node is lost."""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from threading import Timer
from time import perf_counter
from typing import Generic, Protocol, cast
from uuid import uuid4

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.engines.base import ATTEMPTS, Failure, Found, Item, Kind, Outcome
from ghndsl.search.engines.memory import limit, share
from ghndsl.search.engines.work import Reply, loaded, perform

_PATIENCE = 10
"""Seconds that a cluster may take to answer a knock."""
Ref = object
"""What Ray gives for a value that is, or will be, somewhere in the cluster."""


class _Remote(Protocol):
    def remote(self, holder: Sequence[Ref], name: str, item: bytes, seconds: float | None) -> Ref: ...


class _Exceptions(Protocol):
    RayError: type[Exception]
    RayTaskError: type[Exception]
    OutOfMemoryError: type[Exception]


class _Library(Protocol):
    """What is used of Ray, which is loaded when it is needed, and may not be there."""

    exceptions: _Exceptions

    def is_initialized(self) -> bool: ...
    def init(self, address: str | None, *, log_to_driver: bool, logging_level: int) -> object: ...
    def shutdown(self) -> None: ...
    def put(self, value: object) -> Ref: ...
    def get(self, ref: Ref) -> object: ...
    def wait(self, refs: Sequence[Ref], *, num_returns: int) -> tuple[Sequence[Ref], Sequence[Ref]]: ...
    def cancel(self, ref: Ref, *, force: bool) -> None: ...
    def remote(self, *, num_cpus: int, num_gpus: int, max_retries: int) -> Callable[[object], _Remote]: ...


@dataclass(frozen=True)
class _Job:
    key: int
    item: bytes
    attempts: int
    begun: float


class Ray(Generic[Item, Found]):
    """Does a task for items on the cluster at an address, or on this machine, one thread and so many GPUs each.

    A worker whose item takes longer than `seconds` ends itself. Every machine of it needs this package and what the
    task needs. Errors: G608 when Ray is not there or nothing answers at the address, G607 when a worker cannot begin
    the task.
    """

    def __init__(
        self,
        task: Callable[[Item], Found],
        *,
        address: str | None = None,
        seconds: float | None = None,
        attempts: int = ATTEMPTS,
        gpus: int = 0,
    ) -> None:
        self._ray = _library()
        self._seconds, self._attempts = seconds, attempts
        self._is_mine = not self._ray.is_initialized()
        if self._is_mine:
            _join(self._ray, address)
        # A list, as Ray would send what stands by itself with each item.
        self._holder = [self._ray.put(pickle.dumps(task))]
        self._name = uuid4().hex
        # Ray is told not to try again, so that attempts are counted here, and an outcome comes once.
        self._do = self._ray.remote(num_cpus=1, num_gpus=gpus, max_retries=0)(_done_there)
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
            if not _is_lost(reply.value) or job.attempts >= self._attempts:
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
        if self._is_mine and self._ray.is_initialized():
            self._ray.shutdown()

    def _send(self, job: _Job) -> None:
        self._jobs[self._do.remote(self._holder, self._name, job.item, self._seconds)] = job

    def _fetched(self, ref: Ref, job: _Job) -> tuple[Reply, str]:
        """What came of an item, and where."""
        errors = self._ray.exceptions
        try:
            packed, place = cast("tuple[bytes, str]", self._ray.get(ref))
        except errors.RayTaskError as error:
            last = str(error).strip().splitlines()[-1]
            help_ = "every machine of the cluster needs this version of ghndsl"
            raise CompileError(Diagnostic("G607", f"no worker can begin the task: {last}", help=help_)) from None
        except errors.RayError as error:
            took = perf_counter() - job.begun
            return Reply(self._failure(error, took), took, 0.0), ""
        reply: Reply = pickle.loads(packed)
        return reply, place

    def _failure(self, error: Exception, took: float) -> Failure:
        """Why an item has no value whose worker, or node, is lost. Ray does not say how a worker ended; one that ended
        itself had the item for longer than it may."""
        if isinstance(error, self._ray.exceptions.OutOfMemoryError):
            kind: Kind = "memory"
        elif self._seconds is not None and took >= self._seconds:
            return Failure("time", f"it took longer than {self._seconds:g} s")
        else:
            kind = "crash"
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        return Failure(kind, first[:500], str(error))


def _is_lost(value: object) -> bool:
    return isinstance(value, Failure) and value.kind in {"crash", "memory"}


def _library() -> _Library:
    try:
        return cast("_Library", cast("object", import_module("ray")))
    except ImportError:
        message = "the engine `ray` needs the package Ray"
        raise CompileError(Diagnostic("G608", message, help='`pip install "ghndsl[ray]"`')) from None


def _join(ray: _Library, address: str | None) -> None:
    try:
        _reach(address or "")
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, OverflowError, ValueError, RuntimeError) as error:
        where = f"at `{address}`" if address else "on this machine"
        first = next(iter(str(error).strip().splitlines()), "")
        raise CompileError(Diagnostic("G608", f"no Ray cluster answers {where}: {first}")) from None


def _reach(address: str) -> None:
    """Knocks at a host and port, as Ray would try them for minutes; other addresses (`auto`) are Ray's."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()


_tasks: dict[str, Callable[[bytes], object]] = {}


def _done_there(holder: Sequence[Ref], name: str, item: bytes, seconds: float | None) -> tuple[bytes, str]:
    """What a worker of the cluster does; it keeps the task for the items that follow."""
    if name not in _tasks:
        ray = _library()
        limit(share(os.cpu_count() or 1))
        _tasks.clear()
        _tasks[name] = loaded(cast("bytes", ray.get(holder[0])))
    with _ending_after(seconds):
        return perform(_tasks[name], item), f"{os.uname().nodename} {os.getpid()}"


@contextmanager
def _ending_after(seconds: float | None) -> Generator[None]:
    """Ends this process, whatever it does, if the block takes longer."""
    if seconds is None:
        yield
        return
    clock = Timer(seconds, os._exit, (1,))
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
