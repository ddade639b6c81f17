"""The plan of some graphs goes in; a learned state of every node, which knows the graph around it, comes out."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.features import OFFSETS, ROWS
from ghndsl.ghn.gru import pack
from ghndsl.ghn.layers import Layers, propagate_any
from ghndsl.ghn.plan import Plan
from ghndsl.ghn.propagate import propagate


class Encoder(nn.Module):
    """The graph network of Zhang, Ren and Urtasun (ICLR 2019), stacked (section 4.3): one for all segments.

    The paper's own kind, a GRU with sums of messages in forward-backward order, has an implementation of its own.
    A node starts as the sum of the embeddings of its features (in the paper, of its operator alone). Messages are a
    two-layer MLP of the sender's state, states change by a GRU (Eq. 3, 4), along the topological order and back
    (Eq. 15). The mean of a segment's states is handed to the virtual nodes of the segments that take from it.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Parameter(torch.empty(ROWS, config.hidden))
        self.layers = nn.ModuleList(Layers(config) for _ in range(config.separate))
        self.reset()

    def reset(self) -> None:
        """Draws the embeddings: operators far apart, the other features small beside them."""
        nn.init.normal_(self.embedding, std=0.2)
        nn.init.normal_(self.embedding[: OFFSETS["kernel_height"]])

    def forward(self, plan: Plan) -> torch.Tensor:
        """The states `[rows, hidden]` of all nodes, in the plan's order."""
        start = functional.embedding_bag(plan.features, self.embedding, plan.starts, mode="sum")
        layers = [layer for layer in self.layers if isinstance(layer, Layers)]
        first, config = layers[0], self.config
        plain = (config.gather, config.order, len(layers)) == ("sum", "forward_backward", 1)
        if plain and isinstance(first.cell, nn.GRUCell):
            parameters = pack(first.message, first.message_out, first.cell)
            return propagate(start, plan.stages, config.rounds, parameters)
        return propagate_any(start, plan.stages, config, layers)
