"""A task and many items go in; results come out in the order of the items, however many processes worked on them."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from threading import Thread
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

    >>> workers_for(5), workers_for(1000, asked=3), workers_for(2, asked=3)
    (1, 3, 2)
    """
    return max(1, min(available(), items // _WORTH) if asked is None else min(asked, items))


def each(task: Callable[[Item], Found], items: Iterable[Item], workers: int) -> Generator[Found]:
    """The results of a task for items, one by one, in their order.

    With several workers the task is copied to new processes, one thread each; it must not depend on what it did before.
    An exception of the task is raised here, at its item; then, or when the generator is closed, the processes are
    ended. Errors: G607 when a process ended by itself.
    """
    if workers < 2:
        yield from map(task, items)
        return
    before = set(multiprocessing.active_children())
    # Pickled here, as multiprocessing would put tensors into shared memory, of which a container has little.
    begin = partial(_begin, pickle.dumps(task))
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), begin)
    done = False
    try:
        yield from _in_order(pool, items, workers * _WAITING)
        done = True
    finally:
        for process in set() if done else set(multiprocessing.active_children()) - before:
            process.terminate()
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, items: Iterable[Item], most: int) -> Generator[Found]:
    """Hands out items, at most so many before the first of them is done."""
    waiting: deque[Future[object]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(_do, item))
            if len(waiting) >= most:
                yield cast("Found", waiting.popleft().result())
        while waiting:
            yield cast("Found", waiting.popleft().result())
    except BrokenProcessPool:
        message = "a worker process ended before its work was done"
        raise CompileError(Diagnostic("G607", message, help="with `--workers 1` there is none")) from None


_task: list[Callable[[object], object]] = []


def _begin(task: bytes) -> None:
    # Ctrl-C is for the first process, which ends the others; when it is killed, they end too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    _task[:] = [pickle.loads(task)]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(item: object) -> object:
    return _task[0](item)
