"""Graphs go in; the sizes of a hypernetwork that can make all their weights come out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias, get_args

from ghndsl.ghn.kinds import Block, block, kind
from ghndsl.ir import Graph

Cell: TypeAlias = Literal["gru", "lstm", "rnn"]
Gather: TypeAlias = Literal["sum", "mean", "max"]
Order: TypeAlias = Literal["forward_backward", "synchronous"]


@dataclass(frozen=True)
class GHNConfig:
    """The sizes of a hypernetwork.

    `blocks` gives for each kind of weight the largest block its branch makes. `hidden` is the size of node states,
    `message` of the message MLP, `width` of the decoder; `rounds` counts the forward-backward passes. `shapes` shows
    nodes the sizes of their tensors, `hand_on` hands a segment's embedding to the next, `fused` makes one node of a
    chain of operators around a kernel.

    What the paper leaves open or compares: `cell` updates a node's state, `gather` joins the messages it hears, `order`
    says who speaks when, `depth` counts the layers of the decoder before its branches, `separate` the sets of
    parameters that segments use by turns (one: all share it).
    """

    blocks: Mapping[str, Block] = field(default_factory=dict[str, Block])
    hidden: int = 32
    message: int = 32
    rounds: int = 2
    width: int = 64
    shapes: bool = True
    hand_on: bool = True
    fused: bool = True
    cell: Cell = "gru"
    gather: Gather = "sum"
    order: Order = "forward_backward"
    depth: int = 2
    separate: int = 1

    def to_json(self) -> str:
        """The config as text."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> GHNConfig:
        """The config from text; raises ValueError or TypeError for anything else.

        >>> GHNConfig.from_json(GHNConfig({"bias": (8,)}, rounds=3).to_json())  # doctest: +ELLIPSIS
        GHNConfig(blocks={'bias': (8,)}, hidden=32, message=32, rounds=3, width=64, ...)
        """
        values = json.loads(text)
        blocks = {str(name): tuple(map(int, sizes)) for name, sizes in values.pop("blocks").items()}
        config = GHNConfig(blocks=blocks, **values)
        sizes = (config.hidden, config.message, config.rounds + 1, config.width, config.depth, config.separate)
        if not all(0 < size < 2**24 for size in (*sizes, *sum(blocks.values(), ()))):
            raise ValueError("sizes must be positive")
        kinds = ((config.cell, Cell), (config.gather, Gather), (config.order, Order))
        if not all(value in get_args(kind) for value, kind in kinds):
            raise ValueError("an unknown kind")
        return config


def fit(graphs: Iterable[Graph]) -> dict[str, Block]:
    """The smallest blocks from which every weight of the graphs can be cut, by kind."""
    blocks: dict[str, Block] = {}
    for graph in graphs:
        for node in graph.nodes:
            for weight in node.weights:
                if weight.trainable:
                    name = kind(node.op, weight)
                    sizes = block(name, weight)
                    old = blocks.get(name, (0,) * len(sizes))
                    blocks[name] = tuple(map(max, old, sizes))
    return dict(sorted(blocks.items()))
