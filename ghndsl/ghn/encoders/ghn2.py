"""The plan of some graphs goes in; states after messages along edges and shortest paths come out."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.encoders.base import Encoder
from ghndsl.ghn.encoders.layers import Layers
from ghndsl.ghn.encoders.propagate import propagate
from ghndsl.ghn.encoders.step import pack
from ghndsl.ghn.plan import Plan


class GHN2(Encoder):
    """The gated graph network of Knyazev et al. (NeurIPS 2021, arXiv 2110.13100), on whole graphs.

    As in GHN a node hears the nodes before it, then on the way back those behind it, and a GRU takes the sum in. Along
    virtual edges it hears also each node from which the shortest path has 1 < s <= `reach` edges: what an MLP of their
    own makes of its state, over s. The two MLPs stand side by side in one, the first half of whose hidden
    layer is summed along edges and the second along virtual edges.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__(config)
        self.layers = Layers(replace(config, message=2 * config.message))
        self.reset()

    def forward(self, plan: Plan) -> torch.Tensor:
        layers, cell = self.layers, self.layers.cell
        if not isinstance(cell, nn.GRUCell):
            raise TypeError("the encoder `ghn2` has a GRU")
        parameters = pack(layers.message, layers.message_out, cell)
        return propagate(self.start(plan), plan.stages, self.config.rounds, parameters)
