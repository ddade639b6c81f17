"""How long it takes from a network's text to all its weights, how much memory, and how both grow.

    pip install -e '.[bench]'
    python benchmarks/performance.py [--runs 15] [--before CHECKOUT] [--page docs/performance.md]
        [--plot docs/images/performance.png]

Each row is measured in a process of its own, warm, on two threads. `--before` is a checkout of an earlier version, of
which what it can do is measured too. `--page` replaces the tables between its marks.
"""

from __future__ import annotations

import argparse
import os
import platform
import textwrap
from importlib.metadata import version
from pathlib import Path

from exported.page import put
from paced import draw, growth, networks
from paced.measure import THREADS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="warm runs of a row; growth takes a third")
    parser.add_argument("--before", type=Path, help="a checkout of an earlier version")
    parser.add_argument("--page", type=Path, help="the page whose tables are replaced")
    parser.add_argument("--plot", type=Path, help="where to draw the growth")
    asked = parser.parse_args()
    loads = [os.getloadavg()[0]]
    told = {"networks": networks.table(asked.runs, asked.before)}
    print(told["networks"], flush=True)
    loads.append(os.getloadavg()[0])
    grown = growth.grown(max(2, asked.runs // 3))
    told["growth"] = growth.table(grown)
    loads.append(os.getloadavg()[0])
    told["circumstances"] = circumstances(asked, loads)
    print(told["growth"], told["circumstances"], sep="\n\n")
    if asked.plot is not None:
        draw.plot(grown, asked.plot)
    if asked.page is not None:
        for place, text in told.items():
            put(asked.page, place, text)


def circumstances(asked: argparse.Namespace, loads: list[float]) -> str:
    before = " --before CHECKOUT" if asked.before is not None else ""
    told = (
        f"`python benchmarks/performance.py --runs {asked.runs}{before}`: Python {platform.python_version()}, "
        f"torch {version('torch')}, {os.cpu_count()} cores, {THREADS} threads, "
        f"load {min(loads):.1f} to {max(loads):.1f} with our own."
    )
    return textwrap.fill(told, 120, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main()
