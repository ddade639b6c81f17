"""The features of nodes go in; their first states come out, and what every encoder has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import nn
from torch.nn import functional

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.features import OFFSETS, ROWS
from ghndsl.ghn.plan import Plan


class Encoder(nn.Module, ABC):
    """Gives every node a state that knows the graph around it."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Parameter(torch.empty(ROWS[config.exits], config.hidden))

    def reset(self) -> None:
        """Draws the embeddings: operators far apart, the other features small beside them."""
        nn.init.normal_(self.embedding, std=0.2)
        nn.init.normal_(self.embedding[: OFFSETS["kernel_height"]])

    def start(self, plan: Plan) -> torch.Tensor:
        """The sum of the embeddings of each node's features, `[rows, hidden]` (Zhang et al.: its operator's alone)."""
        device = self.embedding.device
        return functional.embedding_bag(plan.features.to(device), self.embedding, plan.starts.to(device), mode="sum")

    @abstractmethod
    def forward(self, plan: Plan) -> torch.Tensor:
        """The states `[rows, hidden]` of all nodes, in the plan's order; the plan was made for the same config."""
