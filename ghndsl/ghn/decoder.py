"""Node states go in; every weight of the graphs they belong to comes out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.kinds import Block, block, deviation, kind, window
from ghndsl.ghn.plan import Plan
from ghndsl.ir import Graph
from ghndsl.ops import Role
from ghndsl.types import show_shape

SLOTS = 16
"""How many weights of one node are told apart; further ones begin again."""


class Target(NamedTuple):
    """A weight to make: whose `turn` among sets of parameters it is, its graph, path, shape, and the row of the node it
    is made from. `zero_row` is a row of it that is zeros, as the padding of an embedding is."""

    turn: int
    kind: str
    part: Block
    deviation: float
    graph: int
    path: str
    shape: tuple[int, ...]
    role: Role
    row: int
    slot: int
    zero_row: int | None = None


class Decoding(NamedTuple):
    """Targets sorted so that equal ones are neighbours, with the row, the slot and the deviation of each."""

    targets: tuple[Target, ...]
    rows: torch.Tensor
    slots: torch.Tensor
    deviations: torch.Tensor


def decoding(graphs: Sequence[Graph], plan: Plan, blocks: dict[str, Block], separate: int = 1) -> Decoding:
    """What has to be made. A weight that several nodes share is made from the first of them.

    Errors: G420 for weights for which there is no branch, or that are larger than what it makes.
    """
    found: dict[tuple[int, str], Target] = {}
    turns = [index % separate for index, stage in enumerate(plan.stages) for _ in range(*stage.rows.indices(2**62))]
    for index, graph in enumerate(graphs):
        for node in graph.nodes:
            row, first = plan.places[index][node]
            for slot, weight in enumerate(node.weights, start=first):
                key = index, node.weight_path(weight)
                if weight.trainable and key not in found:
                    name = kind(node.op, weight)
                    part = block(name, weight)
                    scale = deviation(name, weight)
                    turn, number, zero = turns[row], slot % SLOTS, weight.zero_row
                    shape = weight.shape
                    found[key] = Target(turn, name, part, scale, *key, shape, weight.role, row, number, zero)
    targets = sorted(found.values(), key=lambda target: target[:3])
    _refuse_misfits(targets, blocks)
    rows = torch.tensor([target.row for target in targets], dtype=torch.long)
    slots = torch.tensor([target.slot for target in targets], dtype=torch.long)
    return Decoding(tuple(targets), rows, slots, torch.tensor([target.deviation for target in targets]))


def _refuse_misfits(targets: Sequence[Target], blocks: dict[str, Block]) -> None:
    faults: list[str] = []
    for target in targets:
        whole = blocks.get(target.kind)
        if whole is None:
            faults.append(f"{target.path} {show_shape(target.shape)}: there is no branch for {target.kind} weights")
        elif any(map(int.__gt__, target.part, whole)):
            faults.append(f"{target.path} {show_shape(target.shape)}: at most {show_shape(whole)} ({target.kind})")
    if faults:
        message = f"the hypernetwork cannot make {len(faults)} of the weights"
        help_ = "it makes weights as large as those it was made for; train one on a space that holds this network"
        raise CompileError(Diagnostic("G420", message, notes=tuple(faults[:4]), help=help_))


class Decoder(nn.Module):
    """The hypernetwork H, one for all segments unless the config has several by turns."""

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.blocks = dict(config.blocks)
        self.heads = nn.ModuleList(Head(config) for _ in range(config.separate))

    def forward(self, states: torch.Tensor, plan: Decoding, count: int) -> list[dict[str, torch.Tensor]]:
        """For each of `count` graphs the weights by path, in no particular order."""
        made: list[dict[str, torch.Tensor]] = [{} for _ in range(count)]
        nodes = functional.layer_norm(states, states.shape[-1:])
        start = 0
        for turn, same in groupby(plan.targets, key=lambda target: target.turn):
            targets = list(same)
            part = slice(start, start + len(targets))
            self.heads[turn](nodes, Decoding(tuple(targets), *(x[part] for x in plan[1:])), made)
            start = part.stop
        return made


class Head(nn.Module):
    """The hypernetwork H: an MLP (two layers in the paper) shared by all nodes, and a branch for each kind of weight.

    A branch makes the largest block of its kind, for all nodes in one product; smaller weights are cut from it. What
    leaves it has about unit variance at the start, and is scaled: kernels by fan-in, so that activations begin near
    unit scale too; scales of normalisation are 2 sigmoid(x / 2), shifts and biases tanh(x / 5), as in GHN-2.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.blocks = dict(config.blocks)
        self.slots = nn.Embedding(SLOTS, config.hidden)
        sizes = [config.hidden, *[config.width] * config.depth]
        layers = [(nn.Linear(before, after), nn.ReLU()) for before, after in pairwise(sizes)]
        self.trunk = nn.Sequential(*(part for layer in layers for part in layer))
        self.branches = nn.ModuleDict({name: _branch(config.width, sizes) for name, sizes in self.blocks.items()})

    def forward(self, nodes: torch.Tensor, plan: Decoding, made: list[dict[str, torch.Tensor]]) -> None:
        """Adds the weights by path to those of each graph."""
        hidden = self.trunk(nodes.index_select(0, plan.rows) + self.slots(plan.slots))
        hidden = functional.rms_norm(hidden, hidden.shape[-1:])
        start = 0
        for name, same in groupby(plan.targets, key=lambda target: target.kind):
            targets = list(same)
            stop = start + len(targets)
            values = self.branches[name](hidden[start:stop])
            _cut(_scaled(values, targets[0].role, plan.deviations[start:stop]), targets, self.blocks[name], made)
            start = stop


def _cut(values: torch.Tensor, targets: list[Target], whole: Block, made: list[dict[str, torch.Tensor]]) -> None:
    """The weights of one kind from blocks `[targets, numel]`, equal shapes together."""
    blocks = values.view(-1, *whole)
    start = 0
    for part, same in groupby(targets, key=lambda target: target.part):
        group = list(same)
        weights = blocks[start : start + len(group)]
        if part != whole:
            weights = weights[(slice(None), *window(group[0].kind, whole, part))]
        for target, weight in zip(group, weights.unbind(0), strict=True):
            shaped = weight if part == target.shape else weight.view(target.shape)
            made[target.graph][target.path] = _padded(shaped, target.zero_row)
        start += len(group)


def _padded(weight: torch.Tensor, row: int | None) -> torch.Tensor:
    return weight if row is None else weight.index_fill(0, torch.tensor([row], device=weight.device), 0.0)


def _branch(width: int, sizes: Block) -> nn.Linear:
    layer = nn.Linear(width, torch.Size(sizes).numel())
    nn.init.normal_(layer.weight, std=width**-0.5)
    nn.init.zeros_(layer.bias)
    return layer


def _scaled(values: torch.Tensor, role: Role, deviations: torch.Tensor) -> torch.Tensor:
    if role in (Role.KERNEL, Role.EMBEDDING, Role.PARAMETER):
        return values * deviations[:, None]
    if role is Role.SCALE:
        return 2 * torch.sigmoid(0.5 * values)
    return torch.tanh(0.2 * values)
