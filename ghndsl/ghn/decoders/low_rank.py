"""States of nodes go in; weights of any shape, products of thin matrices, come out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TypeAlias

import torch
from torch import nn
from torch.nn import functional

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.decoders.axes import Axes, axes
from ghndsl.ghn.decoders.codes import Codes
from ghndsl.ghn.decoders.product import Room
from ghndsl.ghn.decoders.targets import Decoding, Target
from ghndsl.ghn.decoders.trunk import Trunk, unit_linear
from ghndsl.ghn.scaling import scaled
from ghndsl.ops import Weight

Pair: TypeAlias = tuple[torch.Tensor, torch.Tensor]

Shapes: TypeAlias = Iterator[tuple[tuple[Target, ...], torch.Tensor]]
"""Targets of one shape at a time, and their weights `[targets, ...]`."""

FAMILIES = (
    "kernel",
    "linear",
    "pointwise",
    "conv",
    "grouped",
    "transposed",
    "embedding",
    "parameter",
    "bias",
    "scale",
    "shift",
)
"""What is made, in the order of its codes: kinds without their rank. Append; never insert, remove or reorder."""

_CAPACITY = 32
"""How many families there may be."""
_ROWS = 512
"""How many channels have codes of their own."""
_PLACES = 256
"""How many places of a kernel have codes of their own, counted from the middle outwards."""
_DEPTHS = 64
"""How many depths of the graph have codes of their own."""
_TWINS = 16
"""How many weights that nothing else tells apart have codes of their own."""
_OWN = 0.3
"""How much of what a weight is made from is its own for its depth. More parts equal layers further, and learns slower
what they have in common: of .15, .3, .5 and 1, this learned fastest."""
_TOGETHER = 128
"""How many weights are made at once, which bounds the memory of networks with thousands of small ones."""


class LowRank(nn.Module):
    """Each weight is a sum of `rank` outer products, as in LoGAH (arXiv 2405.16287): with channels o and i and place s

        W[o, i, s] = sum_r A[o, r] B[i, r] S[s, r],

    of which the part that all places of a kernel share, and that which all weights of an o share, are made as large as
    they are among independent weights: layers answer what changes little from place to place, and what a ReLU has
    passed, which is all positive, at their size. A, B and S are learned codes of channels and places times matrices
    made from the node's state. There is one branch for all, told by an embedding what it makes, and a part of what it
    makes that from is its own for each depth in the graph and for each of those alike at one depth: any kind of weight
    of any shape can be made, no width is a bound, no part is a copy of another, and equal layers do not get equal
    weights.

    What it makes has exactly the size that it is scaled to, but for learned factors from 0 to 2 of the whole and of
    both parts, which begin at 1: root mean squares follow from products of `rank` x `rank` matrices. Weights with one
    axis are the codes of their places times one vector, and of about that size.
    """

    def __init__(self, config: GHNConfig) -> None:
        super().__init__()
        self.rank = config.rank
        self.family = nn.Embedding(_CAPACITY, config.hidden)
        self.trunk = Trunk(config)
        self.depths, self.twins = Codes(_DEPTHS, config.width), Codes(_TWINS, config.width)
        size = 4 * config.rank
        self.rows, self.columns = Codes(_ROWS, size), Codes(_ROWS, size)
        self.places = Codes(_PLACES, config.rank)
        self.row_factor = unit_linear(config.width, size * config.rank)
        self.column_factor = unit_linear(config.width, size * config.rank)
        self.place_factor = unit_linear(config.width, config.rank * config.rank)
        self.vector = unit_linear(config.width, size)
        self.sizes = nn.Linear(config.width, 3)
        nn.init.zeros_(self.sizes.weight)
        nn.init.zeros_(self.sizes.bias)

    @staticmethod
    def refuses(config: GHNConfig, name: str, weight: Weight) -> str | None:
        """Nothing whose family has a code."""
        return None if family(name) in FAMILIES else f"there is no code for {name} weights"

    def forward(self, nodes: torch.Tensor, plan: Decoding, made: list[dict[str, torch.Tensor]]) -> None:
        """Adds the weights by path to those of each graph."""
        seen = [axes(target.kind, target.weight) for target in plan.targets]
        deep = self.depths(1 + max(target.depth for target in plan.targets))
        alike = functional.pad(self.twins(max(target.twin for target in plan.targets)), (0, 0, 1, 0))
        codes = (
            _shared(self.rows(max(along.rows for along in seen))),
            _shared(self.columns(max(along.columns for along in seen))),
        )
        room = Room(_wide(plan), nodes)
        for (name, how, flat), part in plan.groups(_kind, _TOGETHER):
            place = 1 + _OWN * (deep.index_select(0, part.depths) + alike.index_select(0, part.twins))
            hidden = self.trunk(nodes, part, self.family.weight[FAMILIES.index(family(name))]) * place
            hidden = functional.rms_norm(hidden, hidden.shape[-1:])
            whole = self._vectors(hidden, part, codes, how) if flat else self._matrices(hidden, part, codes, how, room)
            for targets, weights in whole:
                for target, weight in zip(targets, weights.unbind(0), strict=True):
                    made[target.graph][target.path] = weight.view(target.weight.shape)

    def _vectors(self, hidden: torch.Tensor, plan: Decoding, codes: Pair, how: str) -> Shapes:
        """Weights of one axis, scaled, equal shapes together `[targets, rows]`; before, of about unit variance."""
        made, start = self.vector(hidden), 0
        for along, part in plan.groups(_axes):
            stop = start + len(part.targets)
            yield part.targets, scaled(made[start:stop] @ codes[0][: along.rows].t(), how, part.deviations)
            start = stop

    def _matrices(self, hidden: torch.Tensor, plan: Decoding, codes: Pair, how: str, room: Room) -> Shapes:
        """Weights of several axes, scaled, equal shapes together `[targets, rows, columns * places]`."""
        mixing = self._mixing(self.row_factor, hidden), self._mixing(self.column_factor, hidden)
        sizes, start = 2 * torch.sigmoid(self.sizes(hidden)), 0
        # Where it is a factor, the deviation is one of the thin matrices, not of the wide one.
        whole = sizes[:, 0] * plan.deviations if how == "spread" else sizes[:, 0]
        for along, part in plan.groups(_axes):
            some = slice(start, start + len(part.targets))
            rows = _factor(mixing[0][some], codes[0][: along.rows])
            columns = _factor(mixing[1][some], codes[1][: along.columns])
            places = None
            if along.rest:
                both = _gram(rows) * _gram(columns)
                places = _even(both, self._places(hidden[some], along.rest), sizes[some, 1])
            thin = _levelled(rows, columns, places, whole[some], sizes[some, 2])
            is_made = how == "spread"
            yield part.targets, room.product(*thin) if is_made else scaled(torch.bmm(*thin), how, part.deviations)
            start = some.stop

    def _places(self, hidden: torch.Tensor, sizes: tuple[int, ...]) -> torch.Tensor:
        """`[targets, rank, places]`."""
        return _factor(self._mixing(self.place_factor, hidden), _shared(self.places.grid(sizes)))

    def _mixing(self, layer: nn.Module, hidden: torch.Tensor) -> torch.Tensor:
        """`[targets, rank, size of codes]`."""
        mixed: torch.Tensor = layer(hidden)
        return mixed.view(len(hidden), -1, self.rank).transpose(1, 2).contiguous()


def _shared(codes: torch.Tensor) -> torch.Tensor:
    """Codes over the root of their size, so that what mixes them with unit variance has that."""
    return codes / math.sqrt(codes.shape[1])


def _factor(mixing: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """`[targets, rank, len(codes)]`."""
    return (mixing.flatten(0, 1) @ codes.t()).view(*mixing.shape[:2], -1)


def _even(both: torch.Tensor, places: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """The thin matrix of places `[targets, rank, places]`, so that of the squares of the product what is the same at
    all places has one part of as many as there are, times `share` squared `[targets]`. `both` `[targets, rank, rank]`
    are the products of the other thin matrices with themselves."""
    count, mean = places.shape[2], places.mean(2, keepdim=True)
    rest = places - mean
    same = count * (both * _gram(mean)).sum((1, 2))
    other = (both * _gram(rest)).sum((1, 2))
    total = (same + other) / count
    even = (total / same.clamp_min(1e-12)).sqrt() * share
    changing = ((count - 1) * total / other.clamp_min(1e-12)).sqrt()
    return rest * changing[:, None, None] + mean * even[:, None, None]


def _levelled(
    rows: torch.Tensor,
    columns: torch.Tensor,
    places: torch.Tensor | None,
    size: torch.Tensor,
    part: torch.Tensor,
) -> Pair:
    """Two thin matrices of three `[targets, rank, ...]`. Their product has the root mean square `size` `[targets]`, and
    answers to equal inputs have that times the root of the number of inputs, as those of independent weights, times
    `part` `[targets]`; the whole keeps its size."""
    squares, mean = _gram(rows) * _gram(columns), columns.mean(2)
    count, inputs = rows.shape[2], columns.shape[2]
    if places is not None:
        squares, mean = squares * _gram(places), mean * places.mean(2)
        inputs *= places.shape[2]
    level = (inputs * torch.bmm(mean[:, None], rows).square().sum((1, 2))).clamp_min(1e-12)
    # Of the squares, what is the same along a row takes one part of `inputs`, what differs the others.
    left = (inputs - part.square()).clamp_min(0)
    factor = (count * left / (squares.sum((1, 2)) - level).clamp_min(1e-12)).sqrt() * size
    share = (count / level).sqrt() * size * part
    shift, columns = (mean * (share - factor)[:, None])[..., None], columns * factor[:, None, None]
    if places is None:
        return rows.transpose(1, 2), columns + shift
    thin = torch.addcmul(shift[..., None], columns[..., None], places[:, :, None])
    return rows.transpose(1, 2), thin.flatten(2)


def _wide(plan: Decoding) -> list[int]:
    """How many numbers each product holds that is a weight as it is made."""
    return [math.prod(target.weight.shape) for target in plan.targets if target.scaling.how == "spread"]


def family(name: str) -> str:
    """A kind without its rank.

    >>> family("grouped2d"), family("parameter3"), family("bias")
    ('grouped', 'parameter', 'bias')
    """
    return re.sub(r"\d+d?$", "", name)


def _gram(factor: torch.Tensor) -> torch.Tensor:
    return torch.bmm(factor, factor.transpose(1, 2))


def _kind(target: Target) -> tuple[str, str, bool]:
    """The kind, how it is scaled, and whether it has one axis."""
    return target.kind, target.scaling.how, _axes(target)[1:] == (1, ())


def _axes(target: Target) -> Axes:
    return axes(target.kind, target.weight)
