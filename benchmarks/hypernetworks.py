"""What in a graph hypernetwork matters for ranking: one table for each question of the paper, on NAS-Bench-201.

    python benchmarks/hypernetworks.py --data cifar.npz --cells 150 --seeds 0 1 2 --out runs/hypernetworks

Each variant is trained alike but for one thing, and scores the same cells with an even index. Rows go into
`OUT/rows.jsonl` as they come; the same command goes on where it was left. `--tables` only prints what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev

import torch
from nasbench201 import TRUTH
from ranking import Cell, begin, best_half, read, rows_of

import ghndsl
from ghndsl.data import Dataset, load
from ghndsl.ghn import GHN, GHNConfig, GHNSettings, fit, train_ghn
from ghndsl.search.correlation import agreement
from ghndsl.search.draw import training_sample
from ghndsl.search.scale import Scaled, scaled
from ghndsl.search.scorers.base import finite
from ghndsl.training import evaluate
from ghndsl.training.score import PROBED, calibrated, probe
from ghndsl.training.threads import threads

SHOWN = {
    "spearman": "Spearman",
    "within_params": "within equal params",
    "held_out_spearman": "Spearman, held-out images",
    "held_out_within_params": "within equal params",
    "held_out_pearson": "Pearson",
    "held_out_best_half": "Pearson, best half",
    "held_out_accuracy": "accuracy",
}
"""What tables show: agreement of the loss on training images, as `ghn` takes it, and on held-out ones, as the paper
does; and the mean accuracy of generated weights on held-out ones, which tells the hypernetworks themselves apart."""


@dataclass(frozen=True)
class Variant:
    """What differs from the plain hypernetwork, and at how many cells a stage it is trained and scored."""

    name: str
    changes: Mapping[str, object] = field(default_factory=dict)
    trained_at: int = 1
    scored_at: tuple[int, ...] = (1,)

    def steps(self, steps: int) -> int:
        """As many cells are run in training whatever their number in a candidate."""
        return steps // self.trained_at


PLAIN = Variant("as shipped: 2 rounds, forward-backward, GRU, sum, shared, handed on, hidden 32, width 64")
TABLES: Mapping[str, Sequence[Variant]] = {
    "(b) Rounds, and the order of propagation": [
        *(Variant(f"forward-backward, {n}", {"rounds": n}) for n in (1, 4)),
        *(Variant(f"synchronous, {n}", {"rounds": n, "order": "synchronous"}) for n in (1, 2, 4)),
    ],
    "(c) Stacking": [
        Variant("no shared parameters, no embedding handed on", {"separate": 16, "hand_on": False}),
        Variant("no shared parameters, embedding handed on", {"separate": 16}),
        Variant("shared parameters, no embedding handed on", {"hand_on": False}),
    ],
    "(d) Cells a stage trained on, scored at three, at equal compute": [
        Variant("trained at 2", trained_at=2, scored_at=(3,)),
        Variant("trained at 3", trained_at=3, scored_at=(3,)),
    ],
    "(e) Open questions": [
        Variant("LSTM", {"cell": "lstm"}),
        Variant("plain recurrence", {"cell": "rnn"}),
        Variant("mean of messages", {"gather": "mean"}),
        Variant("maximum of messages", {"gather": "max"}),
        Variant("head of 4 layers", {"depth": 4}),
        Variant("hidden 64, head 128", {"hidden": 64, "message": 64, "width": 128}),
    ],
}


def run(variant: Variant, data: Dataset, cells: Sequence[Cell], seed: int, asked: argparse.Namespace) -> list[dict]:
    """Trains the variant, and scores the cells at each of its scales."""
    space = ghndsl.load_space("nasbench201", cells=variant.trained_at, size=16, width=8, classes=data.classes)
    scale = scaled(space, data)
    sample = training_sample(scale.cheap, seed)
    config = GHNConfig(fit(sample(number) for number in range(100)), **variant.changes)
    begun = time.process_time()
    trained = train_ghn(
        sample,
        scale.data,
        GHNSettings(steps=variant.steps(asked.steps), batch_size=asked.batch_size),
        seed,
        config=config,
    )
    known = {"variant": variant.name, "seed": seed, "loss": fmean(trained.losses[-100:])}
    known |= {"cpu": time.process_time() - begun}
    return [{**known, "scored_at": at, **judged(trained.ghn, at, scale, cells)} for at in variant.scored_at]


def judged(ghn: GHN, at: int, scale: Scaled, cells: Sequence[Cell]) -> dict[str, float | None]:
    """How well the losses at some cells a stage follow the truth, on training and on held-out images."""
    space = ghndsl.load_space("nasbench201", cells=at, size=16, width=8, classes=scale.data.classes)
    parts = {"": probe(scale.data), "held_out_": scale.data.validation.first(PROBED)}
    losses: dict[str, list[float]] = {prefix: [] for prefix in parts}
    accuracies: list[float] = []
    for cell in cells:
        graph = space.build(space.parse(cell.line))
        with threads(1), torch.no_grad():
            weights = calibrated(graph, ghn(graph), scale.data.train)
            for prefix, part in parts.items():
                metrics = evaluate(graph, weights, part)
                losses[prefix].append(metrics.loss)
                accuracies += [metrics.accuracy] if prefix else []
    truth, params = [cell.truth for cell in cells], [cell.params for cell in cells]
    found: dict[str, float | None] = {"held_out_accuracy": fmean(accuracies)}
    for prefix, values in losses.items():
        scores = [finite(-loss) for loss in values]
        known = agreement(scores, truth, params)
        known["best_half"] = best_half(scores, truth)
        found |= {f"{prefix}{name}": one.value for name, one in known.items() if f"{prefix}{name}" in SHOWN}
    return found


def tables(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The tables in Markdown: mean and spread over seeds."""
    lines: list[str] = []
    plain = [row for row in rows if row["variant"] == PLAIN.name]
    for title, variants in TABLES.items():
        at = variants[0].scored_at[0]
        lines += ["", f"### {title}", "", *head("variant")]
        first = PLAIN.name if at == 1 else "trained at 1"
        lines.append(line(first, [row for row in plain if row["scored_at"] == at]))
        lines += [line(one.name, [row for row in rows if row["variant"] == one.name]) for one in variants]
    lines += ["", "### (e) As graphs grow: trained at 1 cell a stage", ""]
    lines += head("scored at")
    lines += [line(f"{at}", [row for row in plain if row["scored_at"] == at]) for at in GROWING]
    return lines


