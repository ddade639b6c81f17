"""A task and many items go in; results come out in the order of the items, however many processes worked on them."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar, cast

import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.training.threads import available

Item = TypeVar("Item")
Found = TypeVar("Found")

_WORTH = 24
"""Items for which one more process is worth the seconds it takes to start."""
_WAITING = 8
"""Items handed out beyond those that are worked on, for each process."""


def workers_for(items: int, asked: int | None = None) -> int:
    """How many processes to use: as many as asked for, else as many as there are cores and as are worth their start.

    >>> workers_for(5), workers_for(1000, asked=3)
    (1, 3)
    """
    return max(1, min(available(), items // _WORTH)) if asked is None else asked


def each(task: Callable[[Item], Found], items: Iterable[Item], workers: int) -> Iterator[Found]:
    """The results of a task for items, one by one, in their order.

    With several workers the task is copied to new processes, one thread each; it must not depend on what it did before.
    An exception of the task is raised here, at its item. Errors: G607 when a process was killed.
    """
    if workers < 2:
        yield from map(task, items)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, partial(_begin, task)) as pool:
        waiting: deque[Future[object]] = deque()
        source = iter(items)
        try:
            for item in source:
                waiting.append(pool.submit(_do, item))
                if len(waiting) >= workers * _WAITING:
                    yield cast("Found", waiting.popleft().result())
            while waiting:
                yield cast("Found", waiting.popleft().result())
        except BrokenProcessPool:
            message = "a worker process was killed, perhaps for lack of memory"
            raise CompileError(Diagnostic("G607", message, help="`--workers 1` needs the least")) from None
        finally:
            for future in waiting:
                future.cancel()


_task: list[Callable[[object], object]] = []


def _begin(task: Callable[[Item], Found]) -> None:
    # Ctrl-C is for the first process, which ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    _task[:] = [cast("Callable[[object], object]", task)]


def _do(item: object) -> object:
    return _task[0](item)
