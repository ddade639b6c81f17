"""A family of labelled graphs goes in; what it takes to count, number, draw and find its members comes out.

    python benchmarks/counted/families.py 2 8 0 99 1 0 9

Each is measured in a process of its own: so seconds and memory are those from nothing known.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ghndsl.dags import Dags, Family, in_words

T = TypeVar("T")
FAMILIES = (
    (Family((2, 7), (1, 9)), 3),
    (Family((2, 8), (0, 99)), 3),
    (Family((2, 8), (0, 99)), 9),
    (Family((3, 8), (0, 99), inputs=2, leaves=True), 9),
    (Family((9, 9), (0, 99)), 3),
    (Family((20, 20), (19, 40), inputs=2, leaves=True), 9),
    (Family((32, 32), (0, 999)), 9),
    (Family((32, 32), (31, 60)), 9),
)
FEW = 1_000


def table() -> str:
    lines = [
        "| graphs | labels | up to isomorphism | counted, s | numbered | ready, s | drawn/s | found/s | MB |",
        "| --- " * 9 + "|",
    ]
    for family, labels in FAMILIES:
        told = measured(family, labels)
        lines.append(f"| {family} | {labels} | {' | '.join(told)} |")
    return "\n".join(lines)


def measured(family: Family, labels: int) -> list[str]:
    bounds = (*family.vertices, *family.edges, family.inputs, int(family.leaves), labels)
    command = [sys.executable, str(Path(__file__)), *map(str, bounds)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    told: list[str] = json.loads(subprocess.run(command, capture_output=True, env=environment, check=True).stdout)
    return told


def main() -> None:
    least, most, few, many, inputs, leaves, labels = map(int, sys.argv[1:])
    before = most_memory()
    dags = Dags(Family((least, most), (few, many), inputs, bool(leaves)), tuple(f"op{i}" for i in range(labels)))
    ready, _ = timed(lambda: dags.text(dags.size // 2))
    counted, bounds = timed(lambda: dags.distinct)
    rng = random.Random(0)
    numbers = [rng.randrange(dags.size) for _ in range(FEW)]
    drawing, texts = timed(lambda: [dags.text(number) for number in numbers])
    finding, found = timed(lambda: [dags.number(dags.find(text)) for text in texts])
    if found != numbers:
        raise ValueError("a graph has another number than the one it was drawn by")
    least_distinct, most_distinct = map(in_words, bounds)
    told = [
        least_distinct if bounds[0] == bounds[1] else f"{least_distinct} to {most_distinct}",
        f"{(ready if dags.is_up_to_isomorphism else counted):.2f}",
        "each once" if dags.is_up_to_isomorphism else "by order",
        f"{ready:.2f}",
        f"{FEW / drawing:,.0f}",
        f"{FEW / finding:,.0f}",
        f"{most_memory() - before:,.0f}",
    ]
    print(json.dumps(told))


def most_memory() -> float:
    """The most megabytes that the process had at any time, by Linux's count, which begins with the program."""
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


if __name__ == "__main__":
    main()
