"""Graphs go in; the sizes of a hypernetwork that can make all their weights come out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias, get_args

from ghndsl.ghn.kinds import Block, block, kind
from ghndsl.ir import Graph

Cell: TypeAlias = Literal["gru", "lstm", "rnn"]
Gather: TypeAlias = Literal["sum", "mean", "max"]
Order: TypeAlias = Literal["forward_backward", "synchronous"]
EncoderName: TypeAlias = Literal["gru", "ghn2", "ghn3"]
DecoderName: TypeAlias = Literal["slice", "tile", "low_rank"]


@dataclass(frozen=True)
class GHNConfig:
    """The sizes of a hypernetwork.

    `encoder` reads the graph: the paper's GRU along the order of the nodes (`gru`), the same with virtual edges
    (`ghn2`), a graph transformer (`ghn3`). `decoders` make the weights: each weight is made by the first of them that
    can. `blocks` gives for each kind of weight the largest block that the branch of `slice` makes. `hidden` is the size
    of node states, `message` of the message MLP, `width` of the decoder, `rank` that of what `low_rank` multiplies;
    `rounds` counts the forward-backward passes. `shapes` shows nodes the sizes of their tensors, `hand_on` hands a
    segment's embedding to the next, `fused` makes one node of a chain of operators around a kernel.

    What the paper leaves open or compares: `cell` updates a node's state, `gather` joins the messages it hears, `order`
    says who speaks when, `depth` counts the layers of the decoder before its branches, `separate` the sets of
    parameters that segments use by turns (one: all share it). `reach` is the longest path that becomes a virtual edge
    of `ghn2`; `layers` and `heads` are the transformer's. `exits` is for networks that may stop early: nodes know their
    scale and their exits, and a bottleneck, a pointwise convolution between two of the nodes, is no node but has
    weights made from both (appendix of the paper; for `fused` nodes).
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
    encoder: EncoderName = "gru"
    decoders: tuple[DecoderName, ...] = ("slice", "low_rank")
    rank: int = 32
    reach: int = 50
    layers: int = 3
    heads: int = 8
    exits: bool = False

    @property
    def bottlenecks(self) -> bool:
        """Whether a pointwise convolution between two nodes is an edge."""
        return self.exits and self.fused

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
        return GHNConfig(blocks=blocks, decoders=tuple(values.pop("decoders")), **values)

    def __post_init__(self) -> None:
        """Raises ValueError for sizes that are none, kinds that there are not, and what the encoder does not offer."""
        names = ("hidden", "message", "width", "depth", "separate", "rank", "reach", "layers", "heads")
        sizes = {"rounds": (self.rounds + 1,), **{name: (getattr(self, name),) for name in names}}
        for name, values in {**sizes, **self.blocks}.items():
            if not all(isinstance(size, int) and 0 < size < 2**24 for size in values):
                raise ValueError(f"`{name}` must be of positive whole numbers")
        for name in ("shapes", "hand_on", "fused", "exits"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"`{name}` must be true or false")
        kinds = {"cell": Cell, "gather": Gather, "order": Order, "encoder": EncoderName}
        for name, known in kinds.items():
            _check_kind(name, getattr(self, name), get_args(known))
        for value in self.decoders or ("",):
            _check_kind("decoders", value, get_args(DecoderName))
        self._check_encoder()

    def _check_encoder(self) -> None:
        paper = (self.cell, self.gather, self.order, self.separate) == ("gru", "sum", "forward_backward", 1)
        if self.encoder != "gru" and not paper:
            raise ValueError("`cell`, `gather`, `order` and `separate` are choices of the encoder `gru`")
        if self.encoder == "ghn3" and self.hidden % self.heads:
            raise ValueError("`heads` must divide `hidden`")


def _check_kind(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"`{name}` knows {', '.join(known)}, and not `{value}`")


LARGEST = 2**16
"""Numbers of a block that `slice` makes: a branch holds `width` times as many parameters."""


def fit(graphs: Iterable[Graph], largest: int = LARGEST) -> dict[str, Block]:
    """The smallest blocks from which the weights of the graphs can be cut, by kind.

    What would make a block larger than `largest` numbers is left out, the largest weights first: other decoders make
    wide layers from less.
    """
    found: dict[str, set[Block]] = {}
    for graph in graphs:
        for node in graph.nodes:
            for weight in node.weights:
                if weight.trainable:
                    name = kind(node.op, weight)
                    found.setdefault(name, set()).add(block(name, weight))
    return {name: whole for name, seen in sorted(found.items()) if (whole := _joint(seen, largest))}


def _joint(seen: Iterable[Block], largest: int) -> Block:
    """The smallest block that holds as many of the blocks as fit, or () when none does."""
    whole: Block = ()
    for part in sorted(seen, key=lambda sizes: (math.prod(sizes), sizes)):
        joint = tuple(map(max, whole or part, part))
        if math.prod(joint) <= largest:
            whole = joint
    return whole
