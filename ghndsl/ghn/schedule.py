"""The edges of some segments go in; the order in which their nodes are updated, many at once, comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from ghndsl.ghn.paths import far_pairs
from ghndsl.ghn.segments import Edges, Structure
from ghndsl.ghn.updates import Indices, Sums, Update, updates

KEPT = 128
"""Schedules of up to so many nodes are kept: small ones recur, large ones would fill the memory."""


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


def schedule(structures: tuple[Structure, ...], reach: int | None = None) -> Schedule:
    """The schedule of segments that do not need each other; the level of a node is its longest way from a source.

    Levels are the forward-backward order of Zhang et al. (Eq. 15) with independent nodes taken together: when a level
    is updated all its predecessors have been, and going backward all its successors, so that the states are
    those of the order node by node. With a `reach` nodes hear along shortest paths of up to so many edges too, and
    updates take `Shares`: the virtual edges of Knyazev et al. (NeurIPS 2021).
    """
    if reach is None and sum(size for size, _ in structures) <= KEPT:
        return _kept(structures, None)
    return _schedule(structures, reach)


def _schedule(structures: tuple[Structure, ...], reach: int | None) -> Schedule:
    level = np.array([depth for size, edges in structures for depth in _depths(size, edges)], np.intp)
    order = np.argsort(level, kind="stable")
    row = np.empty_like(order)
    row[order] = np.arange(len(order))
    source, target, length = _paths(structures, reach or 1)
    paths = None if reach is None else length
    forward = updates(level[target], row[source], row[target], paths)
    backward = updates(level[source], row[target], row[source], paths)
    sizes = np.array([size for size, _ in structures], np.intp)
    segment = np.repeat(np.arange(len(sizes)), sizes)[order]
    starts = None if bool((sizes == 1).all()) else np.cumsum(sizes) - sizes
    return Schedule(
        order=tuple(order.tolist()),
        updates=(*forward, *reversed(backward)),
        forward=len(forward),
        segment=segment,
        members=Sums(np.argsort(segment, kind="stable"), starts),
        share=1 / sizes[:, None],
    )


_kept = lru_cache(maxsize=512)(_schedule)


def _depths(size: int, edges: Edges) -> list[int]:
    """The longest way to each node; edges come in an order in which sources are complete before they are used."""
    depth = [0] * size
    for source, target in edges:
        depth[target] = max(depth[target], depth[source] + 1)
    return depth


def _paths(structures: Sequence[Structure], reach: int) -> tuple[Indices, Indices, Indices]:
    """Sources, targets and lengths of edges and of virtual edges, with nodes counted through all segments."""
    starts = accumulate((size for size, _ in structures), initial=0)
    found: list[npt.NDArray[np.intp]] = []
    for start, (size, edges) in zip(starts, structures, strict=False):
        near = np.array(edges, np.intp).reshape(-1, 2).T
        parts = [np.concatenate([near, np.ones_like(near[:1])])]
        if reach > 1:
            parts.append(far_pairs(size, edges, reach))
        found += [part + np.array([[start], [start], [0]]) for part in parts]
    source, target, length = np.concatenate([np.empty((3, 0), np.intp), *found], 1)
    return source, target, length
