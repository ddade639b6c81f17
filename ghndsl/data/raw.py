"""Arrays as a source gives them go in; images and labels that are sure to belong together come out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ghndsl.diagnostics import CompileError, Diagnostic

_LAYOUT = "images are uint8 of shape (n, height, width) or (n, height, width, channels), labels whole numbers (n,)"


@dataclass(frozen=True, eq=False)
class Raw:
    """Images uint8 `[n, h, w, c]` and labels int64 `[n]`, not yet split or normalised."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def refuse(code: str, message: str, help: str | None = None) -> CompileError:  # noqa: A002
    """The error for data that cannot be used."""
    return CompileError(Diagnostic(code, message, help=help))


def checked(source: str, part: str, images: npt.NDArray[np.generic], labels: npt.NDArray[np.generic]) -> Raw:
    """Images and labels in one layout; raises G403 for what they are, G404 for what labels say, G405 when empty."""
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or 0 in images.shape[1:]:
        found = f"`x_{part}` is {images.dtype} of shape {images.shape}"
        raise refuse("G403", f"{source}: {found}", _LAYOUT)
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        found = f"`y_{part}` is {labels.dtype} of shape {labels.shape}"
        raise refuse("G403", f"{source}: {found}", _LAYOUT)
    if len(images) != len(labels):
        raise refuse("G404", f"{source}: {len(images)} images but {len(labels)} labels in `{part}`")
    if not len(images):
        raise refuse("G405", f"{source}: `{part}` holds no image")
    wide = images.astype(np.uint8, copy=False)
    return Raw(wide if wide.ndim == 4 else wide[..., None], labels.astype(np.int64))


def class_count(source: str, train: Raw, test: Raw | None) -> int:
    """How many classes there are; labels must be 0 to k - 1, each with at least one training image (G404)."""
    present = np.unique(train.labels)
    if present[0] < 0:
        raise refuse("G404", f"{source}: the label {present[0]} is negative", "labels count from 0")
    gaps = np.flatnonzero(present != np.arange(len(present)))
    if len(gaps):
        message = f"{source}: no training image has label {gaps[0]}, but one has label {present[-1]}"
        raise refuse("G404", message, "labels of k classes are the numbers 0 to k - 1")
    if test is not None and not set(np.unique(test.labels)) <= set(present):
        strange = next(label for label in np.unique(test.labels) if label not in present)
        raise refuse("G404", f"{source}: a test image has label {strange}, training labels are 0 to {len(present) - 1}")
    return len(present)
