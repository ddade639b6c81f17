"""Spaces counted, listed, drawn from and built: sizes that others published, speed beside other libraries, and chances.

    python benchmarks/spaces.py [--peers PYTHON] [--rounds 3] [--candidates 300] [--each 40] [--page docs/spaces.md]

All times are seconds of the processor, on one thread. `--peers` is an interpreter that has the other libraries (`pip
install configspace optuna pyglove neural-pipeline-search nni`, best in an environment of their own); what it lacks is
left out, and said. `--page` replaces what stands between the page's marks.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import textwrap
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch
from counted import builds, chances, draws, families, large, sizes
from exported.page import put

DISTINCT = ["nasbench201", "darts"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default=sys.executable, help="an interpreter that has the other libraries")
    parser.add_argument("--rounds", type=int, default=3, help="the least of so many is told")
    parser.add_argument("--candidates", type=int, default=300, help="candidates that are built each way")
    parser.add_argument("--each", type=int, default=40, help="draws for each candidate, where chances are tested")
    parser.add_argument("--page", type=Path, help="the page whose tables are replaced")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    parts: list[Callable[[], str]] = [
        lambda: sizes.table(asked.rounds),
        lambda: draws.table(asked.peers, asked.rounds),
        lambda: builds.table(asked.candidates, asked.rounds),
        lambda: large.huge(1_000, asked.rounds),
        families.table,
        lambda: large.distinct(DISTINCT),
        lambda: chances.table(asked.each),
    ]
    loads = [os.getloadavg()[0]]
    told: list[str] = []
    for part in parts:
        told.append(part())
        loads.append(os.getloadavg()[0])
        print(told[-1], end="\n\n", flush=True)
    told.append(circumstances(asked, loads))
    print(told[-1])
    if asked.page is not None:
        put(asked.page, "measured", "\n\n".join(told))


def circumstances(asked: argparse.Namespace, loads: list[float]) -> str:
    told = (
        f"`python benchmarks/spaces.py --rounds {asked.rounds} --candidates {asked.candidates} --each {asked.each}`: "
        f"Python {platform.python_version()}, torch {version('torch')}, {os.cpu_count()} cores, one thread, load "
        f"{min(loads):.1f} to {max(loads):.1f} with our own; seconds of the processor, the least of {asked.rounds}."
    )
    return textwrap.fill(told, 120, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main()
