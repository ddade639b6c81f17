"""A count, or the sizes of a grid of places, goes in; a code for each of them comes out."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

Indices = npt.NDArray[np.int64]


class Codes(nn.Module):
    """Learned codes `[count, size]` for the first places; those beyond are the same again with signs turned by a fixed
    pattern that differs each time round, so that there is a code for any place.

    Codes begin orthogonal, as many as there can be at once, with elements of unit size: no direction in which many
    places agree is louder than others in every layer that uses them.
    """

    def __init__(self, count: int, size: int) -> None:
        super().__init__()
        blocks = [nn.init.orthogonal_(torch.empty(size, size)) for _ in range(-(-count // size))]
        self.table = nn.Parameter(math.sqrt(size) * torch.cat(blocks)[:count])

    def forward(self, count: int) -> torch.Tensor:
        """The codes `[count, size]` of the first places."""
        return self.table[:count] if count <= len(self.table) else self.at(np.arange(count))

    def at(self, places: Indices) -> torch.Tensor:
        """The codes `[places, size]` of some places."""
        own, size = self.table.shape
        device = self.table.device
        codes = self.table.index_select(0, torch.from_numpy(places % own).to(device))
        rounds, place = np.unique(places // own, return_inverse=True)
        if not rounds.any():
            return codes
        signs = torch.from_numpy(_signs(rounds, size)).to(codes)
        return codes * signs.index_select(0, torch.from_numpy(place).to(device))

    def grid(self, sizes: tuple[int, ...]) -> torch.Tensor:
        """Codes `[product of sizes, size]` of places in a grid, counted from the middle outwards: a kernel of 3 x 3 has
        the codes of the centre of one of 5 x 5."""
        return self.at(outwards(sizes))


def _signs(rounds: Indices, size: int) -> npt.NDArray[np.int8]:
    """For each round `[size]` of 1 and -1, all 1 in the first; the same for ever, since checkpoints depend on it."""
    with np.errstate(over="ignore"):
        first = rounds.astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15)
        bits: npt.NDArray[np.uint64] = np.add(first, np.arange(size, dtype=np.uint64), dtype=np.uint64)
        # What makes of a number one that looks drawn: the finaliser of splitmix64 (Steele et al., OOPSLA 2014).
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    turned = (bits >> np.uint64(63) == 1) & (rounds > 0)[:, None]
    return np.where(turned, -1, 1).astype(np.int8)


@lru_cache(maxsize=64)
def outwards(sizes: tuple[int, ...]) -> Indices:
    """The number of each place of a grid, row by row, in a count of all places by their distance from the middle.

    Places at one distance, the longest step along any axis, are counted row by row.

    >>> outwards((3, 3)).tolist(), outwards((2,)).tolist()
    ([1, 2, 3, 4, 0, 5, 6, 7, 8], [1, 0])
    """
    middle = np.array([size // 2 for size in sizes])
    places = np.indices(sizes).reshape(len(sizes), -1) - middle[:, None]
    far = abs(places).max(0)
    nearer = np.where(far > 0, (2 * far - 1) ** len(sizes), 0)
    return nearer + _before(places, far) - _before(places, far - 1)


def _before(places: Indices, far: Indices) -> Indices:
    """How many places of a cube that reaches so far from the middle come, row by row, before each `[axes, places]`."""
    side = np.maximum(2 * far + 1, 0)
    found, alike = np.zeros_like(far), np.ones_like(far)
    for axis, place in enumerate(places):
        found += alike * np.clip(place + far, 0, side) * side ** (len(places) - 1 - axis)
        alike *= abs(place) <= far
    return found
