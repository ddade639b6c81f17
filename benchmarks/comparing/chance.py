"""A network and a seed go in; weights and statistics by chance, with which signals keep their size, come out in it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from comparing.theirs import outputs_of

_NORMALISING = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def draw(model: nn.Module, inputs: Sequence[torch.Tensor], seed: int = 0) -> None:
    """Draws every parameter, and statistics of normalisation around those of the inputs."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            _draw(name, weight, generator)
        _draw_statistics(model, inputs, generator)


def _draw(name: str, weight: torch.Tensor, generator: torch.Generator) -> None:
    if weight.ndim < 2:
        if name.endswith("weight"):
            # Less than one: what a block adds must not drown what it is added to, or a deep network is chaotic.
            weight.uniform_(0.2, 0.8, generator=generator)
            return
        weight.normal_(std=0.2, generator=generator)
        return
    # What is of one row, as tokens and positions are, multiplies nothing.
    fan_in = weight.numel() // len(weight) if len(weight) > 1 else 2
    weight.normal_(std=math.sqrt(2 / fan_in), generator=generator)


def _draw_statistics(model: nn.Module, inputs: Sequence[torch.Tensor], generator: torch.Generator) -> None:
    layers = [module for module in model.modules() if isinstance(module, _NORMALISING)]
    if not layers:
        return
    kept = [layer.momentum for layer in layers]
    for layer in layers:
        layer.train()
        layer.momentum = 1.0
        layer.reset_running_stats()
    outputs_of(model, inputs)
    for layer, momentum in zip(layers, kept, strict=True):
        layer.eval()
        layer.momentum = momentum
        _shift(layer, generator)


def _shift(layer: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d, generator: torch.Generator) -> None:
    """Statistics near enough to the true ones to keep the scale, and far enough to be told apart from them.

    Of each mean a part by chance is taken off. Were it all, every layer would make what differs between places larger,
    and with it what is rounded: a hundred layers on, results would depend on the order of sums.
    """
    mean, variance = layer.running_mean, layer.running_var
    assert mean is not None
    assert variance is not None
    part = torch.empty(mean.shape).uniform_(generator=generator)
    variance.add_((mean - part * mean).square())
    # A channel that hardly varies on a few images would blow up what it does on others.
    variance.clamp_(min=0.05 * float(variance.mean()))
    mean.mul_(part).add_(torch.randn(mean.shape, generator=generator) * variance.sqrt(), alpha=0.2)
    variance.mul_(torch.empty(variance.shape).uniform_(0.7, 1.5, generator=generator))
