"""A graph, a data set, settings and a seed go in; trained weights and how training went come out."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from ghndsl.data import Dataset, Split, check_fit, figure, main_output
from ghndsl.emit.module import to_torch
from ghndsl.ir import Graph
from ghndsl.training.batches import epoch, steps_per_epoch
from ghndsl.training.progress import Progress, silent
from ghndsl.training.schedule import warm_constant, warm_cosine
from ghndsl.training.settings import Settings
from ghndsl.training.threads import threads, worthwhile


@dataclass(frozen=True)
class Epoch:
    """Mean loss and the task's metric over the batches of one pass, as they were trained on."""

    loss: float
    accuracy: float


@dataclass(frozen=True)
class Trained:
    """Weights and buffers by path, the passes, and whether training stopped because the loss was no longer a number."""

    weights: dict[str, torch.Tensor]
    history: tuple[Epoch, ...]
    seconds: float
    diverged: bool = False


def train(
    graph: Graph,
    data: Dataset,
    settings: Settings,
    seed: int,
    *,
    weights: Mapping[str, torch.Tensor] | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Trains the main output with the loss of the data's task by SGD, from `weights` or first ones that the seed draws.

    The same seed gives the same weights on one machine, whatever the state of torch's own generator, which is left
    as it was. `progress` is called after each pass. Errors: G407 when data and graph do not fit.
    """
    check_fit(data, graph)
    started = time.perf_counter()
    cost = None if graph.macs is None else graph.macs * settings.batch_size
    history: list[Epoch] = []
    with threads(worthwhile(cost)), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = to_torch(graph, weights, seed).train()
        for done in _epochs(module, graph, data, settings, seed):
            history.append(done)
            text = f"loss {done.loss:.3f}, {data.task.metric} {figure(data.task.metric, done.accuracy, 1)}"
            (progress or silent)(len(history), settings.epochs, text)
    trained = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
    diverged = bool(history) and not math.isfinite(history[-1].loss)
    return Trained(trained, tuple(history), time.perf_counter() - started, diverged)


def _epochs(module: nn.Module, graph: Graph, data: Dataset, settings: Settings, seed: int) -> Iterator[Epoch]:
    """The passes, up to the first in which the loss is no longer a number."""
    optimiser, output = _optimiser(module, settings), main_output(graph).name
    generator = torch.Generator().manual_seed(seed)
    per_epoch = steps_per_epoch(len(data.train), settings.batch_size)
    for number in range(settings.epochs):
        losses, seen, tally = 0.0, 0, data.task.tally()
        for step, batch in enumerate(epoch(data.train, settings.batch_size, settings.augment, generator)):
            _set_rate(optimiser, settings, number * per_epoch + step, settings.epochs * per_epoch)
            found = module(*batch.feed(graph).values())
            answers = found[output] if isinstance(found, dict) else found
            losses += _step(module, optimiser, answers, batch, settings) * len(batch)
            tally.add(answers.detach(), batch.targets)
            seen += len(batch)
            if not math.isfinite(losses):
                yield Epoch(losses / seen, tally.value)
                return
        yield Epoch(losses / seen, tally.value)


def _step(
    module: nn.Module, optimiser: torch.optim.Optimizer, answers: torch.Tensor, batch: Split, settings: Settings
) -> float:
    """One update; returns the loss."""
    loss = batch.task.loss(answers, batch.targets, settings.label_smoothing)
    if not loss.requires_grad:
        return float(loss.detach())
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    if settings.clip:
        nn.utils.clip_grad_norm_(module.parameters(), settings.clip)
    optimiser.step()
    return float(loss.detach())


def _optimiser(module: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Weight decay for kernels only, as is common: not for biases and normalisation."""
    groups = [
        {"params": [p for p in module.parameters() if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in module.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]] or [{"params": [nn.Parameter(torch.zeros(()))]}]
    return torch.optim.SGD(
        groups, lr=settings.lr, momentum=settings.momentum, nesterov=settings.momentum > 0, foreach=True
    )


def _set_rate(optimiser: torch.optim.Optimizer, settings: Settings, step: int, total: int) -> None:
    # The first step counts, and the last one has not yet reached zero.
    done = (step + 1) / (total + 1)
    share = warm_cosine(done, settings.warmup) if settings.cosine else warm_constant(done, settings.warmup)
    for group in optimiser.param_groups:
        group["lr"] = settings.lr * share
