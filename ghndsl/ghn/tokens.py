"""The edges of a graph go in; where its nodes stand, and to each other, as a transformer is told, comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from ghndsl.ghn.paths import Lengths, lengths
from ghndsl.ghn.segments import Structure
from ghndsl.ghn.updates import Indices

DEGREES = 64
"""How many degrees are told apart: the last stands for all that are larger."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """The nodes of one graph.

    `rows`, `[nodes]`, are theirs in the plan. `places`, `[3, nodes]`, are their in-degree, their out-degree and the
    distance from the graph's inputs: at most `reach`, or `reach` + 1 where no path leads from one. `ways`, `[nodes,
    nodes]`, is for v and u the length of the shortest path from u to v, or `reach` and the length of that from v to u,
    either at most `reach`; 2 `reach` + 1 where there is neither; 0 for a node itself.
    """

    rows: torch.Tensor
    places: torch.Tensor
    ways: torch.Tensor

    def to(self, device: torch.device) -> Tokens:
        """The same on a device."""
        return Tokens(self.rows.to(device), self.places.to(device), self.ways.to(device))


def tokens(structure: Structure, inputs: int, rows: Sequence[int], reach: int) -> Tokens:
    """The tokens of a graph whose first nodes, so many as `inputs`, stand for what is put in.

    >>> found = tokens((3, ((0, 1), (1, 2))), 1, [0, 1, 2], reach=5)
    >>> found.places.tolist()
    [[0, 1, 1], [1, 1, 0], [0, 1, 2]]
    >>> found.ways.tolist()
    [[0, 6, 7], [1, 0, 6], [2, 1, 0]]
    """
    size, edges = structure
    found = lengths(size, edges)
    source, target = np.array(edges, np.intp).reshape(-1, 2).T
    degrees = [np.minimum(np.bincount(ends, minlength=size), DEGREES - 1) for ends in (target, source)]
    places = np.stack([*degrees, _distances(found[:, :inputs], size, reach)])
    return Tokens(torch.tensor(rows), torch.from_numpy(places), torch.from_numpy(_ways(found, reach)))


def _distances(found: Lengths, size: int, reach: int) -> Indices:
    nearest = found.min(1, initial=size).astype(np.intp)
    return np.where(nearest == size, reach + 1, np.minimum(nearest, reach))


def _ways(found: Lengths, reach: int) -> npt.NDArray[np.int32]:
    size, back = len(found), found.T
    capped = np.minimum(found, reach).astype(np.int32)
    ways = np.where(found < size, capped, np.where(back < size, reach + capped.T, 2 * reach + 1))
    return ways.astype(np.int32)
