"""The edges of a graph go in; the lengths of the shortest paths between its nodes come out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ghndsl.ghn.segments import Edges

Lengths: TypeAlias = npt.NDArray[np.unsignedinteger]

BLOCK = 1024
"""How many sources are looked at together by `far_pairs`."""


def lengths(size: int, edges: Edges, sources: range | None = None) -> Lengths:
    """`[size, sources]`: how many edges the shortest path to each node has, from each source; `size` if there is none.

    Edges go up. All nodes are sources unless they are named.

    >>> lengths(3, ((0, 1), (1, 2), (0, 2))).tolist()
    [[0, 3, 3], [1, 0, 3], [1, 1, 0]]
    """
    span = range(size) if sources is None else sources
    heard: list[list[int]] = [[] for _ in range(size)]
    for source, target in edges:
        heard[target].append(source)
    found = np.full((size, len(span)), size, np.min_scalar_type(size + 1))
    for node in range(span.start, size):
        if heard[node]:
            nearest = found[heard[node][0]] if len(heard[node]) == 1 else found[heard[node]].min(0)
            np.minimum(nearest + 1, size, out=found[node], casting="unsafe")
        if node in span:
            found[node, node - span.start] = 0
    return found


def far_pairs(size: int, edges: Edges, reach: int) -> npt.NDArray[np.intp]:
    """`[3, pairs]`: source, target and length of the shortest paths of 2 to `reach` edges.

    Memory is linear in the pairs and in the nodes.

    >>> far_pairs(4, ((0, 1), (1, 2), (2, 3)), 2).tolist()
    [[0, 1], [2, 3], [2, 2]]
    """
    return np.concatenate([np.empty((3, 0), np.intp), *_far_pairs(size, edges, reach)], 1)


def _far_pairs(size: int, edges: Edges, reach: int) -> Iterator[npt.NDArray[np.intp]]:
    for start in range(0, size, BLOCK):
        found = lengths(size, edges, range(start, min(start + BLOCK, size)))
        target, source = np.nonzero((found > 1) & (found <= min(reach, size - 1)))
        yield np.stack([source + start, target, found[target, source].astype(np.intp)])
