"""A data set goes in; which samples were for training, for choosing and for the test lies in the run's folder then."""

from __future__ import annotations

from pathlib import Path

import torch

from ghndsl.data import Dataset
from ghndsl.training.files import write_tensors


def write_splits(path: Path, data: Dataset, seed: int) -> None:
    """Writes the rows of each part in its order: `train`, `validation` and `test`, int64 `[n]`, counted from 0.

    They are rows of the source's training samples, as it holds them; those of `test` are rows of its test samples where
    `test_rows_of` among the metadata says so. Errors: G007.
    """
    rows = data.rows
    if rows is None:
        return
    parts = {"train": rows.train, "validation": rows.validation, "test": rows.test}
    metadata = {"data": data.name, "seed": str(seed), "test_rows_of": "test" if rows.has_tests else "train"}
    write_tensors(path, {name: torch.from_numpy(one) for name, one in parts.items()}, metadata)
