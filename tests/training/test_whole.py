"""Final training as the field does it: each setting has its effect, and default ones train as ever."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import ghndsl
from ghndsl.data import Dataset
from ghndsl.emit.module import to_torch
from ghndsl.ir import Graph
from ghndsl.training import Metrics, Run, Settings, Trained, best, evaluate, preset, train, train_several
from ghndsl.training.batches import epoch
from ghndsl.training.clock import WORK, Clock
from ghndsl.training.drop_path import Chance, can_drop, with_drop_path
from ghndsl.training.losses import has_auxiliary
from ghndsl.training.schedule import warm_cosine
from ghndsl.training.threads import threads

BRIEF = Settings(epochs=2)
BRANCHED = """arch net() {
    input image: f32[N, 1, 8, 8]
    x = image -> conv(8, 3, padding=1) as stem -> batch_norm as norm -> relu
    x = x + (x -> conv(8, 3, padding=1) as branch%s)
    output logits = x -> flatten -> linear(10) as head
    output aux = x -> flatten -> linear(10) as aux
    output sizes = x -> flatten -> linear(3) as sizes
}"""


@pytest.fixture(scope="module")
def few(digits: Dataset) -> Dataset:
    return digits.few(200)


def branched(depth: str = "") -> Graph:
    return ghndsl.loads(BRANCHED % depth)


def weights_of(graph: Graph, data: Dataset, settings: Settings, **more: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat([one.flatten().double() for one in train(graph, data, settings, 0, **more).weights.values()])


def plainly(graph: Graph, data: Dataset, settings: Settings, seed: int) -> tuple[list[float], dict[str, torch.Tensor]]:
    """Training as it was before there was more to set: mean losses of the passes, and the weights."""
    torch.manual_seed(seed)
    module, rng = to_torch(graph, None, seed).train(), torch.Generator().manual_seed(seed)
    kernels, rest = ([p for p in module.parameters() if (p.ndim > 1) == is_kernel] for is_kernel in (True, False))
    groups = [{"params": kernels, "weight_decay": settings.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    optimiser = torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, nesterov=True, foreach=True)
    per_epoch, losses = len(data.train) // settings.batch_size, list[float]()
    for number in range(settings.epochs):
        total = seen = 0.0
        for step, batch in enumerate(epoch(data.train, settings.batch_size, settings.augment, rng)):
            done = (number * per_epoch + step + 1) / (settings.epochs * per_epoch + 1)
            for group in optimiser.param_groups:
                group["lr"] = settings.lr * warm_cosine(done, settings.warmup)
            answers = module(*batch.feed(graph).values())["logits"]
            loss = cross_entropy(answers, batch.targets, reduction="sum", label_smoothing=settings.label_smoothing)
            loss = loss / len(batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), settings.clip)
            optimiser.step()
            total, seen = total + float(loss.detach()) * len(batch), seen + len(batch)
        losses.append(total / seen)
    return losses, module.state_dict()


@pytest.mark.parametrize("name", ["quick", "standard"])
def test_default_settings_train_as_ever(small: Graph, few: Dataset, name: str) -> None:
    settings = replace(preset(name), epochs=2, label_smoothing=0.1 if name == "quick" else 0.0)
    # As many threads as `train` takes for what is small: more add up in another order.
    with torch.random.fork_rng(), threads(1):
        losses, weights = plainly(small, few, settings, 3)
    trained = train(small, few, settings, 3)
    assert [one.loss for one in trained.history] == losses
    assert all(torch.equal(trained.weights[path], weights[path]) for path in weights)


CHANGES: dict[str, dict[str, float | str | bool]] = {
    "nesterov": {"nesterov": False},
    "decay": {"decay": 0.5},
    "crop": {"crop": 1},
    "mirror": {"mirror": True},
    "cutout": {"cutout": 2},
    "drop_path": {"drop_path": 0.5},
    "auxiliary": {"auxiliary": 0.5},
    "ema": {"ema": 0.9},
    "precision": {"precision": "bf16"},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_each_setting_counts(few: Dataset, changes: dict[str, float | str | bool]) -> None:
    graph, settings = branched(), replace(BRIEF, epochs=2, **changes)
    found, plain = weights_of(graph, few, settings), weights_of(graph, few, BRIEF)
    assert not torch.equal(found, plain)
    assert torch.equal(found, weights_of(graph, few, settings))
    assert bool(found.isfinite().all())


def test_the_whole_recipe_learns(digits: Dataset) -> None:
    settings = replace(preset("cifar"), epochs=6, lr=0.1, crop=1, mirror=False, cutout=2, ema=0.9, drop_path=0.2)
    graph = branched()
    trained = train(graph, digits.few(500), settings, 0)
    assert evaluate(graph, trained.weights, digits.validation).accuracy > 0.6
    assert evaluate(graph, trained.weights, digits.test, device=torch.device("cpu")) == evaluate(
        graph, trained.weights, digits.test
    )


@pytest.mark.parametrize(
    ("depth", "shares"),
    [("", [1.0]), (" -> stochastic_depth(0.0)", [1.0]), (" -> stochastic_depth(0.2)", [1.0])],
)
def test_drop_path_leaves_out_branches_alone(depth: str, shares: list[float]) -> None:
    """With a chance of nearly one a branch is nearly never there, and what goes past it is."""
    graph, chance = branched(depth), Chance(1 - 1e-12)
    dropping = with_drop_path(graph, chance)
    branches = [node.op for node in dropping.nodes if type(node.op).__name__ == "_Branch"]
    assert [op.share for op in branches] == shares
    assert can_drop(graph)
    module, image = to_torch(dropping, None, 0), torch.randn(4, 1, 8, 8)
    past = torch.relu(module.norm(module.stem(image)))
    assert torch.allclose(module(image)["logits"], module.head(past.flatten(1)), atol=1e-6)
    chance.p = 0.0
    whole = to_torch(graph, module.state_dict(), 0)(image)["logits"] if "0.2" not in depth else None
    assert whole is None or torch.allclose(module(image)["logits"], whole, atol=1e-6)


def test_what_has_no_branches(small: Graph) -> None:
    assert not can_drop(small)
    assert not has_auxiliary(small)
    assert has_auxiliary(branched())


def test_depths_keep_their_proportions() -> None:
    text = "arch a() {\ninput x: f32[N, 4]\nx = x -> stochastic_depth(0.1) -> stochastic_depth(0.2)\noutput y = x\n}"
    ops = [node.op for node in with_drop_path(ghndsl.loads(text), Chance(0.4)).nodes]
    assert [op.share for op in ops] == [0.5, 1.0]


def test_the_clock_knows_where_the_time_went(few: Dataset) -> None:
    clock = Clock()
    trained = train(branched(), few, BRIEF, 0, clock=clock)
    spent = {work for work, seconds in clock.seconds.items() if seconds > 0}
    assert spent == {*WORK} - {"saving", "evaluation"}
    assert sum(clock.seconds.values()) < trained.seconds
    assert sum(clock.shares().values()) == pytest.approx(1)


def test_several_seeds(small: Graph, few: Dataset) -> None:
    runs = train_several(small, few, BRIEF, [3, 4])
    assert [run.seed for run in runs] == [3, 4]
    alone = train(small, few, BRIEF, 4)
    assert all(torch.equal(alone.weights[path], runs[1].trained.weights[path]) for path in alone.weights)


def test_validation_chooses_and_test_does_not() -> None:
    def run(seed: int, validation: float, test: float, loss: float = 1.0, *, diverged: bool = False) -> Run:
        return Run(seed, Trained({}, (), 0.0, diverged), Metrics(validation, loss), Metrics(test, loss))

    assert best([run(0, 0.5, 0.9), run(1, 0.6, 0.1)]).seed == 1
    assert best([run(0, 0.6, 0.9), run(1, 0.6, 0.1, 0.5)]).seed == 1
    assert best([run(0, 0.9, 0.9, diverged=True), run(1, 0.1, 0.1, math.nan)]).seed == 1
