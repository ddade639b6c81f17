"""Spaces of published sizes go in; what is counted and listed, and the seconds of the processor it takes, come out.

Each time in a new process. Listing is the command as a person types it, from its start to its end: the interpreter, the
text read, the plan made, all lines written.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ghndsl import resources

PROGRAM = "from ghndsl.cli import main; main()"
COUNT = """
import sys, time
from ghndsl import load_space
start = time.process_time()
size = load_space(sys.argv[1]).size
print(size, time.process_time() - start)
"""
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Sized:
    """A space of a published size."""

    name: str
    address: str
    size: int
    is_listed: bool = True


def sized(folder: Path) -> Iterator[Sized]:
    """What is counted; the cells of NAS-Bench-101 with fewer vertices are the space that ships with another bound."""
    text = (resources.specs() / "spaces" / "nasbench101.nas").read_text(encoding="utf-8")
    for most, size in ((5, 2_532), (6, 64_542), (7, 423_624)):
        path = folder / f"cells{most}.nas"
        path.write_text(text.replace("vertices=2..7", f"vertices=2..{most}"), encoding="utf-8")
        yield Sized(f"NAS-Bench-101, up to {most} vertices", str(path), size)
    yield Sized("NAS-Bench-201", "nasbench201", 15_625)
    yield Sized("NATS-Bench, sizes", "nats_size", 32_768)
    yield Sized("DARTS, one cell", "darts:OneCell", 1_037_664_180, is_listed=False)
    yield Sized("DARTS, both", "darts", 1_037_664_180**2, is_listed=False)


def table(rounds: int) -> str:
    lines = [
        "| space | candidates | counted, s | `ghndsl count`, s | `ghndsl enumerate`, s |",
        "| --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for space in sized(Path(folder)):
            counted = least([count(space) for _ in range(rounds)])
            command = least([run(PROGRAM, "count", space.address)[1] for _ in range(rounds)])
            lists = [run(PROGRAM, "enumerate", space.address) for _ in range(rounds if space.is_listed else 0)]
            check_lines(space, [output for output, _ in lists])
            listed = least([seconds for _, seconds in lists])
            lines.append(f"| {space.name} | {space.size:,} | {counted} | {command} | {listed} |")
    return "\n".join(lines)


def least(seconds: list[float]) -> str:
    return f"{min(seconds):.2f}" if seconds else "too many"


def count(space: Sized) -> float:
    """Seconds from the space's text to its size, once everything is imported."""
    size, seconds = run(COUNT, space.address)[0].split()
    if int(size) != space.size:
        raise ValueError(f"{space.name} has {size} candidates")
    return float(seconds)


def run(program: str, *words: str) -> tuple[str, float]:
    """What a program prints, and the seconds of the processor that its process takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def check_lines(space: Sized, outputs: list[str]) -> None:
    """Every line has its own number, in order, and its own candidate; and they are the same each time."""
    if not outputs:
        return
    lines = outputs[0].splitlines()
    numbers = [line.split(maxsplit=1)[0] for line in lines]
    if numbers != [*map(str, range(space.size))] or len(set(lines)) < space.size:
        raise ValueError(f"{space.name}: not each candidate is listed once")
    if len(set(outputs)) > 1:
        raise ValueError(f"{space.name}: the lists differ")
