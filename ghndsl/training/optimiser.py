"""A module and settings go in; the optimiser that they ask for, and its rate at each step, come out."""

from __future__ import annotations

import torch
from torch import nn

from ghndsl.training.schedule import warm_constant, warm_cosine
from ghndsl.training.settings import Settings


def optimiser_of(module: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """SGD with weight decay for kernels only, as is common: not for biases and normalisation."""
    groups = [
        {"params": [p for p in module.parameters() if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in module.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]] or [{"params": [nn.Parameter(torch.zeros(()))]}]
    nesterov = settings.nesterov and settings.momentum > 0
    return torch.optim.SGD(groups, lr=settings.lr, momentum=settings.momentum, nesterov=nesterov, foreach=True)


def set_rate(optimiser: torch.optim.Optimizer, settings: Settings, step: int, total: int, epoch: int) -> None:
    """Sets the rate of a step of `total`, which lies in a pass."""
    # The first step counts, and the last one has not yet reached zero.
    done = (step + 1) / (total + 1)
    share = warm_cosine(done, settings.warmup) if settings.cosine else warm_constant(done, settings.warmup)
    for group in optimiser.param_groups:
        group["lr"] = settings.lr * share * settings.decay**epoch
