"""A task and many items go in; results come out in the order of the items, however many processes worked on them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.engines import Failure, Local
from ghndsl.training.threads import available

Item = TypeVar("Item")
Found = TypeVar("Found")

_WORTH = 24
"""Items for which one more process is worth the seconds it takes to start."""
_WAITING = 8
"""Items handed out beyond those that are worked on, for each process."""


def workers_for(items: int, asked: int | None = None, *, are_long: bool = False) -> int:
    """How many processes to use: as many as asked for, else as many as there are cores and as are worth their start,
    which they are for one item each where items are long.

    >>> workers_for(5), workers_for(1000, asked=3), workers_for(2, asked=3)
    (1, 3, 2)
    """
    worth = items if are_long else items // _WORTH
    return max(1, min(available(), worth) if asked is None else min(asked, items))


def each(task: Callable[[Item], Found], items: Iterable[Item], workers: int) -> Generator[Found]:
    """The results of a task for items, one by one, in their order.

    With several workers the task is copied to new processes, one thread each; it must not depend on what it did before.
    An exception of the task is raised here, at its item; then, or when the generator is closed, the processes are
    ended. An item whose process ends is tried once more. Errors: G607 when the process ends again.
    """
    if workers < 2:
        yield from map(task, items)
        return
    engine = Local[Item, Found](task, workers)
    try:
        yield from _in_order(engine, items, workers * _WAITING)
    finally:
        engine.close()


def _in_order(engine: Local[Item, Found], items: Iterable[Item], most: int) -> Generator[Found]:
    """Hands out items, at most so many before the first of them is done."""
    early: dict[int, Found | Failure] = {}
    asked = given = 0
    for asked, item in enumerate(items, start=1):
        engine.submit(asked - 1, item)
        if asked - given >= most:
            yield _found(engine, early, given)
            given += 1
    while given < asked:
        yield _found(engine, early, given)
        given += 1


def _found(engine: Local[Item, Found], early: dict[int, Found | Failure], key: int) -> Found:
    """The result of an item; those of later ones that come before it are put by."""
    while key not in early:
        outcome = engine.next()
        early[outcome.key] = outcome.value
    value = early.pop(key)
    if not isinstance(value, Failure):
        return value
    if value.raised is not None:
        raise value.raised
    message = f"a worker process could not do its work: {value.message}"
    raise CompileError(Diagnostic("G607", message, help="with `--workers 1` there is none"))
