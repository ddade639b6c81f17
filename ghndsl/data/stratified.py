"""Labels, a share and a generator go in; the indices that stay and those held out, classes in proportion, come out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def stratified(labels: npt.NDArray[np.int64], share: float, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Two shuffled index arrays; the second holds `share` of each class, within one image, and never a whole class.

    >>> rest, held = stratified(np.repeat([0, 1], 10), 0.2, np.random.default_rng(0))
    >>> len(rest), sorted(held // 10)
    (16, [np.int64(0), np.int64(0), np.int64(1), np.int64(1)])
    """
    kept: list[Indices] = []
    held: list[Indices] = []
    owed = 0.0
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        owed += share * len(members)
        # What rounding gives one class it takes from the next, so that small classes add up to their share.
        count = max(0, min(round(owed), len(members) - 1))
        owed -= count
        held.append(members[:count])
        kept.append(members[count:])
    return rng.permutation(np.concatenate(kept)), rng.permutation(np.concatenate(held))
