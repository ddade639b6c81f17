"""Graphs go in; the sizes of a hypernetwork that can make all their weights come out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from ghndsl.ghn.kinds import Block, block, kind
from ghndsl.ir import Graph


@dataclass(frozen=True)
class GHNConfig:
    """The sizes of a hypernetwork.

    `blocks` gives for each kind of weight the largest block its branch makes. `hidden` is the size of node states,
    `message` of the message MLP, `width` of the decoder; `rounds` counts the forward-backward passes. `shapes` shows
    nodes the sizes of their tensors, `hand_on` hands a segment's embedding to the next, `fused` makes one node of a
    chain of operators around a kernel.
    """

    blocks: Mapping[str, Block] = field(default_factory=dict[str, Block])
    hidden: int = 32
    message: int = 32
    rounds: int = 2
    width: int = 64
    shapes: bool = True
    hand_on: bool = True
    fused: bool = True

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
        sizes = (config.hidden, config.message, config.rounds, config.width, *sum(blocks.values(), ()))
        if not all(0 < size < 2**24 for size in sizes):
            raise ValueError("sizes must be positive")
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
