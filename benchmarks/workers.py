"""How much faster a search scores with two workers than with one, all that it does included.

    python benchmarks/workers.py [--space digits] [--data digits] [--candidates 240] [--rounds 3] [--page PAGE]

Each search is a process of its own, and what counts is how long it scored, the start of its workers included. They run
one after the other; the ratio is that of the least seconds of all rounds. What is found must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

from exported.page import put

from ghndsl.search.store import Store

PLACE = "workers"
WORKERS = (1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--space", default="digits")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--candidates", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    loads = [os.getloadavg()[0]]
    spent: dict[int, list[float]] = {count: [] for count in WORKERS}
    scores: list[object] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, count in product(range(asked.rounds), WORKERS):
            run = Path(folder) / f"{number}-{count}"
            spent[count].append(searched(asked, run, count))
            scores.append(found(run))
            loads.append(os.getloadavg()[0])
    if any(one != scores[0] for one in scores):
        raise RuntimeError("the number of workers changes what is found")
    text = table(spent, asked, loads)
    print(text)
    if asked.page is not None:
        put(asked.page, PLACE, text)


def searched(asked: argparse.Namespace, run: Path, workers: int) -> float:
    """Seconds that scoring took."""
    words = ["search", asked.space, "--data", asked.data, "-o", str(run), "--candidates", str(asked.candidates)]
    words += ["--ghn-steps", "40", "--finalists", "1", "--controls", "0", "--epochs", "1", "--workers", str(workers)]
    program = [sys.executable, "-c", "from ghndsl.cli import main; main()", *words, "--json"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    seconds: float = json.loads(done.stdout)["seconds_by_step"]["score"]
    return seconds


def found(run: Path) -> list[tuple[str, dict[str, float | None]]]:
    """What was measured."""
    with Store.read(run) as store:
        return [(one.line, dict(one.measures)) for one in store.candidates()]


def table(spent: dict[int, list[float]], asked: argparse.Namespace, loads: list[float]) -> str:
    lines = ["| workers | seconds, each round | least | times one |", "| ---: | --- | ---: | ---: |"]
    one = min(spent[1])
    for count, seconds in spent.items():
        each = ", ".join(f"{value:.1f}" for value in seconds)
        lines.append(f"| {count} | {each} | {min(seconds):.1f} | {one / min(seconds):.2f} |")
    told = (
        f"`python benchmarks/workers.py --candidates {asked.candidates} --rounds {asked.rounds}`: scoring them in "
        f"`{asked.space}` on `{asked.data}`, the start of workers included; {os.cpu_count()} cores, load "
        f"{min(loads):.1f} to {max(loads):.1f} with our own."
    )
    return "\n".join([*lines, "", told])


if __name__ == "__main__":
    main()
