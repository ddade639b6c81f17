"""Work and a number of processes go in; this process as the first of a team that does the work, the others beside it,
comes out."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ghndsl.search.engines.process import Process, interrupts_held
from ghndsl.training.team import Team, alone, joined

LOADED = ("torch._dynamo", "ghndsl.search.work")
"""What processes of a search need, the first of it when an optimiser is made."""


@contextmanager
def gathered(work: Callable[[Team], object], size: int = 1, device: str = "cpu") -> Generator[Team]:
    """The team of which this process is the first; each of the others, on this machine, does the work meanwhile.

    Whoever asks does the same work in the context, and alone hears what comes of it. The others end with the context,
    however it is left. Errors: G412 for a device that is not there, G607 when another process cannot begin, or, while
    they work, when one has ended.
    """
    if size == 1:
        yield alone(device)
        return
    with TemporaryDirectory() as folder:
        meeting = Path(folder) / "meeting"
        others: list[Process] = []
        try:
            with interrupts_held():
                others += [Process({}, None, LOADED) for _ in range(1, size)]
            task = pickle.dumps(_Joining(work, size, device, meeting))
            for other in others:
                other.begin(task)
            for rank, other in enumerate(others, start=1):
                other.pipe.send_bytes(pickle.dumps(rank))
            with joined(meeting, 0, size, device) as team:
                yield team
        finally:
            for other in others:
                other.kill()
            for other in others:
                other.ended()


@dataclass(frozen=True)
class _Joining:
    """What another process of a team does, by its rank."""

    work: Callable[[Team], object]
    size: int
    device: str
    meeting: Path

    def __call__(self, rank: int) -> None:
        with joined(self.meeting, rank, self.size, self.device) as team:
            self.work(team)
