"""Graphs go in; the index tensors by which a hypernetwork computes all their node states at once come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import torch

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.features import Rows, input_rows, unit_rows
from ghndsl.ghn.schedule import Indices, Schedule, schedule
from ghndsl.ghn.segments import Segment, cut
from ghndsl.ghn.units import Unit
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
    """

    features: torch.Tensor
    starts: torch.Tensor
    stages: tuple[Stage, ...]
    places: tuple[dict[Node, tuple[int, int]], ...]


def plan(graphs: Sequence[Graph], config: GHNConfig) -> Plan:
    """The plan for graphs together; a stage holds, of each of them, the segments at one depth."""
    by_depth: dict[int, list[_Member]] = {}
    for index, graph in enumerate(graphs):
        for number, segment in enumerate(cut(graph, fused=config.fused)):
            by_depth.setdefault(segment.depth, []).append(_Member(index, number, segment))
    making = _Making(config, tuple({} for _ in graphs))
    stages = tuple(making.stage(members) for _, members in sorted(by_depth.items()))
    starts = list(accumulate(map(len, making.features), initial=0))[:-1]
    features = torch.tensor([row for rows in making.features for row in rows], dtype=torch.long)
    return Plan(features, torch.tensor(starts), stages, making.places)


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
    features: list[Rows] = field(default_factory=list[Rows])
    done: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])

    def stage(self, members: Sequence[_Member]) -> Stage:
        """The next stage; its rows follow those there are."""
        order = schedule(tuple((member.segment.size, member.segment.edges) for member in members))
        row_of = {node: row for row, node in enumerate(order.order)}
        table: list[Rows] = [()] * len(row_of)
        handed: list[tuple[int, int]] = []
        start = 0
        for member in members:
            segment = member.segment
            for i, (value, source) in enumerate(zip(segment.inputs, segment.sources, strict=True), start):
                table[row_of[i]] = input_rows(value.type, shapes=self.config.shapes)
                if source is not None and self.config.hand_on:
                    handed.append((row_of[i], self.done[member.graph, source]))
            for i, unit in enumerate(segment.units, start + len(segment.inputs)):
                table[row_of[i]] = unit_rows(unit, shapes=self.config.shapes)
                self._place(member.graph, unit, len(self.features) + row_of[i])
            start += segment.size
        rows = slice(len(self.features), len(self.features) + len(table))
        segments = slice(len(self.done), len(self.done) + len(members))
        self.features += table
        self.done |= {(m.graph, m.number): len(self.done) + i for i, m in enumerate(members)}
        receivers, givers = np.array(handed, np.intp).reshape(-1, 2).T
        return Stage(rows, segments, order, receivers, givers)

    def _place(self, graph: int, unit: Unit, row: int) -> None:
        before = 0
        for node in unit:
            self.places[graph][node] = row, before
            before += len(node.weights)