def head(first: str) -> list[str]:
    """The first two rows of a table."""
    columns = (first, "seeds", *SHOWN.values(), "training loss", "CPU s")
    return [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]


def line(name: str, rows: Sequence[Mapping[str, object]]) -> str:
    """A row of a table."""
    found = [over_seeds(measure, [row[measure] for row in rows]) for measure in (*SHOWN, "loss", "cpu")]
    return f"| {name} | {len(rows)} | {' | '.join(found)} |"


def over_seeds(name: str, values: Sequence[float | None]) -> str:
    """Mean and spread."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    digits = 0 if max(known) > 20 else 3 if name == "held_out_accuracy" else 2
    return f"{fmean(known):.{digits}f}" + (f" +- {stdev(known):.{digits}f}" if len(known) > 1 else "")


GROWING = (1, 2, 3, 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, default=TRUTH, help="the table of accuracies, a CSV, gzipped or not")
    parser.add_argument("--data", default="cifar10", help="the images, as `ghndsl rank --data` takes them")
    parser.add_argument("--data-root", help="where torchvision's sets lie")
    parser.add_argument("--cells", type=int, default=150)
    parser.add_argument("--steps", type=int, default=1500, help="steps of training, of four candidates each")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("runs/hypernetworks"))
    parser.add_argument("--tables", action="store_true", help="only print the tables of what is there")
    asked = parser.parse_args()
    begin(asked, ("truth", "data", "cells", "steps", "batch_size"))
    path = asked.out / "rows.jsonl"
    cells = read(asked.truth, "even", asked.cells)
    variants = [Variant(PLAIN.name, scored_at=GROWING), *(one for group in TABLES.values() for one in group)]
    for seed in [] if asked.tables else asked.seeds:
        data = load(asked.data, asked.data_root, seed)
        for variant in variants:
            if not any((row["variant"], row["seed"]) == (variant.name, seed) for row in rows_of(path)):
                found = run(variant, data, cells, seed, asked)
                with path.open("a", encoding="utf-8") as file:
                    file.write("".join(json.dumps(row) + "\n" for row in found))
                print(f"  {variant.name}, seed {seed}: Spearman {found[0]['spearman']}", flush=True)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, ghndsl {ghndsl.__version__}")
    print(f"{asked.steps:,} steps of 4 candidates, batches of {asked.batch_size}, {len(cells)} even cells")
    print("\n".join(tables(rows_of(path))))


if __name__ == "__main__":
    main()
