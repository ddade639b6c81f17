"""What was drawn for each part of a data set goes in; a record of it that can be kept in a file comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Rows:
    """Which samples of its source each part of a data set holds, in the part's order, counted from 0.

    They are rows of the source's training samples; those of `test` are rows of its test samples where the source has
    such (`has_tests`).

    >>> from ghndsl.data import load
    >>> rows = load("digits").rows
    >>> len({*rows.train, *rows.validation, *rows.test}), rows.has_tests
    (1797, False)
    """

    train: npt.NDArray[np.int64]
    validation: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]
    has_tests: bool

    def first(self, count: int) -> Rows:
        """The first of each part."""
        return Rows(self.train[:count], self.validation[:count], self.test[:count], self.has_tests)
