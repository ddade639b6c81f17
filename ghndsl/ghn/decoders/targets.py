"""Graphs and the plan of their nodes go in; the weights that have to be made come out, equal ones together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple, TypeAlias, TypeVar

import torch

from ghndsl.ghn.averages import factors
from ghndsl.ghn.kinds import Block, block, kind
from ghndsl.ghn.plan import Plan
from ghndsl.ghn.residual import gains
from ghndsl.ghn.scaling import LEARNED, Scaling, scaling
from ghndsl.ir import Graph, Node
from ghndsl.ops import Weight

SLOTS = 16
"""How many weights of one node are told apart; further ones begin again."""

Key = TypeVar("Key")

Choose: TypeAlias = Callable[[str, Weight], str]
"""Says which decoder makes a weight of a kind."""


class Target(NamedTuple):
    """A weight to make: whose `turn` among sets of parameters it is, the decoder that makes it (none can: an empty
    name), its kind, how it is scaled, its shape as the branch of a kind makes it; then the weight itself, its graph and
    path, the row of the node it is made from, its number among that node's weights, the depth of the node (0 for what
    is cut from blocks), and its number among the weights of the graph that have all of kind, shape, slot and depth in
    common."""

    turn: int
    decoder: str
    kind: str
    scaling: Scaling
    part: Block
    weight: Weight
    graph: int
    path: str
    row: int
    slot: int
    depth: int
    twin: int

    @property
    def likeness(self) -> tuple[int, str, str, str, Block]:
        """What targets that are made together have in common."""
        return self.turn, self.decoder, self.kind, self.scaling.how, self.part


class Decoding(NamedTuple):
    """Targets sorted so that equal ones are neighbours; row, slot, depth, twin and deviation of each `[targets]`."""

    targets: tuple[Target, ...]
    rows: torch.Tensor
    slots: torch.Tensor
    depths: torch.Tensor
    twins: torch.Tensor
    deviations: torch.Tensor

    def to(self, device: torch.device) -> Decoding:
        """The same on a device."""
        return Decoding(self.targets, *(tensor.to(device) for tensor in self[1:]))

    def part(self, start: int, stop: int) -> Decoding:
        """Some neighbours."""
        return Decoding(self.targets[start:stop], *(tensor[start:stop] for tensor in self[1:]))

    def groups(self, key: Callable[[Target], Key], most: int | None = None) -> Iterator[tuple[Key, Decoding]]:
        """The runs of neighbours with one key, in parts of at most `most`."""
        start = 0
        for name, same in groupby(self.targets, key=key):
            stop = start + sum(1 for _ in same)
            step = most or stop - start
            for first in range(start, stop, step):
                yield name, self.part(first, min(first + step, stop))
            start = stop


def targets(graphs: Sequence[Graph], plan: Plan, separate: int, choose: Choose) -> list[Target]:
    """The trainable weights of graphs, like ones together; one that nodes share is made from the first of them."""
    found: dict[tuple[int, str], Target] = {}
    twins: Counter[tuple[int, str, Block, int, int]] = Counter()
    turns = [index % separate for index, stage in enumerate(plan.stages) for _ in range(*stage.rows.indices(2**62))]
    turns += [turns[last] for _, last in plan.pairs.tolist()]
    for index, graph in enumerate(graphs):
        around = _Around(graph)
        for node in graph.nodes:
            row, first = plan.places[index][node]
            for slot, weight in enumerate(node.weights, start=first):
                key = index, node.weight_path(weight)
                if weight.trainable and key not in found:
                    alike = _alike(node, weight, choose, around)
                    place = slot % SLOTS, 0 if alike[0] == "slice" else around.depths[node]
                    likeness = index, alike[1], weight.shape, *place
                    found[key] = Target(turns[row], *alike, weight, *key, row, *place, twins[likeness])
                    twins[likeness] += 1
    return sorted(found.values(), key=lambda target: target.likeness)


class _Around:
    """What is asked of a graph only for weights that are not cut from blocks: many graphs have no others."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def gains(self) -> Mapping[str, float]:
        """By how much weights are made larger or smaller for where they stand, by path."""
        smaller = gains(self.graph)
        return {**smaller, **{path: one * smaller.get(path, 1.0) for path, one in factors(self.graph).items()}}

    @cached_property
    def depths(self) -> Mapping[Node, int]:
        """The depth of each node."""
        return depths(self.graph)


def _alike(node: Node, weight: Weight, choose: Choose, around: _Around) -> tuple[str, str, Scaling, Block]:
    """The decoder, the kind, the scaling and the part of a target.

    What is cut from blocks has no gain: its size is learned on the space that the blocks were fitted to.
    """
    name = kind(node.op, weight)
    decoder, part = choose(name, weight), block(name, weight)
    if decoder == "slice":
        return decoder, name, scaling(name, weight), part
    gain = around.gains.get(node.weight_path(weight), 1.0)
    return decoder, name, scaling(name, weight, gain, LEARNED), part


def depths(graph: Graph) -> dict[Node, int]:
    """How many nodes with weights lie before each node on the longest way to it from an input of the graph.

    What no input leads to, as learned tensors, stands where the first node is that takes it with what one does.
    """
    after = {port.value.id: 0 for port in graph.arguments}
    found: dict[Node, int] = {}
    for node in graph.nodes:
        before = [after[value.id] for value in node.inputs if value.id in after]
        found[node] = max(before, default=0)
        if before:
            after |= dict.fromkeys((value.id for value in node.results), found[node] + bool(node.weights))
    taken: dict[int, int] = {}
    for node in reversed(graph.nodes):
        if node.results[0].id not in after:
            found[node] = min((taken[value.id] for value in node.results if value.id in taken), default=0)
        for value in node.inputs:
            taken[value.id] = min(taken.get(value.id, found[node]), found[node])
    return found


def assembled(targets: Sequence[Target]) -> Decoding:
    """The tensors of sorted targets."""
    rows = torch.tensor([target.row for target in targets], dtype=torch.long)
    slots = torch.tensor([target.slot for target in targets], dtype=torch.long)
    depths = torch.tensor([target.depth for target in targets], dtype=torch.long)
    twins = torch.tensor([target.twin for target in targets], dtype=torch.long)
    deviations = torch.tensor([target.scaling.deviation for target in targets])
    return Decoding(tuple(targets), rows, slots, depths, twins, deviations)
