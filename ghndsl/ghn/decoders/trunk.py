"""States of nodes go in; what the branches of a decoder make weights from comes out."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.decoders.targets import SLOTS, Decoding


class Trunk(nn.Module):
    """The MLP shared by all nodes (two layers in Zhang et al., ICLR 2019): `[nodes, hidden]` to `[targets, width]`.

    The weights of one node are told apart by an embedding of their number; what comes out has unit scale.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.slots = nn.Embedding(SLOTS, config.hidden)
        sizes = [config.hidden, *[config.width] * config.depth]
        layers = [(nn.Linear(before, after), nn.ReLU()) for before, after in pairwise(sizes)]
        self.layers = nn.Sequential(*(part for layer in layers for part in layer))

    def forward(self, nodes: torch.Tensor, plan: Decoding, extra: torch.Tensor | None = None) -> torch.Tensor:
        """One row for each target; `extra` `[targets, hidden]` is added to the states."""
        states = nodes.index_select(0, plan.rows) + self.slots(plan.slots)
        hidden: torch.Tensor = self.layers(states if extra is None else states + extra)
        return functional.rms_norm(hidden, hidden.shape[-1:])


def unit_linear(width: int, outputs: int) -> nn.Linear:
    """A layer whose outputs have unit variance at first, when its inputs are of unit scale."""
    layer = nn.Linear(width, outputs)
    nn.init.normal_(layer.weight, std=width**-0.5)
    nn.init.zeros_(layer.bias)
    return layer
