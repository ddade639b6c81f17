"""How much memory there is goes in; what a worker may have, and whether an error was for lack of it, come out."""

from __future__ import annotations

import sys
from pathlib import Path

_LEAST = 2 << 30
"""A worker with torch and this package loaded holds 0.8 GiB before it does anything."""
_SPARED = 0.9
"""The part of the free memory that workers may have together."""
_SAID = (
    "can't allocate memory",
    "cannot allocate memory",
    "bad_alloc",
    "out of memory",
    # Of the libraries for GPUs: CUBLAS_STATUS_ALLOC_FAILED, CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, ...
    "_alloc_failed",
    "_allocation_failed",
)
_CGROUP, _MEMINFO = Path("/sys/fs/cgroup"), Path("/proc/meminfo")


def share(workers: int) -> int | None:
    """Bytes that each of so many workers may have of what is free now; None where that is unknown."""
    found = free()
    return None if found is None else max(_LEAST, int(found * _SPARED) // workers)


def free(meminfo: Path = _MEMINFO, cgroup: Path = _CGROUP) -> int | None:
    """Bytes that may be had: what the machine has free, or what is left of a container's part of it; None where neither
    is known. `cgroup` is the folder of a group, as Linux shows those of version 2.

    >>> free() is None or free() > 0
    True
    """
    machine = _numbers(_text(meminfo)).get("MemAvailable")
    known = [None if machine is None else machine << 10, _left(cgroup)]
    return min((one for one in known if one is not None), default=None)


def _left(cgroup: Path) -> int | None:
    """What is left of a container's part. What its files take in the page cache counts as used, but the system takes
    back what of that was not looked at of late, before it is short of memory."""
    most, used = (_text(cgroup / name).strip() for name in ("memory.max", "memory.current"))
    if not (most.isdecimal() and used.isdecimal()):
        return None
    cached = _numbers(_text(cgroup / "memory.stat")).get("inactive_file", 0)
    return max(0, int(most) - max(0, int(used) - cached))


def _numbers(text: str) -> dict[str, int]:
    """The numbers of lines of a name and a number.

    >>> _numbers("MemAvailable:   12 kB\\nanon 7\\n\\nhalf a li")
    {'MemAvailable': 12, 'anon': 7}
    """
    lines = [line.replace(":", " ").split() for line in text.splitlines()]
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdecimal()}


def limit(most: int | None) -> None:
    """From now on this process gets no more bytes than that; asking for more raises, where the system knows how.

    What is counted is the data of the process (RLIMIT_DATA), which is what it holds, give or take a few MiB: torch maps
    gibibytes of code and files that it never touches, so that a limit on addresses would be wrong by a factor of four.
    """
    if most is None or sys.platform != "linux":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def is_shortage(error: BaseException) -> bool:
    """Whether an error is for lack of memory, the processor's or a GPU's; torch says so in words alone.

    >>> is_shortage(RuntimeError("DefaultCPUAllocator: can't allocate memory: ...")), is_shortage(ValueError("memory"))
    (True, False)
    """
    if isinstance(error, MemoryError) or any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__):
        return True
    told = str(error).lower()
    return isinstance(error, RuntimeError | OSError) and any(words in told for words in _SAID)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
