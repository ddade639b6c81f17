"""Tasks for engines, which load nothing heavy, and a program that begins work and is to be disturbed in it."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from ghndsl.search.engines import Local

_BIG = 100 << 30


def squared(number: int) -> int:
    """A value."""
    return number * number


def deed(name: str) -> object:
    """What a candidate may do to its worker, by name."""
    return _DEEDS[name]()


@dataclass(frozen=True)
class Once:
    """Does a deed the first time that an item is tried, as a file in a folder tells."""

    folder: Path
    deed: str

    def __call__(self, number: int) -> int:
        """The number squared, the second time."""
        mark = self.folder / str(number)
        if not mark.exists():
            mark.touch()
            deed(self.deed)
        return number * number


@dataclass(frozen=True)
class Stuck:
    """Says, the first time, on which node of a Ray cluster it is, and its number, by the pipe `begun` of a folder; then
    waits for ever at `never`."""

    folder: Path

    def __call__(self, number: int) -> int:
        """The number squared, the second time."""
        mark = self.folder / str(number)
        if not mark.exists():
            mark.touch()
            where = f"{os.environ['RAY_RAYLET_PID']} {os.getpid()}"
            (self.folder / "begun").write_text(where, encoding="ascii")
            (self.folder / "never").read_bytes()
        return number * number


@dataclass(frozen=True)
class Unfit:
    """A task that does something where it is loaded."""

    deed: str

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return deed, (self.deed,)

    def __call__(self, number: int) -> int:
        """What is never asked."""
        return number


def hold(number: int) -> int:
    """Says that it is at work, and never ends."""
    os.write(1, b"busy\n")
    return sum(0 for _ in count(number))


def _raise() -> object:
    raise ValueError("too wide\nby 3")


def _fill() -> object:
    return len(bytearray(_BIG))


def _in_words_of_torch() -> object:
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 100 bytes")


def _break_its_gpu() -> object:
    """As torch does it of all that comes after the first such error, too."""
    import torch

    raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might ...")


def _kill_its_keeper() -> object:
    keeper = multiprocessing.parent_process()
    assert keeper is not None
    assert keeper.pid is not None
    os.kill(keeper.pid, signal.SIGKILL)
    return None


_DEEDS: Mapping[str, Callable[[], object]] = {
    "well": lambda: "done",
    "raises": _raise,
    "fills": _fill,
    "torch is full": _in_words_of_torch,
    "exits": lambda: os._exit(3),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "breaks its GPU": _break_its_gpu,
    "its keeper is killed": _kill_its_keeper,
    "faults": lambda: ctypes.string_at(0),
    "is endless": lambda: sum(0 for _ in count()),
    "gives what cannot be sent": lambda: lambda: 0,
    "loaded": lambda: sorted({"torch", "numpy"} & {*sys.modules}),
    "threads": lambda: os.environ["OMP_NUM_THREADS"],
    "device": lambda: os.environ["CUDA_VISIBLE_DEVICES"],
    "has a limit": lambda: resource.getrlimit(resource.RLIMIT_DATA)[0] != resource.RLIM_INFINITY,
    "number": os.getpid,
}


def main(moment: str) -> None:
    """Begins work without an end, and says so at a moment; after Ctrl-C says that all is over."""
    # What a shell starts in the background, as a suite may be, does not hear Ctrl-C unless it asks to.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with closing(Local(hold, 2)) as engine:
            if moment == "submitting":
                print(moment, flush=True)
            engine.submit(0, 0)
            engine.submit(1, 1)
            if moment == "starting":
                print(moment, flush=True)
            engine.next()
    except KeyboardInterrupt:
        print("interrupted", flush=True)


def show(name: str) -> None:
    """Prints what a deed comes to."""
    with closing(Local(deed, 1)) as engine:
        engine.submit(0, name)
        print(engine.next().value)


if __name__ == "__main__":
    (show if sys.argv[1] in _DEEDS else main)(sys.argv[1])
