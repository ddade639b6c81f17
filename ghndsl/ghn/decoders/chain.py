"""States of nodes and the weights to make go in; the weights come out, by the decoders that the config names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import nn
from torch.nn import functional

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.weights import torch_type
from ghndsl.ghn.config import DecoderName, GHNConfig
from ghndsl.ghn.decoders.low_rank import LowRank
from ghndsl.ghn.decoders.slicing import Slicing
from ghndsl.ghn.decoders.targets import Decoding, Target, assembled, targets
from ghndsl.ghn.decoders.tiling import Tiling
from ghndsl.ghn.decoders.trunk import unit_linear
from ghndsl.ghn.plan import Plan
from ghndsl.ir import Graph
from ghndsl.ops import Weight
from ghndsl.types import show_shape

Made = list[dict[str, torch.Tensor]]


class OneDecoder(Protocol):
    """What a decoder is: a module made from a config, which says what it cannot make and makes the rest."""

    def __call__(self, config: GHNConfig) -> nn.Module:
        """A new one, with first parameters by torch's generator. Its `forward(nodes, plan, made)` adds the weights."""
        ...

    def refuses(self, config: GHNConfig, name: str, weight: Weight) -> str | None:
        """Why it cannot make a weight of a kind, or None when it can."""
        ...


DECODERS: Mapping[DecoderName, OneDecoder] = {"slice": Slicing, "tile": Tiling, "low_rank": LowRank}


def decoding(graphs: Sequence[Graph], plan: Plan, config: GHNConfig) -> Decoding:
    """What has to be made, and by which decoder: the first of the config's that can.

    Errors: G420 for weights that none can make.
    """
    found = targets(graphs, plan, config.separate, lambda name, weight: _chosen(config, name, weight))
    misfits = [target for target in found if not target.decoder]
    if misfits:
        notes = tuple(f"{target.path} {_why(config, target)}" for target in misfits[:4])
        message = f"the hypernetwork cannot make {len(misfits)} of the weights"
        help_ = "it makes weights as large as those it was made for: train one on a space that holds this network"
        raise CompileError(Diagnostic("G420", message, notes=notes, help=help_))
    return assembled(found)


def _chosen(config: GHNConfig, name: str, weight: Weight) -> str:
    able = (decoder for decoder in config.decoders if DECODERS[decoder].refuses(config, name, weight) is None)
    return next(able, "")


def _why(config: GHNConfig, target: Target) -> str:
    reason = DECODERS[config.decoders[-1]].refuses(config, target.kind, target.weight)
    return f"{show_shape(target.weight.shape)}: {reason}"


class Decoder(nn.Module):
    """The decoders of a config, one set for all segments unless it has several by turns."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        names = dict.fromkeys(config.decoders)
        # All sets of one decoder before those of the next: what the first draws does not depend on who follows.
        sets = {str(name): [DECODERS[name](config) for _ in range(config.separate)] for name in names}
        turns = range(config.separate)
        self.heads = nn.ModuleList(nn.ModuleDict({name: made[turn] for name, made in sets.items()}) for turn in turns)
        self.between = Between(config) if config.bottlenecks else None

    def forward(self, states: torch.Tensor, plan: Decoding, count: int, pairs: torch.Tensor) -> Made:
        """For each of `count` graphs the weights by path, in no particular order; `pairs` as in `Plan`."""
        made: Made = [{} for _ in range(count)]
        nodes = functional.layer_norm(states, states.shape[-1:])
        if self.between is not None:
            nodes = self.between(nodes, pairs.to(nodes.device))
        on_device = plan.to(states.device)
        for (turn, name), part in on_device.groups(lambda target: (target.turn, target.decoder)):
            head = self.heads[turn]
            assert isinstance(head, nn.ModuleDict)
            head[name](nodes, part, made)
        for target in plan.targets:
            weights = made[target.graph]
            weights[target.path] = _finished(weights[target.path], target.weight)
        return made


class Between(nn.Module):
    """What weights of bottlenecks are made from: the states of the nodes before and after, concatenated (Zhang et al.,
    ICLR 2019, appendix), and brought to the size of one."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.join = unit_linear(2 * config.hidden, config.hidden)

    def forward(self, nodes: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
        """`nodes` `[rows, hidden]` with a row behind them for each of the `pairs` `[bottlenecks, 2]`."""
        return torch.cat([nodes, self.join(nodes[pairs].flatten(1))])


def _finished(made: torch.Tensor, weight: Weight) -> torch.Tensor:
    if weight.zero_row is not None:
        made = made.index_fill(0, torch.tensor([weight.zero_row], device=made.device), 0.0)
    return made.to(torch_type(weight))
