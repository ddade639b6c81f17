"""States of nodes go in; weights cut from the largest block of their kind come out."""

from __future__ import annotations

import torch
from torch import nn

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.decoders.targets import Decoding, Target
from ghndsl.ghn.decoders.trunk import Trunk, unit_linear
from ghndsl.ghn.kinds import block, window
from ghndsl.ghn.scaling import scaled
from ghndsl.ops import Weight
from ghndsl.types import show_shape


class Slicing(nn.Module):
    """A branch for each kind of weight makes the largest block of it, for all nodes in one product; smaller weights are
    cut from it: first channels, the centre of a kernel (Zhang et al., ICLR 2019, section 5)."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.blocks = dict(config.blocks)
        self.trunk = Trunk(config)
        outputs = {name: torch.Size(sizes).numel() for name, sizes in self.blocks.items()}
        self.branches = nn.ModuleDict({name: unit_linear(config.width, count) for name, count in outputs.items()})

    @staticmethod
    def refuses(config: GHNConfig, name: str, weight: Weight) -> str | None:
        """Why a weight of a kind cannot be made."""
        whole = config.blocks.get(name)
        if whole is None:
            return f"there is no branch for {name} weights"
        return f"at most {show_shape(whole)} ({name})" if any(map(int.__gt__, block(name, weight), whole)) else None

    def forward(self, nodes: torch.Tensor, plan: Decoding, made: list[dict[str, torch.Tensor]]) -> None:
        """Adds the weights by path to those of each graph."""
        hidden = self.trunk(nodes, plan)
        start = 0
        for (name, how), part in plan.groups(_kind):
            stop = start + len(part.targets)
            values = scaled(self.branches[name](hidden[start:stop]), how, part.deviations)
            self._cut(values.view(-1, *self.blocks[name]), part, made)
            start = stop

    def _cut(self, blocks: torch.Tensor, plan: Decoding, made: list[dict[str, torch.Tensor]]) -> None:
        """The weights of one kind from blocks `[targets, ...]`, equal shapes together."""
        start = 0
        for shape, same in plan.groups(lambda target: target.part):
            stop = start + len(same.targets)
            weights = blocks[start:stop]
            if shape != blocks.shape[1:]:
                weights = weights[(slice(None), *window(same.targets[0].kind, tuple(blocks.shape[1:]), shape))]
            for target, weight in zip(same.targets, weights.unbind(0), strict=True):
                made[target.graph][target.path] = weight.reshape(target.weight.shape)
            start = stop


def _kind(target: Target) -> tuple[str, str]:
    return target.kind, target.scaling.how
