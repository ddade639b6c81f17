"""The plan of some graphs goes in; a learned state of every node, which knows the graph around it, comes out."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.features import FIELDS, ROWS
from ghndsl.ghn.plan import Plan, Stage
from ghndsl.ghn.propagate import pack, propagate


class Encoder(nn.Module):
    """The graph network of Zhang, Ren and Urtasun (ICLR 2019), stacked (section 4.3): one for all segments.

    A node starts as the sum of the embeddings of its features (in the paper, of its operator alone). Messages are a
    two-layer MLP of the sender's state, states change by a GRU (Eq. 3, 4), along the topological order and back
    (Eq. 15). The mean of a segment's states is handed to the virtual nodes of the segments that take from it.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Parameter(torch.empty(ROWS, config.hidden))
        self.message = nn.Linear(config.hidden, config.message)
        self.message_out = nn.Linear(config.message, config.hidden, bias=False)
        self.cell = nn.GRUCell(config.hidden, config.hidden)
        self.reset()

    def reset(self) -> None:
        """Draws the embeddings: operators far apart, the other features small beside them."""
        nn.init.normal_(self.embedding, std=0.2)
        nn.init.normal_(self.embedding[: FIELDS["operator"]])

    def forward(self, plan: Plan) -> torch.Tensor:
        """The states `[rows, hidden]` of all nodes, in the plan's order."""
        parameters = pack(self.message, self.message_out, self.cell)
        start = functional.embedding_bag(plan.features, self.embedding, mode="sum")
        states: list[torch.Tensor] = []
        embeddings: list[torch.Tensor] = []
        sizes = [len(stage.segment) for stage in plan.stages]
        for stage, own in zip(plan.stages, torch.split(start, sizes), strict=True):
            first = self._hand_on(stage, own, embeddings)
            states.append(propagate(first, stage.schedule, self.config.rounds, parameters))
            embeddings.append(_means(stage, states[-1]))
        return torch.cat(states)

    def _hand_on(self, stage: Stage, states: torch.Tensor, embeddings: list[torch.Tensor]) -> torch.Tensor:
        """The first states, with embeddings of earlier segments added to the virtual nodes that stand for them."""
        if not self.config.hand_on or not len(stage.receivers):
            return states
        return states.index_add(0, stage.receivers, torch.cat(embeddings).index_select(0, stage.givers))


def _means(stage: Stage, states: torch.Tensor) -> torch.Tensor:
    """The mean state of each segment, `[segments, hidden]`."""
    sums = states.new_zeros(len(stage.share), states.shape[1]).index_add(0, stage.segment, states)
    return sums * stage.share.to(states)
