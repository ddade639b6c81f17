"""What the run store costs: seconds to keep many candidates, to open their run, and to sum it up.

    python benchmarks/store.py [--candidates 100000] [--batch 16] [--page docs/search.md]

A candidate is proposed and finished, each in a commit of its own, as a search does it; proposals come one by
one when the batch is filled. Every tenth is a repeat. The last rows are what a report and `--resume` read.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from exported.page import put

import ghndsl
from ghndsl.search.report import facts, page
from ghndsl.search.store import Asked, Proposal, Result, Store

ASKED = Asked("nasbench201", "space s() {}\n" * 40, "0" * 32, {"width": 16}, "digits", "f" * 32, {"batch": 16}, 0)
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
REPEATS = 10


def proposal(index: int) -> Proposal:
    """The line of a cell, and what building it tells; each tenth is the one before it again."""
    index -= index % REPEATS == REPEATS - 1
    edges = [f"e{target}_{source}" for target in range(1, 4) for source in range(target)]
    line = " ".join(f"{edge}={OPERATIONS[index // 5**place % 5]}" for place, edge in enumerate(edges))
    identity = "g1-" + hashlib.blake2b(str(index).encode(), digest_size=16).hexdigest()
    return Proposal(line, index, identity, 1_000_000 + index, 2**40 + index, 2**30)


def result(index: int) -> Result:
    """Two values, and five measures."""
    value = (index * 7919 % 100_003) / 100_003
    measures = {"accuracy": value, "loss": 2.3 - value, "synflow": value * 1e9, "macs": 1e8, "latency": value / 7}
    return Result((value, -1e8), measures, None, 0.25, 0.24)


def keep(folder: Path, count: int, batch: int) -> list[float]:
    """Makes a run, as a search does; returns the milliseconds of each candidate, of its two commits together."""
    spent = list[float]()
    waiting = list[tuple[int, int]]()
    with Store.begin(folder, ASKED) as store:
        for index in range(count):
            made = proposal(index)
            started = time.perf_counter()
            (kept,) = store.propose([made])
            if kept.same_as is None:
                waiting.append((kept.place, index))
            if len(waiting) == batch:
                place, of = waiting.pop(0)
                store.finish(place, result(of))
            spent.append(1e3 * (time.perf_counter() - started))
        for place, of in waiting:
            store.finish(place, result(of))
        store.end("done")
    return sorted(spent)


def clocked(task: Callable[[], object]) -> float:
    """Seconds, the least of three."""
    seconds = list[float]()
    for _ in range(3):
        started = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def opened(folder: Path) -> None:
    with Store.read(folder) as run:
        run.run()


def resumed(folder: Path) -> None:
    with Store.resume(folder, ASKED):
        pass


def table(count: int, batch: int) -> str:
    """A table of what it costs."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "run"
        started, cpu = time.perf_counter(), time.process_time()
        spent = keep(folder, count, batch)
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        size = (folder / "run.sqlite").stat().st_size
        with Store.read(folder) as run:
            rows = [
                ("keep a candidate, mean", f"{1e3 * wall / count:.3f} ms ({1e3 * cpu / count:.3f} ms of CPU)"),
                ("keep a candidate, half of them under", f"{spent[count // 2]:.3f} ms"),
                ("keep a candidate, 99 of 100 under", f"{spent[count * 99 // 100]:.3f} ms"),
                ("keep a candidate, the longest", f"{spent[-1]:.1f} ms"),
                ("the file", f"{size / 1e6:.1f} MB, {size / count:.0f} bytes a candidate"),
                ("open to read", f"{1e3 * clocked(lambda: opened(folder)):.1f} ms"),
                ("open to go on, the whole file looked through", f"{1e3 * clocked(lambda: resumed(folder)):.0f} ms"),
                ("sum up: states, times", f"{1e3 * clocked(run.summary):.0f} ms"),
                ("the ten best by a measure", f"{1e3 * clocked(lambda: run.best('accuracy', 10)):.0f} ms"),
                ("read all candidates", f"{1e3 * clocked(run.candidates):.0f} ms"),
                ("write the page of a report", f"{clocked(lambda: page(facts(folder))):.1f} s"),
            ]
    lines = [f"| {count:,} candidates, {batch} in flight | |", "| --- | --- |", *(f"| {a} | {b} |" for a, b in rows)]
    where = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.system()}"
    used = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, ghndsl {ghndsl.__version__}"
    return "\n".join([*lines, "", f"`python benchmarks/store.py --candidates {count}`: {where}, {used}."])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--page", type=Path, help="the page of the documentation to put the table into")
    asked = parser.parse_args()
    found = table(asked.candidates, asked.batch)
    print(found)
    if asked.page:
        put(asked.page, "store", found)


if __name__ == "__main__":
    main()
