"""Work and a number of processes go in; what comes of it when they do it together comes out."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Protocol, TypeVar, cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.engines.base import Failure
from ghndsl.search.engines.process import Process, interrupts_held
from ghndsl.search.engines.work import Reply
from ghndsl.search.telling import Telling, told
from ghndsl.stages import Stage
from ghndsl.training.progress import Progress, silent
from ghndsl.training.team import LostError, Team, alone, joined

Found = TypeVar("Found")
_Found_co = TypeVar("_Found_co", covariant=True)

LOADED = ("torch._dynamo", "ghndsl.search.work")
"""What processes of a search need, the first of it when an optimiser is made."""
_PROGRESS = "progress"
_LOOK = 0.5
"""Seconds from look to look at how far they are."""
_PATIENCE = 3.0
"""Seconds in which those that a failure is not the fault of may say so as well."""


class Shared(Protocol[_Found_co]):
    """Work that several processes do together; the first of them says how far they are, and its result counts."""

    def __call__(self, together: Team, progress: Progress) -> _Found_co: ...


def gathered(work: Shared[Found], size: int = 1, device: str = "cpu", progress: Progress = silent) -> Found:
    """What work comes to that so many processes of this machine do together, one a GPU; a single one on the processor
    is this one.

    Else none of them is this one: what a GPU holds for them is free when they are done, and what ends one of them ends
    no more than the work. Errors: G412 for a device that is not there, G607 when a process cannot begin or is lost,
    and those of the work.
    """
    if size == 1 and device == "cpu":
        return work(alone(), progress)
    with TemporaryDirectory() as folder:
        others: list[Process] = []
        try:
            with interrupts_held():
                for _ in range(size):
                    others.append(Process({}, None, LOADED))
            _begin(others, _Joining(work, size, device, Path(folder)))
            return cast("Found", _awaited(others, Path(folder) / _PROGRESS, progress))
        finally:
            for other in others:
                other.kill()
            for other in others:
                other.ended()


def _begin(others: Sequence[Process], task: _Joining) -> None:
    packed = pickle.dumps(task)
    for other in others:
        other.begin(packed)
    for rank, other in enumerate(others):
        other.pipe.send_bytes(pickle.dumps(rank))


def _awaited(others: Sequence[Process], telling: Path, progress: Progress) -> object:
    """What the first of them found. Raises why there is nothing, once one of them has failed."""
    waiting = dict(enumerate(others))
    failures: list[Failure] = []
    until = inf
    while waiting and monotonic() < until:
        ready = wait([other.pipe for other in waiting.values()], _LOOK)
        found = told(telling)
        for stage in () if found is None else found.stages:
            progress(stage.done, stage.total, stage.text)
        for rank in [rank for rank, other in waiting.items() if other.pipe in ready]:
            value = _answer(waiting.pop(rank))
            if isinstance(value, Failure):
                failures.append(value)
                until = min(until, monotonic() + _PATIENCE)
            elif rank == 0:
                return value
    raise _cause(failures)


def _answer(other: Process) -> object:
    try:
        reply: Reply = pickle.loads(other.pipe.recv_bytes())
    except (EOFError, OSError):
        return Failure("crash", "its process ended")
    return reply.value


def _cause(failures: Sequence[Failure]) -> Exception:
    """The error to raise: that of the work where there is one, rather than that others missed who had it."""
    own = [one for one in failures if not isinstance(one.raised, LostError)]
    first = (own or [*failures])[0]
    if isinstance(first.raised, CompileError):
        return first.raised
    note = f"{first.kind}: {first.message}"
    return LostError(Diagnostic("G607", "a process that others worked together with ended", notes=(note,)))


@dataclass(frozen=True)
class _Joining:
    """What each process does, by its rank."""

    work: Shared[object]
    size: int
    device: str
    folder: Path

    def __call__(self, rank: int) -> object:
        progress = Telling(self.folder / _PROGRESS, Stage("", "")) if rank == 0 else silent
        if self.size == 1:
            return self.work(alone(self.device), progress)
        with joined(self.folder / "meeting", rank, self.size, self.device) as together:
            found = self.work(together, progress)
        return found if rank == 0 else None
