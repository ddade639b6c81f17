"""The edges of some segments go in; the order in which their nodes are updated, many at once, comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ghndsl.ghn.segments import Edges

Structure: TypeAlias = tuple[int, Edges]
"""How many nodes a segment has, virtual ones included, and its edges."""

Indices: TypeAlias = npt.NDArray[np.intp]


Rows: TypeAlias = slice | Indices
"""Rows of an array: a slice where they are neighbours, which numpy finds faster."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of rows: result `i` is the sum of `rows[starts[i]:starts[i + 1]]`; of one row each when `starts` is None."""

    rows: Indices
    starts: Indices | None

    def of(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """The sums of rows of `values`.

        >>> Sums(np.array([0, 1, 1]), np.array([0, 2])).of(np.array([[1.0], [10.0]])).tolist()
        [[11.0], [10.0]]
        """
        taken = values.take(self.rows, 0)
        return taken if self.starts is None else np.add.reduceat(taken, self.starts, axis=0)

    def into(self, values: npt.NDArray[np.floating], out: npt.NDArray[np.floating]) -> None:
        """Writes the sums to `out`."""
        taken = values.take(self.rows, 0)
        if self.starts is None:
            out[:] = taken
        else:
            np.add.reduceat(taken, self.starts, axis=0, out=out)


@dataclass(frozen=True, eq=False)
class Update:
    """`nodes` of one level take messages, the sums `heard` of rows of all nodes.

    On the way back `speakers`, the nodes heard, take the gradients `answers`, sums of rows of the updated nodes.
    """

    count: int
    nodes: Rows
    heard: Sums
    speakers: Rows
    answers: Sums

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, eq=False)
class Schedule:
    """Nodes ordered by level, so that those of one level are neighbours, and the updates of one round.

    `order` gives for each row a node, counted through all segments; `updates` go forward through the levels (the first
    `forward` of them), then backward; `segment` is the segment of each row, `members` sums the rows of each segment,
    `share` is one over their number, `[segments, 1]`.
    """

    order: tuple[int, ...]
    updates: tuple[Update, ...]
    forward: int
    segment: Indices
    members: Sums
    share: npt.NDArray[np.float64]


@lru_cache(maxsize=1024)
def schedule(structures: tuple[Structure, ...]) -> Schedule:
    """The schedule of segments that do not need each other; the level of a node is its longest way from a source.

    Levels are the forward-backward order of Zhang et al. (Eq. 15) with independent nodes taken together: when a level
    is updated all its predecessors have been, and going backward all its successors, so that the states are
    those of the order node by node.
    """
    levels: list[int] = []
    edges: list[tuple[int, int]] = []
    segment: list[int] = []
    for index, (size, pairs) in enumerate(structures):
        edges += [(len(levels) + a, len(levels) + b) for a, b in pairs]
        levels += _depths(size, pairs)
        segment += [index] * size
    order = sorted(range(len(levels)), key=levels.__getitem__)
    row = {node: place for place, node in enumerate(order)}
    depth = [levels[node] for node in order]
    forward = _updates(depth, [(row[a], row[b]) for a, b in edges])
    backward = _updates(depth, [(row[b], row[a]) for a, b in edges])
    return Schedule(
        order=tuple(order),
        updates=(*forward, *reversed(backward)),
        forward=len(forward),
        segment=np.array([segment[node] for node in order], np.intp),
        members=_grouped(sorted((segment[node], row) for row, node in enumerate(order)))[1],
        share=np.array([[1 / size] for size, _ in structures]),
    )


def _depths(size: int, edges: Edges) -> list[int]:
    """The longest way to each node; edges come in an order in which sources are complete before they are used."""
    depth = [0] * size
    for source, target in edges:
        depth[target] = max(depth[target], depth[source] + 1)
    return depth


def _updates(depth: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[Update]:
    """One update for each level in which someone hears, in the order of the levels."""
    ordered = sorted((depth[target], target, source) for source, target in edges)
    return [
        _update([(source, target) for _, target, source in level])
        for _, level in groupby(ordered, key=lambda edge: edge[0])
    ]


def _update(pairs: list[tuple[int, int]]) -> Update:
    """The update along edges (source, target) that are sorted by target."""
    nodes, heard = _grouped((target, source) for source, target in pairs)
    place = {node: index for index, node in enumerate(nodes)}
    speakers, answers = _grouped(sorted((source, place[target]) for source, target in pairs))
    return Update(len(nodes), _rows(nodes), heard, _rows(speakers), answers)


def _grouped(pairs: Iterable[tuple[int, int]]) -> tuple[list[int], Sums]:
    """The different keys of sorted (key, row) pairs, and for each the sum of its rows."""
    keys: list[int] = []
    rows: list[int] = []
    starts: list[int] = []
    for key, row in pairs:
        if not keys or key != keys[-1]:
            keys.append(key)
            starts.append(len(rows))
        rows.append(row)
    one_each = len(rows) == len(keys)
    return keys, Sums(np.array(rows, np.intp), None if one_each else np.array(starts, np.intp))


def _rows(keys: list[int]) -> Rows:
    neighbours = keys == list(range(keys[0], keys[0] + len(keys)))
    return slice(keys[0], keys[0] + len(keys)) if neighbours else np.array(keys, np.intp)
