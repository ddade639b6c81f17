"""What a worker does: a packed task and packed items go in; replies come out, however the task fares."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from types import TracebackType

from ghndsl.search.engines.base import Failure, Kind
from ghndsl.search.engines.faults import kind_of

_WIDEST = 500
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Reply:
    """What a worker says of an item: what was found or why not, and what it took. The kind of a failure can be read
    where what is packed cannot, or would load much."""

    kind: Kind | None
    packed: bytes
    seconds: float
    cpu_seconds: float

    @property
    def value(self) -> object:
        """What was found, or the failure."""
        return pickle.loads(self.packed)


class Caught:
    """A block whose exceptions are kept as a failure; what is to end the process passes."""

    failure: Failure | None = None

    def __enter__(self) -> Caught:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        self.failure = failure_of(error)
        return True


def failure_of(error: Exception) -> Failure:
    """An exception as a failure.

    >>> failure_of(ValueError("too wide\\nby 3")).message
    'ValueError: too wide'
    """
    first = next(iter(str(error).strip().splitlines()), "")
    message = f"{type(error).__name__}: {first}" if first else type(error).__name__
    # What is unpickled holds no frames, and so none of the task's memory.
    raised: Exception | None = None
    with suppress(Exception):
        copy: object = pickle.loads(pickle.dumps(error))
        raised = copy if isinstance(copy, Exception) else None
    text = "".join(traceback.format_exception(error))
    return Failure(kind_of(error), message[:_WIDEST], text, raised)


def loaded(task: bytes) -> Callable[[bytes], object]:
    """The task, as a function of packed items, in a process that computes with one thread."""
    os.environ.update(ONE_THREAD)
    found: Callable[[object], object] = pickle.loads(task)
    _one_thread()
    return lambda item: found(pickle.loads(item))


def _one_thread() -> None:
    """For libraries that were loaded before the environment said so; what is not loaded is left alone."""
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def perform(task: Callable[[bytes], object], item: bytes) -> Reply:
    """The reply of a task to an item."""
    clock, processor = perf_counter(), process_time()
    caught, value = Caught(), None
    with caught:
        value = task(item)
    kind, packed = _packed(caught.failure or value)
    return Reply(kind, packed, perf_counter() - clock, process_time() - processor)


def failed(failure: Failure, seconds: float) -> Reply:
    """What is said of an item in the stead of a worker that cannot any more."""
    return Reply(failure.kind, pickle.dumps(failure), seconds, 0.0)


def _packed(value: object) -> tuple[Kind | None, bytes]:
    """A value, or a failure with its kind."""
    caught = Caught()
    with caught:
        return value.kind if isinstance(value, Failure) else None, pickle.dumps(value)
    why = caught.failure or Failure("error", "")
    return why.kind, pickle.dumps(replace(why, message=f"what was found cannot be sent: {why.message}"))
