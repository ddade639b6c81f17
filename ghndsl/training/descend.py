"""A graph, weights and batches go in; the weights after a few steps of gradient descent, and the losses, come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import torch
from torch import nn

from ghndsl.data import Split
from ghndsl.emit.run import run
from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.training.anytime import answers
from ghndsl.training.seeds import generator


def loss_of(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    batch: Split,
    mode: Mode | None = None,
    smoothing: float = 0.0,
) -> torch.Tensor:
    """The mean loss of the main output on a batch, by its task, with batch statistics; of a network with exits, the sum
    of theirs and its own. Differentiable."""
    found = run(graph, batch.feed(graph), weights, mode or Mode("train"))
    first, *others = reversed(answers(graph).names)
    total = batch.task.loss(found[first], batch.targets, smoothing)
    for name in others:
        total = total + batch.task.loss(found[name], batch.targets, smoothing)
    return total


def trainable(graph: Graph, weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Copies of the weights that take gradients."""
    return {
        path: weights[path].detach().clone().requires_grad_()
        for path, weight in graph.weights.items()
        if weight.trainable and path in weights
    }


def descend(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    batches: Iterable[Split],
    steps: int,
    lr: float,
    momentum: float = 0.9,
    clip: float = 5.0,
) -> Iterator[tuple[float, dict[str, torch.Tensor]]]:
    """SGD with Nesterov momentum from given weights, at one rate, the norm of the gradient bounded, on the device where
    weights and batches are.

    Yields after each step the loss that was stepped from and the weights, which change in place from step to step.
    A candidate without weights yields its loss again and again.
    """
    own = trainable(graph, weights)
    learned = {**weights, **own}
    parameters = list(own.values()) or [torch.zeros((), requires_grad=True)]
    device = parameters[0].device
    optimiser = torch.optim.SGD(parameters, lr=lr, momentum=momentum, nesterov=momentum > 0, foreach=True)
    for step, batch in enumerate(islice(batches, steps)):
        loss = loss_of(graph, learned, batch, Mode("train", generator(0, "dropout", step, device=device)))
        if loss.requires_grad:
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(parameters, clip)
            optimiser.step()
        yield float(loss.detach()), learned
