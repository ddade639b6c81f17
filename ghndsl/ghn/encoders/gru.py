"""The plan of some graphs goes in; states after rounds of messages along the order of the nodes come out."""

from __future__ import annotations

import torch
from torch import nn

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.encoders.base import Encoder
from ghndsl.ghn.encoders.layers import Layers, propagate_any
from ghndsl.ghn.encoders.propagate import propagate
from ghndsl.ghn.encoders.step import pack
from ghndsl.ghn.plan import Plan


class GRU(Encoder):
    """The graph network of Zhang, Ren and Urtasun (ICLR 2019), stacked (section 4.3): one for all segments.

    Messages are a two-layer MLP of the sender's state, states change by a GRU (Eq. 3, 4), along the topological order
    and back (Eq. 15). The mean of a segment's states is handed to the virtual nodes of the segments that take from it.
    The paper's own kind, a GRU with sums of messages in forward-backward order, has an implementation of its own.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__(config)
        self.layers = nn.ModuleList(Layers(config) for _ in range(config.separate))
        self.reset()

    def forward(self, plan: Plan) -> torch.Tensor:
        layers = [layer for layer in self.layers if isinstance(layer, Layers)]
        first, config = layers[0], self.config
        plain = (config.gather, config.order, len(layers)) == ("sum", "forward_backward", 1)
        if plain and isinstance(first.cell, nn.GRUCell):
            parameters = pack(first.message, first.message_out, first.cell)
            return propagate(self.start(plan), plan.stages, config.rounds, parameters)
        return propagate_any(self.start(plan), plan.stages, config, layers)
