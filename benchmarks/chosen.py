"""From nothing to a chosen architecture: searches of NAS-Bench-201 on CIFAR-10's images, and what was published of the
cells that they choose.

    python ../shared/data/unpack.py cifar.npz
    python benchmarks/chosen.py --data cifar.npz --out runs/chosen [--seeds 0 1 2] [--candidates 2000] [--page PAGE]

A search trains the hypernetwork, scores candidates drawn at random and trains the one that is best by score for an
epoch; all that is in its time, and so is the start of its processes. It sees images only, no accuracy of the table.
Beside it is what params alone would choose among all cells. Each search is a run in OUT: the same command goes on where
it was left, and the times of all parts are added.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from exported.page import put
from nasbench201 import TRUTH, line_of
from nasbench201 import table as published

import ghndsl
from ghndsl.search.folder import RunFolder
from ghndsl.search.store import Store

PLACE = "chosen"
TEN = 10


@dataclass(frozen=True)
class Part:
    """How many seconds one process of a search took, and the load of the machine before and after."""

    seconds: float
    load: tuple[float, float]


@dataclass(frozen=True)
class Cell:
    """A row of the table: parameters, and the published test accuracy in percent."""

    params: int
    test: float


def main() -> int:
    asked = _asked()
    cells = read(asked.truth)
    asked.out.mkdir(parents=True, exist_ok=True)
    for seed in asked.seeds:
        run = asked.out / f"seed{seed}"
        if not RunFolder(run).has_results:
            searched(asked, run, seed)
    text = table(cells, asked)
    print(text)
    if asked.page is not None:
        put(asked.page, PLACE, text)
    return 0


def read(truth: Path) -> dict[str, Cell]:
    """The cells of the table by their lines."""
    return {line_of(row["arch"]): Cell(int(row["params"]), float(row["c10_test_200"])) for row in published(truth)}


def command(asked: argparse.Namespace, run: str, seed: int) -> list[str]:
    """The words of one search."""
    words = ["search", "nasbench201", "--data", str(asked.data), "-o", run, "--rungs", f"{asked.candidates},1"]
    return [*words, "--controls", "0", "--preset", "quick", "--epochs", "1", "--seed", str(seed)]


def searched(asked: argparse.Namespace, run: Path, seed: int) -> None:
    """Searches, or goes on, and notes what that took, also when it is cut off."""
    begun, load = time.perf_counter(), os.getloadavg()[0]
    try:
        program = [sys.executable, "-c", "from ghndsl.cli import main; main()"]
        subprocess.run([*program, *command(asked, str(run), seed), "--resume"], check=True)
    finally:
        part = Part(round(time.perf_counter() - begun, 1), (load, os.getloadavg()[0]))
        with run.with_suffix(".times.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(part)) + "\n")


def table(cells: Mapping[str, Cell], asked: argparse.Namespace) -> str:
    """A row for each seed, their means, and what params would choose."""
    lines = ["| chosen by | winner | top ten | minutes | load |", "| --- | ---: | ---: | ---: | --- |"]
    rows: list[list[float]] = []
    for seed in asked.seeds:
        found = [cells[line].test for line in best(asked.out / f"seed{seed}")]
        parts = _parts(asked.out / f"seed{seed}.times.jsonl")
        loads = [load for one in parts for load in one.load]
        rows.append([found[0], fmean(found), sum(one.seconds for one in parts) / 60])
        cut = f", in {len(parts)} parts" if len(parts) > 1 else ""
        lines.append(f"| seed {seed} | {_row(rows[-1])} | {min(loads):.1f} to {max(loads):.1f}{cut} |")
    lines.append(f"| mean | {_row([fmean(column) for column in zip(*rows, strict=True)])} | |")
    largest = sorted(cells.values(), key=lambda cell: -cell.params)[:TEN]
    lines.append(f"| params, all cells | {largest[0].test:.2f} | {fmean(one.test for one in largest):.2f} | | |")
    every = sorted((cell.test for cell in cells.values()), reverse=True)
    share = every[len(every) // 200]
    told = (
        f"Published test accuracy after 200 epochs; the best 0.5 % of all cells begin at {share:.2f}, the best has "
        f"{every[0]:.2f}.\n{os.cpu_count()} cores, ghndsl {ghndsl.__version__}; load with our own. A search is\n\n"
        f"```\nghndsl {' '.join(command(asked, 'run', 0))}\n```"
    )
    return "\n".join([*lines, "", told])


def best(run: Path) -> list[str]:
    """The lines of the winner and of the nine next by score."""
    with Store.read(run) as store:
        return [one.line for one in store.best("score", TEN)]


def _parts(path: Path) -> list[Part]:
    return [Part(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _row(values: Sequence[float]) -> str:
    winner, ten, minutes = values
    return f"{winner:.2f} | {ten:.2f} | {minutes:.0f}"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the images, an .npz")
    parser.add_argument("--truth", type=Path, default=TRUTH, help="the table, a CSV, gzipped or not")
    parser.add_argument("--out", type=Path, default=Path("runs/chosen"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--candidates", type=int, default=2000)
    parser.add_argument("--page", type=Path, help=f"a page with the place {PLACE}, where the table goes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
