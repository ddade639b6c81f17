"""What a machine of a Ray cluster does: a packed task and an item go in; the reply of a process of its own comes out.

Ray does not say how a process ended, nor when it began with an item. So Ray's process never does the work itself: it
keeps the one that does, as the local engine keeps its own, and sees all that befalls it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

from ghndsl.search.engines.cluster import Ref, library
from ghndsl.search.engines.memory import share
from ghndsl.search.engines.pool import Pool
from ghndsl.search.engines.work import Reply


@dataclass(frozen=True)
class Given:
    """What is the same for all items of an engine: its name, how long an item may take, how many GPUs it has, and what
    modules the task needs."""

    name: str
    seconds: float | None = None
    gpus: int = 0
    loaded: tuple[str, ...] = ()


_kept: dict[str, Pool] = {}
"""The process that has the task of an engine, by the engine's name: one at most."""


def done(given: Given, holder: Sequence[Ref], item: bytes) -> tuple[Reply, str]:
    """The reply to an item, and where it is from. The process is kept for the items that follow, unless it has a GPU:
    what it holds of that would be missing to others, and the next item may get another one. Errors: G607."""
    with ExitStack() as undo:
        undo.callback(_end)
        pool = _pool(given, holder)
        pool.submit(0, item)
        reply = pool.next().reply
        if not given.gpus:
            undo.pop_all()
    return reply, f"{os.uname().nodename} {os.getpid()}"


def _pool(given: Given, holder: Sequence[Ref]) -> Pool:
    if given.name not in _kept:
        _end()
        _kept[given.name] = Pool(
            cast("bytes", library().get(holder[0])),
            1,
            # As on one machine: drivers of GPUs hold memory that no candidate asked for.
            memory=None if given.gpus else share(os.cpu_count() or 1),
            seconds=given.seconds,
            # Ray says which GPUs an item has; the process that others are copies of was begun when these were others.
            devices=(os.environ.get("CUDA_VISIBLE_DEVICES", "0"),) if given.gpus else (),
            # Attempts are counted by the engine, so that the next one may be elsewhere.
            attempts=1,
            # Ray's program, which loads Ray, is that of its processes too.
            loaded=("ray", *given.loaded),
        )
    return _kept[given.name]


def _end() -> None:
    for pool in _kept.values():
        pool.close()
    _kept.clear()
