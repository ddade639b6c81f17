"""States of nodes go in; weights cut from one block, or tiled with it where they are larger, come out."""

from __future__ import annotations

import math

import torch
from torch import nn

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.decoders.axes import Axes, axes
from ghndsl.ghn.decoders.targets import Decoding, Target
from ghndsl.ghn.decoders.trunk import Trunk, unit_linear
from ghndsl.ghn.scaling import scaled
from ghndsl.ops import Weight

BLOCK = 64
"""Channels of the block, in and out."""
_SPACE = 11
"""Places of the block along each axis of space, as for CIFAR-10; a larger kernel repeats them."""
_TOGETHER = 64


class Tiling(nn.Module):
    """The decoder of GHN-2 (Knyazev et al., NeurIPS 2021, appendix B): a small grid of hidden vectors, each taken by
    1x1 convolutions to a block of 64 x 64 channels, of which a weight takes the first and the centre, and which it
    repeats where it is wider: a wide layer holds copies. Vectors have a branch of their own. Of the grid only the
    places that a weight has are taken to blocks.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.trunk = Trunk(config)
        self.inner = 4 * config.hidden
        self.grid = unit_linear(config.width, self.inner * _SPACE * _SPACE)
        self.wide = nn.Linear(self.inner, 2 * self.inner)
        self.channels = unit_linear(2 * self.inner, BLOCK * BLOCK)
        self.vector = nn.Sequential(nn.Linear(config.width, 2 * config.hidden), nn.ReLU())
        self.vectors = unit_linear(2 * config.hidden, BLOCK)

    @staticmethod
    def refuses(config: GHNConfig, name: str, weight: Weight) -> str | None:
        """Nothing: what is wider than the block repeats it."""
        return None

    def forward(self, nodes: torch.Tensor, plan: Decoding, made: list[dict[str, torch.Tensor]]) -> None:
        """Adds the weights by path to those of each graph."""
        for (name, how, _), part in plan.groups(_kind, _TOGETHER):
            hidden = self.trunk(nodes, part)
            along = axes(name, part.targets[0].weight)
            values = self._vectors(hidden) if along[1:] == (1, ()) else self._blocks(hidden, along)
            whole = _tiled(scaled(values, how, part.deviations), (along.rows, along.columns, *along.rest))
            for target, weight in zip(part.targets, whole.unbind(0), strict=True):
                made[target.graph][target.path] = weight.reshape(target.weight.shape)

    def _vectors(self, hidden: torch.Tensor) -> torch.Tensor:
        """Weights of one axis `[targets, 64, 1]`."""
        made: torch.Tensor = self.vectors(_unit(self.vector(hidden)))
        return made[..., None]

    def _blocks(self, hidden: torch.Tensor, along: Axes) -> torch.Tensor:
        """Weights of several axes `[targets, 64, 64, places...]`, as many places as the weight and the block have."""
        across = [_centre(size) for size in along.rest[-2:]] if along.rest else [_centre(1)]
        rows, columns = across if len(across) == 2 else (_centre(1), across[0])
        grid = self.grid(hidden).view(-1, _SPACE, _SPACE, self.inner)[:, rows, columns]
        wide = torch.relu(self.wide(torch.relu(grid)))
        made: torch.Tensor = self.channels(_unit(wide))
        block = made.permute(0, 3, 1, 2).reshape(len(made), BLOCK, BLOCK, *made.shape[1:3])
        places = tuple(block.shape[-2:])
        shape = (*[1] * (len(along.rest) - 2), *places) if len(along.rest) > 1 else places[1:][: len(along.rest)]
        return block.reshape(len(hidden), BLOCK, BLOCK, *shape)


def _unit(values: torch.Tensor) -> torch.Tensor:
    return nn.functional.rms_norm(values, values.shape[-1:])


def _centre(size: int) -> slice:
    taken = min(size, _SPACE)
    start = (_SPACE - taken) // 2
    return slice(start, start + taken)


def _tiled(block: torch.Tensor, sizes: tuple[int, ...]) -> torch.Tensor:
    """The block `[targets, ...]` cut to the sizes, or repeated where they are larger."""
    block = block[(slice(None), *(slice(0, size) for size in sizes))]
    times = [math.ceil(size / whole) for size, whole in zip(sizes, block.shape[1:], strict=True)]
    if any(time > 1 for time in times):
        block = block.repeat(1, *times)[(slice(None), *(slice(0, size) for size in sizes))]
    return block.reshape(len(block), *sizes)


def _kind(target: Target) -> tuple[str, str, tuple[int, ...]]:
    return target.kind, target.scaling.how, target.part
