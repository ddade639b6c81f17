"""The plan of some graphs goes in; states in which every node has looked at every other come out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.encoders.base import Encoder
from ghndsl.ghn.plan import Plan
from ghndsl.ghn.tokens import DEGREES, Tokens

WIDER = 4
"""The hidden layer of a transformer's MLP, in states."""


class GHN3(Encoder):
    """The transformer of Knyazev et al. (ICML 2023, arXiv 2303.04143), a Graphormer (Ying et al., NeurIPS 2021).

    Its tokens are a graph's nodes. To their features are added embeddings of the numbers of edges that come in and go
    out and of the distance from the inputs; in the first layer each head adds to its attention an embedding of the
    shortest path there or back. Layers are normalised before, not after.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__(config)
        self.embedding_in = nn.Embedding(DEGREES, config.hidden)
        self.embedding_out = nn.Embedding(DEGREES, config.hidden)
        self.embedding_distance = nn.Embedding(config.reach + 2, config.hidden)
        self.embedding_ways = nn.Embedding(2 * config.reach + 2, config.heads)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.reset()

    def reset(self) -> None:
        """Draws the embeddings; those of places are small beside the operators'."""
        super().reset()
        for table in (*self._tables, self.embedding_ways):
            nn.init.normal_(table.weight, std=0.2)

    def forward(self, plan: Plan) -> torch.Tensor:
        start = self.start(plan)
        graphs = [tokens.to(start.device) for tokens in plan.tokens]
        if not graphs:
            return start
        rows = torch.cat([tokens.rows for tokens in graphs])
        places = torch.cat([tokens.places for tokens in graphs], 1)
        states = start.index_select(0, rows)
        for table, place in zip(self._tables, places, strict=True):
            states = states + table(place)
        biases = [self._bias(tokens) for tokens in graphs]
        sizes = [len(tokens.rows) for tokens in graphs]
        for index, layer in enumerate(self.layers):
            states = layer(states, sizes, biases if index == 0 else [None] * len(graphs))
        return torch.empty_like(states).index_copy(0, rows, states)

    @property
    def _tables(self) -> tuple[nn.Embedding, ...]:
        """What is added for each row of `Tokens.places`."""
        return self.embedding_in, self.embedding_out, self.embedding_distance

    def _bias(self, tokens: Tokens) -> torch.Tensor:
        """What heads add to attention, `[heads, nodes, nodes]`."""
        bias: torch.Tensor = self.embedding_ways(tokens.ways)
        return bias.permute(2, 0, 1)


class Layer(nn.Module):
    """Attention of nodes to all nodes of their graph, then an MLP, each added to what comes in."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        size = config.hidden
        self.heads = config.heads
        self.norm = nn.LayerNorm(size)
        # Without biases: the norm has one, and attention is blind to what all keys have in common.
        self.attend = nn.Linear(size, 3 * size, bias=False)
        self.join = nn.Linear(size, size)
        mlp = nn.Linear(size, WIDER * size), nn.GELU(), nn.Linear(WIDER * size, size)
        self.mlp = nn.Sequential(nn.LayerNorm(size), *mlp)

    def forward(
        self, states: torch.Tensor, sizes: Sequence[int], biases: Sequence[torch.Tensor | None]
    ) -> torch.Tensor:
        """`states` `[nodes, hidden]` of graphs one after another, of so many nodes each."""
        asked = self.attend(self.norm(states)).view(len(states), 3, self.heads, -1).transpose(0, 2)
        # Graph by graph: no memory for pairs of nodes of different graphs.
        seen = [_attention(part, bias) for part, bias in zip(asked.split(sizes, 2), biases, strict=True)]
        states = states + self.join(torch.cat(seen))
        after: torch.Tensor = states + self.mlp(states)
        return after


def _attention(asked: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """Queries, keys and values `[heads, 3, nodes, size]` to what nodes take from others, `[nodes, heads * size]`."""
    query, key, value = asked.unbind(1)
    seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
    return seen.transpose(0, 1).flatten(1)
