"""What ranking costs on one core: the loop's speed and shares, the hypernetwork's share of a training step, and the
processor time of a search beside random search that trains candidates.

    python benchmarks/cost.py --data cifar.npz [--ranking runs/ranking]

The last part takes the rows and times that `benchmarks/ranking.py` left.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean

import torch
from nasbench201 import TRUTH
from ranking import by_seed, read, scores_of, spent_on

import ghndsl
from ghndsl.data import Dataset, load
from ghndsl.emit.initial import initial_weights
from ghndsl.ghn import GHN, GHNConfig, GHNSettings, fit
from ghndsl.ghn.state import TrainingState
from ghndsl.ir import Graph
from ghndsl.search.draw import training_sample
from ghndsl.search.scale import scaled
from ghndsl.search.scorers import BEST
from ghndsl.space import Space
from ghndsl.training import score
from ghndsl.training.batches import Batches
from ghndsl.training.descend import descend, loss_of

IMAGES = 500


@contextmanager
def clocked(spent: list[float]) -> Iterator[None]:
    """Adds the seconds of processor time of what is inside."""
    started = time.process_time()
    yield
    spent.append(time.process_time() - started)


def loop(space: Space, data: Dataset, ghn: GHN, count: int) -> float:
    """Prints candidates a second, and what takes the time; returns the seconds of one."""
    part = data.validation.first(IMAGES)
    building, generating, running = list[float](), list[float](), list[float]()
    rng = random.Random(0)
    for _ in range(count):
        candidate = space.draw(rng)
        with clocked(building):
            graph = space.build(candidate)
        with clocked(generating), torch.no_grad():
            weights = ghn(graph)
        with clocked(running):
            score(graph, weights, data, part)
    spent = {"elaboration": fmean(building), "hypernetwork": fmean(generating), "forward pass": fmean(running)}
    total = sum(spent.values())
    print(
        f"{count} candidates, {IMAGES} images of {data.shape[1]}x{data.shape[2]}: {1 / total:.1f} candidates a second"
    )
    for name, seconds in spent.items():
        print(f"  {name}: {1000 * seconds:.1f} ms, {seconds / total:.0%}")
    return total


def steps(sample: Callable[[int], Graph], data: Dataset, ghn: GHN, count: int) -> None:
    """What takes the time of a training step of a few candidates, each with a batch of its own."""
    settings = GHNSettings(steps=count)
    batches, state = Batches(data.train, settings.batch_size, "none", 0), TrainingState(ghn, settings)
    building, generating, running, back = list[float](), list[float](), list[float](), list[float]()
    for step in range(count):
        numbers = range(step * settings.meta_batch, (step + 1) * settings.meta_batch)
        with clocked(building):
            graphs = [sample(number) for number in numbers]
        with clocked(generating):
            made = ghn.many(graphs)
        apart = [{path: one.detach().requires_grad_(one.requires_grad) for path, one in each.items()} for each in made]
        with clocked(running):
            for graph, weights, number in zip(graphs, apart, numbers, strict=True):
                loss = loss_of(graph, weights, batches[number])
                if loss.requires_grad:
                    torch.autograd.backward(loss)
        with clocked(back):
            _back(state, made, apart)
    parts = {
        "elaboration": building,
        "hypernetwork": generating,
        "the candidates, there and back": running,
        "back through the hypernetwork, and its update": back,
    }
    whole = sum(map(sum, parts.values()))
    print(
        f"training step, {settings.meta_batch} candidates, each with a batch of {settings.batch_size}: "
        f"{1000 * whole / count:.1f} ms"
    )
    for name, seconds in parts.items():
        print(f"  {name}: {1000 * sum(seconds) / count:.1f} ms, {sum(seconds) / whole:.0%}")


def _back(state: TrainingState, made: list[dict[str, torch.Tensor]], apart: list[dict[str, torch.Tensor]]) -> None:
    """The gradients of the weights go back through the hypernetwork, and an update is made."""
    pairs = [(whole[path], one.grad) for whole, part in zip(made, apart, strict=True) for path, one in part.items()]
    pairs = [(given, gradient) for given, gradient in pairs if gradient is not None]
    state.optimiser.zero_grad()
    torch.autograd.backward([given for given, _ in pairs], [gradient for _, gradient in pairs])
    torch.nn.utils.clip_grad_norm_(state.parameters.values(), state.settings.clip)
    state.optimiser.step()


def training_cost(space: Space, data: Dataset, epochs: int, tried: int) -> float:
    """Processor seconds of training one candidate for some passes with batches of 64, from a few steps of a few."""
    batches = Batches(data.train, 64, "none", 0)
    rng, found = random.Random(1), list[float]()
    for _ in range(tried):
        graph = space.build(space.draw(rng))
        given = [batches[number] for number in range(6)]
        walk = descend(graph, initial_weights(graph, 0), given, 6, 0.05)
        next(walk)
        with clocked(found):
            list(walk)
    return fmean(found) / 5 * epochs * (len(data.train) // 64)


def search_beside_random(asked: argparse.Namespace, scoring_one: float, cheap: float, full: float) -> None:
    """The processor time of each seed's search, which ends with training the chosen cell, and that of random search,
    which trains every cell until it meets an equally good one; both train at the reduced scale, or both at full."""
    accuracies = sorted(cell.truth for cell in read(asked.truth, "odd", 10**6))
    spent = spent_on(asked.ranking)
    for name in (BEST, "ghn"):
        for seed, rows in by_seed(asked.ranking).items():
            if ("best", seed, "scoring") not in spent:
                continue
            given = scores_of(name, [row["measured"] for row in rows])
            top = max(given)
            found = fmean(row["truth"] for row, score_ in zip(rows, given, strict=True) if score_ == top)
            training = spent["best", seed, "training"]["cpu"]
            scoring = spent["best", seed, "scoring"]["cpu"] if name == BEST else len(rows) * scoring_one
            draws = (len(accuracies) + 1) / (sum(value >= found for value in accuracies) + 1)
            print(f"{name}, seed {seed}: chose {found:.2f}; training {training:.0f} s, scoring {scoring:.0f} s of CPU")
            print(f"  random search meets as good a cell after {draws:.1f} draws on average: ", end="")
            ours = training + scoring
            costs = {"reduced": cheap, "full": full}
            print(
                ", ".join(
                    f"trained at {at} scale {draws * one:,.0f} s, {draws * one / (ours + one):.1f} times the search"
                    for at, one in costs.items()
                )
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, default=TRUTH)
    parser.add_argument("--data", default="cifar10")
    parser.add_argument("--data-root")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--ranking", type=Path, default=Path("runs/ranking"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, ghndsl {ghndsl.__version__}")
    scale = scaled(ghndsl.load_space("nasbench201"), load(asked.data, asked.data_root))
    print(f"scale: {scale.description}")
    sample = training_sample(scale.cheap, 0)
    ghn = GHN(GHNConfig(fit(sample(number) for number in range(100))))
    for _ in range(2):  # The first time is for warming up.
        scoring_one = loop(scale.cheap, scale.data, ghn, asked.count)
    steps(sample, scale.data, ghn, asked.count)
    cheap = training_cost(scale.cheap, scale.data, 12, 10)
    full = training_cost(scale.full, scale.full_data, 12, 3)
    print(f"12 epochs of one candidate: {cheap:.0f} s of CPU at the reduced scale, {full:,.0f} s at full scale")
    if (asked.ranking / "times.jsonl").is_file():
        search_beside_random(asked, scoring_one, cheap, full)


if __name__ == "__main__":
    main()
