"""Estimators against the published accuracies of NAS-Bench-201.

    python benchmarks/ranking.py --data cifar.npz --parity even --cells 300 --seeds 1 --out runs/ranking

Each estimator measures the same cells, drawn from those with an even or an odd index, at the scale that `ghndsl rank`
chooses for the space and the data. Measurements go into `OUT/rows.jsonl` as they come: the same command goes on where
it was left. The last output is a table in Markdown: per estimator, the mean over seeds, the spread over seeds, and the
bootstrap interval of the first seed. No accuracy of the table is seen by an estimator.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

from nasbench201 import TRUTH, line_of
from nasbench201 import table as published

import ghndsl
from ghndsl.data import load
from ghndsl.search.correlation import Estimate, agreement, correlations
from ghndsl.search.measure import complete
from ghndsl.search.measure import measure as measured
from ghndsl.search.scale import Scaled, scaled
from ghndsl.search.scorers import BEST, Measured, Scorer, Setting, prepare, scores, terms
from ghndsl.search.scorers.base import finite
from ghndsl.search.scorers.sgd import SGD
from ghndsl.search.scorers.tuned import Tuned
from ghndsl.training.progress import Progress

MEASURES = ("spearman", "kendall", "pearson", "best_half", "within_params", "best_tenth", "best_ten")
LADDER = (10, 100, 200)
GROUPS = {
    "best": BEST,
    "one_shot": "one_shot",
    "smash": "smash",
    "proxies": "params+macs+jacob_cov+grad_norm",
    "sgd": "sgd",
}
"""What is measured together; `best` also measures `ghn`, and the proxies that it votes with."""
SHOWN = {
    "best": ("ghn", "tuned", BEST, "tuned+meco+synflow", "ghn+params"),
    "one_shot": ("one_shot",),
    "smash": ("smash",),
    "proxies": (
        "params",
        "macs",
        "synflow",
        "jacob_cov",
        "grad_norm",
        "meco",
        "params+synflow+jacob_cov",
        "meco+synflow",
    ),
    "sgd": ("sgd_10", "sgd_100", "sgd_200", "sgd"),
}


@dataclass(frozen=True)
class Cell:
    """A row of the table."""

    index: int
    line: str
    params: int
    truth: float


def read(path: Path, parity: str, count: int, skip: int = 0) -> list[Cell]:
    """A fixed random sample of the cells of one parity, after the first `skip` of it."""
    rows = [row for row in published(path) if int(row["index"]) % 2 == (parity == "odd")]
    random.Random(0).shuffle(rows)
    return [
        Cell(int(row["index"]), line_of(row["arch"]), int(row["params"]), float(row["c10_test_200"]))
        for row in rows[skip : skip + count]
    ]


def scorer_of(group: str, setting: Setting, sgd_steps: int) -> Scorer:
    """What measures a group."""
    if group == "sgd":
        also = tuple(step for step in LADDER if step <= sgd_steps)
        return Scorer("sgd", ((SGD(setting.scale.cheap, setting.scale.data, setting.seed, sgd_steps, also),),))
    return prepare(GROUPS[group], setting)


def measure(group: str, scale: Scaled, cells: Sequence[Cell], seed: int, asked: argparse.Namespace, out: Path) -> None:
    """Measures what is not measured yet, and notes the times of training and of scoring."""
    done = {
        row["index"]: row["measured"]
        for row in rows_of(out / "rows.jsonl")
        if (row["group"], row["seed"]) == (group, seed)
    }
    known = [done.get(cell.index, {}) for cell in cells]
    if complete(GROUPS[group], known):
        return
    ghn = asked.out / f"ghn{seed}.safetensors"
    known_ghn = ghn if ghn.is_file() and group == "best" else None
    with noted(out, group, seed, "training"):
        scorer = scorer_of(group, Setting(scale, seed, asked.steps, ghn=known_ghn, watch=watch), asked.sgd_steps)
        if group == "best" and known_ghn is None:
            next(part for part in scorer.whole.parts if isinstance(part, Tuned)).generated.ghn.save(ghn)
    candidates = [scale.cheap.parse(cell.line) for cell in cells]
    given = dict(enumerate(known))
    with (out / "rows.jsonl").open("a", encoding="utf-8") as file, noted(out, group, seed, "scoring") as spent:
        for index, row in measured(scorer, scale.full, candidates, given, asked.workers, watch):
            cell = cells[index]
            about = {"group": group, "seed": seed, "index": cell.index, "truth": cell.truth, "params": cell.params}
            file.write(json.dumps({**about, "measured": row.measured}) + "\n")
            file.flush()
            spent["measured"] += 1


@contextmanager
def noted(out: Path, group: str, seed: int, step: str) -> Iterator[dict[str, float]]:
    """Notes the time of a step, also of one that is cut off, and how often something was `measured` in it."""
    spent = {"measured": 0.0}
    begun = clock()
    try:
        yield spent
    finally:
        wall, cpu = between(begun, clock())
        about = {"group": group, "seed": seed, "step": step, "wall": wall, "cpu": cpu, "load": os.getloadavg()[0]}
        with (out / "times.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({**about, **spent}) + "\n")


def spent_on(out: Path) -> dict[tuple[str, int, str], dict[str, float]]:
    """The times by group, seed and step; the parts of a scoring that was gone on with are added up, of several
    trainings the longest counts, as others began from its result or were cut off."""
    found: dict[tuple[str, int, str], dict[str, float]] = {}
    for row in rows_of(out / "times.jsonl"):
        known = found.setdefault((row["group"], row["seed"], row["step"]), {"wall": 0.0, "cpu": 0.0, "measured": 0.0})
        join = max if row["step"] == "training" else sum
        for name, value in known.items():
            known[name] = join((value, row[name]))
    return found


def clock() -> tuple[float, float]:
    """Seconds on the wall and of processor time, of this process and of those it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used)


