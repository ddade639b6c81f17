"""The best curve of accuracy against computation: a search of the anytime space of graph hypernetworks, and beside its
winner random candidates and MSDNet, ResNet and DenseNet with exits, all trained alike.

    python ../shared/data/unpack.py cifar.npz
    python benchmarks/anytime.py --data cifar.npz --out runs/anytime [--page PAGE --plot PLOT.svg]

Rivals are made as large as the winner: of their small relatives whose last answer costs what the winner's does, give or
take a tenth, the one with the cheapest first answer, as that serves a curve best. The same command goes on where it was
left.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from typing import cast

from exported.page import put

import ghndsl
from ghndsl.search.address import find_network
from ghndsl.training.anytime import answers
from ghndsl.training.anytime.budgets import short

PLACE = "anytime"
SCALE = {"width": 4, "size": 16, "nodes": 4}
BUDGETS = "100k..1.4M"
"""A hundredth of 10M..140M, over which the paper draws its curves: so much less it takes at this scale."""
RIVALS = {
    "msdnet": {"base": (4, 6, 8, 10, 12, 16), "growth": (2, 3, 4, 5, 6), "layers": (6, 8, 10, 12)},
    "resnet_exits": {"width": (4, 6, 8, 10, 12), "blocks": (2, 3, 4, 6), "every": (1, 2)},
    "densenet_exits": {"growth": (2, 3, 4, 6), "stem": (4, 8, 12), "layers": (3, 4, 6), "every": (1, 2)},
}
"""Sizes of the rivals. Of MSDNet those are taken whose first maps have 2 to 3 times the channels that a layer adds, as
in the paper (16 and 6)."""
HEAD = 16
TENTH = 0.1

Row = Mapping[str, object]


def main() -> int:
    asked = _asked()
    run = asked.out / "run"
    asked.out.mkdir(parents=True, exist_ok=True)
    told(*search(asked, run), "--resume")
    found = json.loads((run / "results.json").read_text(encoding="utf-8"))["anytime"]
    largest = cast("int", found["curves"][0]["points"][-1]["macs"])
    for name in RIVALS:
        words = [word for key, value in alike(name, largest).items() for word in ("--set", f"{key}={value}")]
        told("rival", str(run), name, *words, "--data", str(asked.data), "--resume")
    told("report", str(run), "--plots", str(asked.out / "plots"))
    text = table(asked, run, found)
    print(text)
    if asked.page is not None:
        put(asked.page, PLACE, text)
    if asked.plot is not None:
        shutil.copyfile(asked.out / "plots" / "curves.svg", asked.plot)
    return 0


def search(asked: argparse.Namespace, run: Path) -> list[str]:
    """The words of the search."""
    scale = [word for key, value in SCALE.items() for word in ("--set", f"{key}={value}")]
    what = ["search", "ghn_anytime", *scale, "--data", str(asked.data), "--objective", "anytime", "--budgets", BUDGETS]
    how = ["--vary", "nodes=2..4", "--ghn-steps", str(asked.ghn_steps), "--algorithm", "evolution"]
    how += ["--candidates", str(asked.candidates), "--finalists", "3", "--controls", "10", "--seeds", "3"]
    return [*what, *how, "--epochs", str(asked.epochs), "-o", str(run)]


def told(*words: str) -> None:
    """Runs a command."""
    subprocess.run([sys.executable, "-c", "from ghndsl.cli import main; main()", *words], check=True)


def alike(name: str, largest: int) -> dict[str, int]:
    """The settings of a rival whose last answer costs about so many multiply-adds: of those within a tenth, the one
    with the cheapest first answer; the nearest, if there is none."""

    def rank(settings: Mapping[str, int]) -> tuple[float, int]:
        graph = find_network(name, settings)
        costs = [point.macs or 0 for point in answers(graph).reached(graph)]
        away = abs(costs[-1] / largest - 1)
        return (0 if away <= TENTH else away), costs[0]

    return min(_settings(name), key=rank)


def _settings(name: str) -> Iterator[dict[str, int]]:
    sizes = RIVALS[name]
    for values in product(*sizes.values()):
        found = dict(zip(sizes, values, strict=True))
        if name != "msdnet" or 2 * found["growth"] <= found["base"] <= 3 * found["growth"]:
            yield {**found, "head": HEAD, "size": SCALE["size"]}


def table(asked: argparse.Namespace, run: Path, found: Row) -> str:
    """A row for the winner, each rival, and the mean of the random candidates."""
    curves = cast("list[Row]", found["curves"])
    rivals = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((run / "rivals").glob("*.json"))]
    lines = ["| network | area | largest MACs | accuracy at its exits |", "| --- | ---: | ---: | --- |"]
    lines += [_row(one) for one in (curves[0], *rivals)]
    chance = [cast("float", one["area"]) for one in curves[1:]]
    last = [cast("list[dict[str, float]]", one["points"])[-1] for one in curves[1:]]
    ends = f"{short(fmean(one['macs'] for one in last))} | ends at {fmean(one['accuracy'] for one in last):.1%} |"
    lines.append(f"| mean of {len(chance)} random candidates | {fmean(chance):.2%} ± {stdev(chance):.2%} | {ends}")
    lines += [_row(one) for one in curves[1:]]
    words = " ".join(word if word != str(run) else "run" for word in search(asked, run))
    told_ = (
        "Test samples; the area is the mean accuracy at a budget drawn evenly from those asked for, with the deviation "
        "over three seeds (of the row of means, over candidates).\n"
        f"{os.cpu_count()} cores, ghndsl {ghndsl.__version__}.\n\n```\nghndsl {words}\n```"
    )
    return "\n".join([*lines, "", told_])


def _row(one: Row) -> str:
    points = cast("list[dict[str, float]]", one["points"])
    way = ", ".join(f"{short(point['macs'])}: {point['accuracy']:.1%}" for point in points)
    settings = cast("Mapping[str, object]", one.get("settings", {}))
    words = f" ({', '.join(f'{key}={value}' for key, value in settings.items())})" if settings else ""
    return f"| {one['name']}{words} | {one['area']:.2%} ± {one['spread']:.2%} | {short(points[-1]['macs'])} | {way} |"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the images, an .npz")
    parser.add_argument("--out", type=Path, default=Path("runs/anytime"))
    parser.add_argument("--ghn-steps", type=int, default=1500)
    parser.add_argument("--candidates", type=int, default=600)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--page", type=Path, help=f"a page with the place {PLACE}, where the table goes")
    parser.add_argument("--plot", type=Path, help="where the picture of the curves goes, an .svg")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
