"""What algorithms find in NAS-Bench-201 after so many queries, where a query is training for 12 epochs.

    python benchmarks/queries.py --out runs/queries [--truth nasbench201.csv.gz] [--seeds 100] [--page docs/search.md]

The score is the validation accuracy after 12 epochs; what is told of an algorithm is the test accuracy after 200 epochs
of the best by score among its first so many queries. No architecture is queried twice. Rows go into `OUT/rows.jsonl` as
they come: the same command goes on where it was left. An algorithm may have options: `"evolution population=20"`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import accumulate, islice, product
from pathlib import Path
from statistics import fmean, stdev

from exported.page import put
from nasbench201 import TRUTH
from queried.cells import Cell, read
from queried.driving import queried

import ghndsl
from ghndsl.search.algorithms import algorithm

ALGORITHMS = ("random", "evolution", "local", "nsga2", "optuna:TPESampler")
QUERIES = (100, 300, 1000)
PLACE = "queries"


@dataclass(frozen=True)
class Row:
    """What one search found: the test accuracy of its best by score after each number of queries, and its CPU time.
    `code` is what it was found with."""

    algorithm: str
    batch: int
    seed: int
    queries: list[int]
    code: str
    found: list[float]
    seconds: float

    @property
    def key(self) -> tuple[str, int, int, tuple[int, ...], str]:
        return self.algorithm, self.batch, self.seed, tuple(self.queries), self.code

    @property
    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


def main() -> int:
    asked = _asked()
    asked.out.mkdir(parents=True, exist_ok=True)
    cells = read(asked.truth, asked.out / "ids.csv")
    rows = measured(cells, asked)
    text = f"{table(rows, asked)}\n\n{_about(cells, asked)}"
    print(text)
    if asked.page is not None:
        put(asked.page, PLACE, text)
    return 0


def measured(cells: Mapping[str, Cell], asked: argparse.Namespace) -> list[Row]:
    """A row for each algorithm, batch and seed; those of the file are not measured again."""
    path: Path = asked.out / "rows.jsonl"
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if path.is_file() else ""
    known = {row.key: row for row in (Row(**json.loads(line)) for line in whole.splitlines())}
    path.write_text("".join(row.line for row in known.values()), encoding="utf-8")
    names, batches, seeds = asked.algorithms, asked.batch, range(asked.seeds)
    found: list[Row] = []
    with path.open("a", encoding="utf-8") as file:
        for name, batch, seed in product(names, batches, seeds):
            key = (name, batch, seed, tuple(asked.queries), code())
            if key not in known:
                known[key] = one(name, batch, seed, cells, asked.queries)
                file.write(known[key].line)
                file.flush()
            found.append(known[key])
    return found


def one(name: str, batch: int, seed: int, cells: Mapping[str, Cell], queries: Sequence[int]) -> Row:
    """What one search finds; one that ends before so many queries has found what it had by then."""
    word, *options = name.split()
    given = dict(option.split("=", 1) for option in options)
    space = ghndsl.load_space("nasbench201")
    begun = time.process_time()
    made = algorithm(word, space, 1, seed, **given)
    best = list(accumulate(islice(queried(made, batch, cells), max(queries)), _better))
    seconds = round(time.process_time() - begun, 3)
    return Row(name, batch, seed, [*queries], code(), [best[:count][-1].test for count in queries], seconds)


def _better(one: Cell, other: Cell) -> Cell:
    return other if other.score > one.score else one


@cache
def code() -> str:
    """A digest of what proposes candidates: rows of other code do not count."""
    root = Path(ghndsl.__file__).parent
    files = sorted([*(root / "search" / "algorithms").rglob("*.py"), *(root / "space" / "moving").glob("*.py")])
    return hashlib.sha256(b"\n".join(file.read_bytes() for file in files)).hexdigest()[:16]


def table(rows: Sequence[Row], asked: argparse.Namespace) -> str:
    """Mean and standard deviation over seeds."""
    heads = " | ".join(f"{count:,} queries" for count in asked.queries)
    rules = " | ".join("---:" for _ in asked.queries)
    lines = [f"| algorithm | batch | {heads} | seconds of CPU |", f"| --- | ---: | {rules} | ---: |"]
    for name, batch in product(asked.algorithms, asked.batch):
        mine = [row for row in rows if (row.algorithm, row.batch) == (name, batch)]
        shown = " | ".join(_spread(values) for values in zip(*(row.found for row in mine), strict=True))
        lines.append(f"| `{name}` | {batch} | {shown} | {fmean(row.seconds for row in mine):.2f} |")
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    return f"{fmean(values):.2f} ± {stdev(values) if len(values) > 1 else 0:.2f}"


def _about(cells: Mapping[str, Cell], asked: argparse.Namespace) -> str:
    """How the table was made, and what could be found at best."""
    best = max(cells.values(), key=lambda cell: cell.score)
    names = " ".join(f'"{name}"' if " " in name else name for name in asked.algorithms)
    command = (
        f"python benchmarks/queries.py --seeds {asked.seeds} --queries {' '.join(map(str, asked.queries))} "
        f"--batch {' '.join(map(str, asked.batch))} --algorithms {names}"
    )
    versions = f"ghndsl {ghndsl.__version__}, Python {platform.python_version()}{_optuna(asked.algorithms)}"
    return (
        f"Mean ± standard deviation over {asked.seeds} seeds of the test accuracy after 200 epochs of the best by "
        f"validation accuracy after 12;\nthe best of all {len(cells):,} cells "
        f"({len({cell.identity for cell in cells.values()}):,} architectures) by that has {best.test:.2f}, and none "
        f"more than {max(cell.test for cell in cells.values()):.2f}. Seconds are those of the\nalgorithm. "
        f"{versions}:\n\n```\n{command}\n```"
    )


def _optuna(names: Sequence[str]) -> str:
    if not any(name.startswith("optuna:") for name in names):
        return ""
    import optuna

    return f", Optuna {optuna.__version__}"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, default=TRUTH, help="the table, a CSV, gzipped or not")
    parser.add_argument("--out", type=Path, default=Path("runs/queries"))
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--queries", type=int, nargs="+", default=list(QUERIES))
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--algorithms", nargs="+", default=list(ALGORITHMS))
    parser.add_argument("--page", type=Path, help=f"a page with the place {PLACE}, where the table goes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