def between(start: tuple[float, float], end: tuple[float, float]) -> list[float]:
    """Seconds from one reading of the clock to another, on the wall and of processor time."""
    return [after - before for before, after in zip(start, end, strict=True)]


def watch(title: str) -> Progress:
    """A line for every tenth."""

    def update(step: int, total: int, text: str) -> None:
        if step * 10 // total > (step - 1) * 10 // total:
            print(f"  {title}: {step:,} of {total:,} {text}", flush=True)

    return update


def rows_of(path: Path) -> list[dict[str, object]]:
    """All rows of a file so far; what was cut off in the middle of one is taken out of it."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    return [json.loads(row) for row in whole.splitlines()]


def scores_of(name: str, measured: Sequence[Measured]) -> list[float]:
    """The scores by an estimator or a vote, from what was measured."""
    return [finite(one[name]) for one in measured] if name in measured[0] else scores(name, measured)


def by_seed(out: Path) -> dict[int, list[dict[str, object]]]:
    """The cells of each seed, in order of index: `truth`, `params`, and all that was `measured` by any group."""
    found: dict[int, dict[int, dict[str, object]]] = {}
    for row in rows_of(out / "rows.jsonl"):
        fresh = {"truth": row["truth"], "params": row["params"], "measured": {}}
        known = found.setdefault(row["seed"], {}).setdefault(row["index"], fresh)
        known["measured"] |= row["measured"]
    return {seed: [cells[index] for index in sorted(cells)] for seed, cells in sorted(found.items())}


def summary(out: Path, names: Sequence[str], alone: str | None = None) -> list[str]:
    """The table; with `alone` of those cells only of which that is measured."""
    lines = ["| estimator | cells of each seed | " + " | ".join(MEASURES) + " |", "| --- " * (len(MEASURES) + 2) + "|"]
    cells = by_seed(out)
    for name in names:
        found = []
        for of_seed in cells.values():
            rows = [row for row in of_seed if covers(name, row["measured"])]
            rows = [row for row in rows if alone is None or alone in row["measured"]]
            if len(rows) > 10 and (name in rows[0]["measured"] or complete(name, [row["measured"] for row in rows])):
                values = scores_of(name, [row["measured"] for row in rows])
                given = [row["truth"] for row in rows], [row["params"] for row in rows]
                found.append((len(rows), {**agreement(values, *given), "best_half": best_half(values, given[0])}))
        if found:
            label = f"**best**: {name}" if name == BEST else name
            counts = " + ".join(str(count) for count, _ in found)
            lines.append(f"| {label} | {counts} | " + " | ".join(cell(found, m) for m in MEASURES) + " |")
    return lines


def best_half(values: Sequence[float], truth: Sequence[float]) -> Estimate:
    """Pearson among the better half by the truth, as the paper has it (Zhang et al., ICLR 2019, Table 4)."""
    half = sorted(range(len(truth)), key=lambda index: -truth[index])[: len(truth) // 2]
    return correlations([values[index] for index in half], [truth[index] for index in half])["pearson"]


def covers(name: str, measured: dict[str, float]) -> bool:
    """Whether all that the first vote of a name counts was measured."""
    return name in measured or all(part in measured for part, _ in terms(name.split(">", maxsplit=1)[0]))


def cell(found: Sequence[tuple[int, dict[str, object]]], measure_: str) -> str:
    """The mean over seeds, the spread over seeds, and the interval of the first seed."""
    values = [one[measure_].value for _, one in found]
    if measure_ == "best_tenth" and found[0][0] < 100:
        return "too few"
    if any(value is None for value in values):
        return "undefined"
    digits = 2 if measure_ == "best_ten" else 3
    spread = f" +- {stdev(values):.{digits}f}" if len(values) > 1 else ""
    first = found[0][1][measure_]
    return f"{fmean(values):.{digits}f}{spread} [{first.low:.{digits}f}, {first.high:.{digits}f}]"


def begin(asked: argparse.Namespace, names: Sequence[str]) -> None:
    """Makes the folder; one that was begun with another version, or other values of these arguments, is refused."""
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / "asked.json"
    now = {name: str(getattr(asked, name)) for name in names} | {"ghndsl": ghndsl.__version__, "best": BEST}
    if path.is_file() and json.loads(path.read_text()) != now:
        raise SystemExit(f"{asked.out} was begun with {path.read_text()}; give another folder with --out")
    path.write_text(json.dumps(now))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, default=TRUTH, help="the table of accuracies, a CSV, gzipped or not")
    parser.add_argument("--data", default="cifar10", help="the images, as `ghndsl rank --data` takes them")
    parser.add_argument("--data-root", help="where torchvision's sets lie")
    parser.add_argument("--parity", choices=["even", "odd"], default="even", help="odd: for the final figures alone")
    parser.add_argument("--cells", type=int, default=300)
    parser.add_argument("--skip", type=int, default=0, help="cells of the sample to pass over: seen before")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), default=list(GROUPS))
    parser.add_argument(
        "--steps", type=int, default=4000, help="steps of training, four candidates each, for what is trained once"
    )
    parser.add_argument("--sgd-steps", type=int, default=1000, help="steps of training each candidate")
    parser.add_argument("--sgd-cells", type=int, default=100, help="cells that are trained so")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=Path("runs/ranking"))
    parser.add_argument("--summary", action="store_true", help="only print the table of what is there")
    asked = parser.parse_args()
    begin(asked, ("truth", "data", "parity", "skip", "steps", "sgd_steps"))
    cells = read(asked.truth, asked.parity, asked.cells, asked.skip)
    for seed in asked.seeds:
        data = load(asked.data, asked.data_root, seed)
        scale = scaled(ghndsl.load_space("nasbench201"), data)
        for group in [] if asked.summary else asked.groups:
            measure(group, scale, cells[: asked.sgd_cells] if group == "sgd" else cells, seed, asked, asked.out)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, ghndsl {ghndsl.__version__}, {asked.parity} cells")
    print("\n".join(summary(asked.out, [name for group in asked.groups for name in SHOWN[group]])))
    if "sgd" in asked.groups:
        print("\nOf the cells that were trained from scratch alone:\n")
        print("\n".join(summary(asked.out, ("ghn", "tuned", BEST, "one_shot", "smash", "params"), "sgd")))
    for (group, seed, step), spent in sorted(spent_on(asked.out).items()):
        of = f" of {spent['measured']:.0f} measurements" if spent["measured"] else ""
        print(f"{group}, seed {seed}: {step}{of} {spent['wall']:.0f} s, {spent['cpu']:.0f} s of CPU")


if __name__ == "__main__":
    main()
