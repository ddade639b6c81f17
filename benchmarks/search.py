"""The main job over several seeds: the winner beside the best of equally many, equally trained random candidates.

    python benchmarks/search.py [--seeds 5]

Prints one row a seed and the means: test accuracy of both, CPU and wall time of the search and of the random choice.
The random candidates are the run's controls: drawn uniformly, trained with the same settings, chosen among by the
same validation images.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean, stdev

import ghndsl
from ghndsl.data import load
from ghndsl.search.store import Store
from ghndsl.training import evaluate, load_weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--space", default="digits")
    parser.add_argument("--data", default="digits")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, ghndsl {ghndsl.__version__}")
    print("seed  winner  random  scored  wall s  CPU s  of which: ghn score train  random CPU s  Spearman")
    rows = [one(asked.space, asked.data, seed) for seed in range(asked.seeds)]
    for name in ("winner", "random", "wall", "cpu"):
        values = [row[name] for row in rows]
        spread = f" +- {stdev(values):.4f}" if len(values) > 1 else ""
        print(f"{name}: mean {fmean(values):.4f}{spread}")


def one(space: str, data: str, seed: int) -> dict[str, float]:
    """One search in a process of its own, and what its controls come to."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = ["search", space, "--data", data, "-o", str(run), "--seed", str(seed), "--json"]
        command = [sys.executable, "-c", "from ghndsl.cli import main; main()", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found = json.loads(done.stdout)
        control = max((f for f in found["finalists"] if f["is_control"]), key=lambda f: (f["accuracy"], -f["loss"]))
        lines = {f["line"] for f in found["finalists"] if f["is_control"]}
        with Store.read(run) as store:
            places = {one.place for one in store.candidates() if one.line in lines}
            random_cpu = sum(one.cpu_seconds or 0 for one in store.rungs() if one.candidate in places)
        graph = ghndsl.load_space(space, classes=10).build(ghndsl.load_space(space).parse(control["line"]))
        weights = load_weights(run / "trained" / f"{control['number']}.safetensors", graph)
        random = evaluate(graph, weights, load(data, seed=seed).test).accuracy
    winner, spent = found["best"]["accuracy"], found["seconds_by_step"]
    steps = " ".join(f"{spent[name]:.0f}" for name in ("train_ghn", "score", "train"))
    agreement = found["spearman"]["value"]
    print(
        f"{seed:4}  {winner:.4f}  {random:.4f}  {found['scored']:6}  {found['seconds']:6.0f}  {cpu:5.0f}"
        f"  {steps:>26}  {random_cpu:12.0f}  {agreement if agreement is None else round(agreement, 2)}",
        flush=True,
    )
    return {"winner": winner, "random": random, "wall": found["seconds"], "cpu": cpu}


if __name__ == "__main__":
    main()
