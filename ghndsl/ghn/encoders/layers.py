"""Node states, the stages of a plan and layers of any kind go in; the states after some rounds of messages come out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.plan import Stage
from ghndsl.ghn.schedule import Schedule
from ghndsl.ghn.updates import Indices, Update

_REDUCE = {"sum": "sum", "mean": "mean", "max": "amax"}

State = tuple[torch.Tensor, torch.Tensor]
"""The states of nodes, and the memory of an LSTM beside them (unused by other cells)."""


class Layers(nn.Module):
    """The message MLP of two layers, and the cell that takes a node's messages in (Zhang et al., Eq. 3 and 4)."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.message = nn.Linear(config.hidden, config.message)
        self.message_out = nn.Linear(config.message, config.hidden, bias=False)
        cells = {"gru": nn.GRUCell, "lstm": nn.LSTMCell, "rnn": nn.RNNCell}
        self.cell: nn.RNNCellBase = cells[config.cell](config.hidden, config.hidden)

    def messages(self, states: torch.Tensor) -> torch.Tensor:
        """What nodes in these states say."""
        said: torch.Tensor = self.message_out(torch.relu(self.message(states)))
        return said

    def after(self, heard: torch.Tensor, before: State) -> State:
        """The states after messages were heard."""
        if isinstance(self.cell, nn.LSTMCell):
            found: State = self.cell(heard, before)
            return found
        return self.cell(heard, before[0]), before[1]


def propagate_any(
    states: torch.Tensor, stages: Sequence[Stage], config: GHNConfig, layers: Sequence[Layers]
) -> torch.Tensor:
    """As `propagate`, for every kind of cell, gathering, order and number of sets of parameters, by torch's autograd.

    In synchronous order all nodes hear their predecessors at once, then all their successors at once: a round costs as
    many messages as one there and back.
    """
    result: list[torch.Tensor] = []
    embeddings: list[torch.Tensor] = []
    device = states.device
    for index, stage in enumerate(stages):
        layer = layers[index % len(layers)]
        mine = states[stage.rows]
        if len(stage.receivers):
            given = torch.cat(embeddings)[_index(stage.givers, device)]
            mine = mine.index_add(0, _index(stage.receivers, device), given)
        now = mine, torch.zeros_like(mine)
        for update in _updates(stage.schedule, config):
            now = _updated(now, update, layer, config)
        result.append(now[0])
        nothing = mine.new_zeros(len(stage.schedule.share), mine.shape[1])
        segments = nothing.index_add(0, _index(stage.schedule.segment, device), now[0])
        embeddings.append(segments * torch.from_numpy(stage.schedule.share).to(mine))
    return torch.cat(result) if result else states


def _updates(schedule: Schedule, config: GHNConfig) -> Sequence[tuple[Update, ...]]:
    """The updates of all rounds; those in one tuple happen at once."""
    if config.order == "forward_backward":
        return [(update,) for update in schedule.updates] * config.rounds
    both = schedule.updates[: schedule.forward], schedule.updates[schedule.forward :]
    return [updates for updates in both if updates] * config.rounds


def _updated(now: State, updates: tuple[Update, ...], layer: Layers, config: GHNConfig) -> State:
    device = now[0].device
    nodes = _index(np.concatenate([_rows(update) for update in updates]), device)
    # Messages of those that are heard, not of all: else a level would cost as much as the whole graph.
    speakers, said_by = np.unique(np.concatenate([update.heard.rows for update in updates]), return_inverse=True)
    said = layer.messages(now[0][_index(speakers, device)])[_index(said_by, device)]
    counts = np.concatenate([_counts(update) for update in updates])
    hearers = _index(np.repeat(np.arange(len(nodes)), counts), device)
    heard = said.new_zeros(len(nodes), said.shape[1]).scatter_reduce(
        0, hearers[:, None].expand_as(said), said, _REDUCE[config.gather], include_self=False
    )
    after = layer.after(heard, (now[0][nodes], now[1][nodes]))
    states, memory = (old.index_copy(0, nodes, new) for old, new in zip(now, after, strict=True))
    return states, memory


def _rows(update: Update) -> Indices:
    rows = update.nodes
    return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows


def _counts(update: Update) -> Indices:
    """How many messages each node of an update hears."""
    starts = update.heard.starts
    return np.ones(len(update), np.intp) if starts is None else np.diff(starts, append=len(update.heard.rows))


def _index(rows: Indices, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(rows.astype(np.int64)).to(device)
