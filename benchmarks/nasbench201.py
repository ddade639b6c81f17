"""Params and MACs of all 15,625 candidates of NAS-Bench-201 against the table of its authors, and how fast they build.

    python benchmarks/nasbench201.py [--truth nasbench201.csv.gz]

The table has the columns `arch`, `params` and `macs`; its MACs count the bias of the linear layer, ours do not.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
import sys
import time
from pathlib import Path

from ghndsl import CompileError, Space, load_space

TRUTH = Path(__file__).parents[2] / "shared" / "data" / "nasbench201.csv.gz"
BIAS_OF_THE_HEAD = 10


def table(truth: Path) -> list[dict[str, str]]:
    """The rows of the table, a CSV, gzipped or not; ends the program where there is none."""
    if not truth.is_file():
        sys.exit(f"there is no table at {truth}; --truth says where it is")
    opened = gzip.open if truth.suffix == ".gz" else open
    with opened(truth, "rt", newline="", encoding="utf-8") as file:
        return [*csv.DictReader(file)]


def line_of(arch: str) -> str:
    """A candidate's line from the official `|op~from|+|op~from|op~from|+...`."""
    nodes = enumerate(arch.split("+"), start=1)
    edges = [(target, *edge) for target, node in nodes for edge in re.findall(r"(\w+)~(\d)", node)]
    return " ".join(f"Cell.e{target}_{source}.op={op}" for target, op, source in edges)


def mismatches(space: Space, rows: list[dict[str, str]]) -> list[str]:
    found: list[str] = []
    for row in rows:
        try:
            graph = space.build(space.parse(line_of(row["arch"])))
        except CompileError as error:
            found.append(f"{row['arch']}: {error}")
            continue
        wanted = (int(row["params"]), int(row["macs"]) - BIAS_OF_THE_HEAD)
        if (graph.params, graph.macs) != wanted:
            found.append(f"{row['arch']}: params and MACs {graph.params, graph.macs}, in the table {wanted}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, default=TRUTH, help="the table, a CSV, gzipped or not")
    arguments = parser.parse_args()
    rows = table(arguments.truth)
    space = load_space("nasbench201")
    start = time.process_time()
    found = mismatches(space, rows)
    seconds = time.process_time() - start
    lines = len({str(candidate) for candidate in space})
    print(f"candidates {space.size:,}, distinct lines {lines:,}, rows {len(rows):,}, mismatches {len(found):,}")
    print(f"{len(rows) / seconds:.0f} candidates parsed, built and measured per second of one core ({seconds:.0f} s)")
    for line in found[:10]:
        print(line)
    return 1 if found or lines != space.size else 0


if __name__ == "__main__":
    sys.exit(main())
