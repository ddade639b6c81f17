"""A hypernetwork and a data set go in; how far its weights shorten training, beside random ones, comes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean, stdev

import torch

import ghndsl
from ghndsl.data import Dataset, fitted, load
from ghndsl.emit.initial import initial_weights
from ghndsl.ghn import GHN
from ghndsl.ghn.starting import noisy, orthogonal
from ghndsl.ir import Graph
from ghndsl.training.batches import Batches
from ghndsl.training.descend import descend
from ghndsl.training.evaluate import evaluate
from ghndsl.training.score import calibrated
from ghndsl.training.threads import threads

NETWORKS = ("small_resnet", "small_vgg", "small_mobilenet", "small_densenet", "small_squeezenet")
"""None of them is of the spaces that the hypernetwork learned from (see the page)."""
RATES = (0.02, 0.08)
STEPS, EVERY, BATCH, SEEN = 300, 50, 64, 1000
NOISE = 0.3

Weights = Mapping[str, torch.Tensor]
Start = Callable[[GHN, Graph, int], Weights]


def _generated(ghn: GHN, graph: Graph) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        return {path: weight.detach() for path, weight in ghn(graph).items()}


STARTS: dict[str, Start] = {
    "random": lambda _, graph, seed: initial_weights(graph, seed),
    "generated": lambda ghn, graph, _: _generated(ghn, graph),
    "with noise": lambda ghn, graph, seed: noisy(graph, _generated(ghn, graph), NOISE, seed),
    "noise, orthogonal": lambda ghn, graph, seed: orthogonal(
        graph, noisy(graph, _generated(ghn, graph), NOISE, seed), seed
    ),
}


def starts(checkpoint: Path, data: str, folder: Path, seeds: int = 3) -> str:
    """Trains each network from each start, a line of a file each (lines that are there are not done again), and tells
    the table."""
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "starts.jsonl"
    done = {tuple(row["key"]) for row in _rows(out)}
    ghn, images = GHN.load(checkpoint), load(data)
    for name in NETWORKS:
        graph = ghndsl.load(f"{Path(__file__).with_name('small.arch')}:{name}", classes=images.classes)
        own = fitted(images, graph)
        for seed in range(seeds):
            for start, make in STARTS.items():
                for rate in RATES:
                    key = name, start, seed, rate
                    if key in done:
                        continue
                    curve = _curve(graph, make(ghn, graph, seed), own, rate, seed)
                    with out.open("a") as file:
                        file.write(json.dumps({"key": key, "curve": curve}) + "\n")
                    print(*key, [f"{accuracy:.3f}" for _, accuracy in curve], flush=True)
    origin = ghn.origin
    about = f"Weights of a hypernetwork that learned from {origin.space} in {origin.steps:,} steps; mean and deviation"
    about += f" over {seeds} seeds of validation accuracy in %, {STEPS} steps of {BATCH} images, the better of two"
    about += " rates."
    return f"{about}\n\n{table(out)}"


def _curve(graph: Graph, weights: Weights, data: Dataset, rate: float, seed: int) -> list[tuple[int, float]]:
    """Validation accuracy before and after every few steps of SGD with Nesterov momentum at one rate."""
    batches = Batches(data.train, BATCH, "flip", seed)
    part = data.validation.first(SEEN)

    def accuracy(now: Weights) -> float:
        with torch.no_grad():
            return evaluate(graph, calibrated(graph, now, data.train), part).accuracy

    with threads(1):
        found = [(0, accuracy(weights))]
        steps = descend(graph, weights, (batches[number] for number in range(STEPS)), STEPS, rate)
        for step, (_, now) in enumerate(steps, start=1):
            if step % EVERY == 0:
                found.append((step, accuracy(now)))
    return found


def table(out: Path) -> str:
    """For each network and start, at the rate that ends best: accuracy at first, on the way and at the end, and after
    how many steps its mean passes what random weights end at."""
    curves: dict[tuple[str, str, float], list[list[tuple[int, float]]]] = {}
    for row in _rows(out):
        name, start, _, rate = row["key"]
        curves.setdefault((name, start, rate), []).append(row["curve"])
    lines = [
        f"| network | start | rate | at 0 | at {EVERY} | at {STEPS // 2} | at {STEPS} | as good as random |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in NETWORKS:
        best = {start: _best(curves, name, start) for start in STARTS}
        goal = fmean(curve[-1][1] for curve in best["random"][1])
        for start, (rate, runs) in best.items():
            at = {step: [dict(map(tuple, curve))[step] for curve in runs] for step in (0, EVERY, STEPS // 2, STEPS)}
            means = [(step, fmean(curve[index][1] for curve in runs)) for index, (step, _) in enumerate(runs[0])]
            passed = next((f"{step} of {STEPS}" for step, mean in means if mean >= goal), "not reached")
            passed = "" if start == "random" else passed
            cells = " | ".join(f"{100 * fmean(values):.1f} ± {100 * stdev(values):.1f}" for values in at.values())
            lines.append(f"| `{name}` | {start} | {rate:g} | {cells} | {passed} |")
    return "\n".join(lines)


def _best(
    curves: Mapping[tuple[str, str, float], list[list[tuple[int, float]]]], name: str, start: str
) -> tuple[float, list[list[tuple[int, float]]]]:
    rates = {rate: curves[name, start, rate] for rate in RATES}
    return max(rates.items(), key=lambda item: fmean(curve[-1][1] for curve in item[1]))


def _rows(out: Path) -> list[dict]:
    return [json.loads(line) for line in out.read_text().splitlines()] if out.is_file() else []
