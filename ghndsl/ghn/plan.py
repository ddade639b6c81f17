"""Graphs go in; the index tensors by which a hypernetwork computes all their node states at once come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain

import numpy as np
import torch

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.features import Rows, input_rows, unit_rows
from ghndsl.ghn.schedule import Schedule, schedule
from ghndsl.ghn.segments import Segment, cut
from ghndsl.ghn.standing import Standing
from ghndsl.ghn.tokens import Tokens, tokens
from ghndsl.ghn.units import Unit
from ghndsl.ghn.updates import Indices
from ghndsl.ir import Graph, Node


@dataclass(frozen=True, eq=False)
class Stage:
    """Segments that do not need each other, from any of the graphs: their rows, and numbers through all stages.

    `receivers` are virtual nodes, as rows of the stage, that take the embedding of an earlier segment, `givers` the
    numbers of those.
    """

    rows: slice
    segments: slice
    schedule: Schedule
    receivers: Indices
    givers: Indices


@dataclass(frozen=True, eq=False)
class Plan:
    """The rows of all stages one after another: `features[starts[i]:starts[i + 1]]` describe the i-th.

    `places` gives for each graph the row of each of its nodes, and how many weights its unit has before it.
    `tokens` is what a transformer (`ghn3`) is told of each graph that has nodes. `pairs` `[bottlenecks, 2]` are rows of
    the nodes before and after each bottleneck: those have the rows behind the last of the nodes.
    """

    features: torch.Tensor
    starts: torch.Tensor
    stages: tuple[Stage, ...]
    places: tuple[dict[Node, tuple[int, int]], ...]
    tokens: tuple[Tokens, ...] = ()
    pairs: torch.Tensor = field(default_factory=lambda: torch.empty(0, 2, dtype=torch.long))


def plan(graphs: Sequence[Graph], config: GHNConfig) -> Plan:
    """The plan for graphs together; a stage holds, of each of them, the segments at one depth.

    Only the encoder `gru` sees a graph cut in segments: others read it whole, in one stage.
    """
    by_depth: dict[int, list[_Member]] = {}
    for index, graph in enumerate(graphs):
        stacked, narrow = config.encoder == "gru", config.bottlenecks
        for number, segment in enumerate(cut(graph, fused=config.fused, stacked=stacked, bottlenecks=narrow)):
            by_depth.setdefault(segment.depth, []).append(_Member(index, number, segment))
    standing = tuple(map(Standing, graphs)) if config.exits else ()
    making = _Making(config, tuple({} for _ in graphs), standing)
    stages = tuple(making.stage(members) for _, members in sorted(by_depth.items()))
    starts = torch.tensor([0, *accumulate(map(len, making.features))][:-1], dtype=torch.long)
    features = torch.from_numpy(np.fromiter(chain.from_iterable(making.features), np.int64))
    for row, (number, unit, _) in enumerate(making.bottlenecks, start=len(making.features)):
        making.place(number, unit, row)
    pairs = torch.tensor([ends for *_, ends in making.bottlenecks], dtype=torch.long).view(-1, 2)
    return Plan(features, starts, stages, making.places, tuple(making.tokens), pairs)


@dataclass(frozen=True)
class _Member:
    """A segment, with the index of its graph and its own in it."""

    graph: int
    number: int
    segment: Segment


@dataclass
class _Making:
    """A plan in the making: the features of its rows, the places of nodes, the numbers of segments done."""

    config: GHNConfig
    places: tuple[dict[Node, tuple[int, int]], ...]
    standing: tuple[Standing, ...] = ()
    features: list[Rows] = field(default_factory=list[Rows])
    done: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    tokens: list[Tokens] = field(default_factory=list[Tokens])
    bottlenecks: list[tuple[int, Unit, tuple[int, int]]] = field(
        default_factory=list[tuple[int, Unit, tuple[int, int]]]
    )
    known: dict[tuple[int, ...], Rows] = field(default_factory=dict[tuple[int, ...], Rows])

    def stage(self, members: Sequence[_Member]) -> Stage:
        """The next stage; its rows follow those there are."""
        reach = self.config.reach if self.config.encoder == "ghn2" else None
        order = schedule(tuple(member.segment.structure for member in members), reach)
        row_of = [0] * len(order.order)
        for row, node in enumerate(order.order):
            row_of[node] = row
        table: list[Rows] = [()] * len(row_of)
        handed: list[tuple[int, int]] = []
        start = 0
        for member in members:
            own = row_of[start : start + member.segment.size]
            handed += self._fill(table, member, own)
            start += len(own)
        rows = slice(len(self.features), len(self.features) + len(table))
        segments = slice(len(self.done), len(self.done) + len(members))
        self.features += table
        self.done |= {(m.graph, m.number): len(self.done) + i for i, m in enumerate(members)}
        receivers, givers = np.array(handed, np.intp).reshape(-1, 2).T
        return Stage(rows, segments, order, receivers, givers)

    def _fill(self, table: list[Rows], member: _Member, own: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Describes a segment in its own rows of the stage, and tells which of them take from which segment."""
        segment, config = member.segment, self.config
        count = len(segment.inputs)
        for row, value, source in zip(own[:count], segment.inputs, segment.sources, strict=True):
            scale = self.standing[member.graph].scale(value.type) if self.standing else ()
            table[row] = (*input_rows(value.type, shapes=config.shapes), *scale)
            if source is not None and config.hand_on:
                yield row, self.done[member.graph, source]
        for row, unit in zip(own[count:], segment.units, strict=True):
            stands = self.standing[member.graph].rows(unit) if self.standing else ()
            table[row] = (*self._rows(unit), *stands)
            self.place(member.graph, unit, len(self.features) + row)
        for unit, *ends in segment.bottlenecks:
            first, last = (len(self.features) + own[end] for end in ends)
            self.bottlenecks.append((member.graph, unit, (first, last)))
        if config.encoder == "ghn3":
            self.tokens.append(tokens(segment.structure, count, own, config.reach))

    def _rows(self, unit: Unit) -> Rows:
        """The features of a unit, computed once for units whose nodes share operators and types."""
        # By identity: the graphs hold them for as long as the plan is made, and to compare them takes longer.
        key = tuple([id(part) for node in unit for part in (node.op, node.input_types)])
        if key not in self.known:
            self.known[key] = unit_rows(unit, shapes=self.config.shapes)
        return self.known[key]

    def place(self, graph: int, unit: Unit, row: int) -> None:
        """Notes the row of a unit's nodes, and how many weights the unit has before each."""
        before = 0
        for node in unit:
            self.places[graph][node] = row, before
            before += len(node.weights)
