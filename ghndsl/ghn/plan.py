"""Graphs go in; the index tensors by which a hypernetwork computes all their node states at once come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch

from ghndsl.ghn.features import Row, input_row, node_row
from ghndsl.ghn.schedule import Schedule, schedule
from ghndsl.ghn.segments import Segment, cut
from ghndsl.ir import Graph, Node


@dataclass(frozen=True, eq=False)
class Stage:
    """Segments that do not need each other, from any of the graphs.

    `receivers` are the rows of virtual nodes that take the embedding of an earlier segment, `givers` its number,
    counted through all stages.
    """

    schedule: Schedule
    segment: torch.Tensor
    share: torch.Tensor
    receivers: torch.Tensor
    givers: torch.Tensor


@dataclass(frozen=True, eq=False)
class Plan:
    """`features` `[rows, fields]` of all stages one after another, and for each graph the row of each of its nodes."""

    features: torch.Tensor
    stages: tuple[Stage, ...]
    rows: tuple[dict[Node, int], ...]


def plan(graphs: Sequence[Graph], *, shapes: bool) -> Plan:
    """The plan for graphs together; a stage holds, of each of them, the segments at one depth."""
    by_depth: dict[int, list[tuple[int, int, Segment]]] = {}
    for index, graph in enumerate(graphs):
        for number, segment in enumerate(cut(graph)):
            by_depth.setdefault(segment.depth, []).append((index, number, segment))
    made: dict[tuple[int, int], int] = {}
    features: list[Row] = []
    rows: list[dict[Node, int]] = [{} for _ in graphs]
    stages: list[Stage] = []
    for _, members in sorted(by_depth.items()):
        stages.append(_stage(members, made, features, rows, shapes))
        made |= {(index, number): len(made) + i for i, (index, number, _) in enumerate(members)}
    return Plan(torch.tensor(features), tuple(stages), tuple(rows))


def _stage(
    members: list[tuple[int, int, Segment]],
    made: dict[tuple[int, int], int],
    features: list[Row],
    rows: list[dict[Node, int]],
    shapes: bool,
) -> Stage:
    """One stage; its rows are added to `features` and `rows`."""
    order = schedule(tuple((segment.size, segment.edges) for _, _, segment in members))
    starts = accumulate((segment.size for _, _, segment in members), initial=0)
    place = {node: row for row, node in enumerate(order.order)}
    table: list[Row] = [()] * len(place)
    handed: list[tuple[int, int]] = []
    for (index, _, segment), start in zip(members, starts, strict=False):
        for i, (value, source) in enumerate(zip(segment.inputs, segment.sources, strict=True)):
            row = place[start + i]
            table[row] = input_row(value.type, shapes=shapes)
            if source is not None:
                handed.append((row, made[index, source]))
        for i, node in enumerate(segment.nodes, start=len(segment.inputs)):
            row = place[start + i]
            table[row] = node_row(node.op, node.input_types, node.results[0].type, shapes=shapes)
            rows[index][node] = len(features) + row
    features += table
    receivers, givers = torch.tensor(handed, dtype=torch.long).reshape(-1, 2).t()
    return Stage(order, torch.tensor(order.segment), torch.tensor(order.share)[:, None], receivers, givers)
