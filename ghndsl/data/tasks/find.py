"""The targets of a data set go in; the task they mean comes out, or a refusal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ghndsl.data.raw import LAYOUT, Raw, refuse
from ghndsl.data.tasks.base import Array, Task
from ghndsl.data.tasks.classes import Classes
from ghndsl.data.tasks.classified import IGNORED
from ghndsl.data.tasks.dense import Dense
from ghndsl.data.tasks.regression import Regression
from ghndsl.data.tasks.tokens import Tokens

_MASKED = 255
"""The label of places that count nowhere, in masks as PASCAL VOC keeps them."""


def find_task(source: str, train: Array, *others: Array) -> Task:
    """The task that training targets mean, by their kind and rank; `others` are those of the test part.

    Errors: G403 for targets of no task, G404 for classes that do not count up from 0, that occur in the test part
    alone, or are more than a mask can hold, for real numbers that are none, and for targets that are all the same.
    """
    if train.dtype.kind == "f":
        return _regression(source, train, others)
    classes = _class_count(source, train, others)
    if train.ndim == 1:
        return Classes(classes)
    return Tokens(classes, train.shape[1]) if train.ndim == 2 else Dense(classes, *train.shape[1:])


def with_ignored(source: str, raw: Raw) -> Raw:
    """Targets that are classes, those that are to be ignored in torch's way: negative ones, and 255 in masks."""
    targets = raw.targets
    if targets.dtype.kind not in "biuf" or not 1 <= targets.ndim <= (2 if targets.dtype.kind == "f" else 3):
        raise refuse("G403", f"{source}: targets are {targets.dtype} of shape {targets.shape}", LAYOUT)
    if 0 in targets.shape[1:]:
        raise refuse("G403", f"{source}: targets of shape {targets.shape} hold nothing", LAYOUT)
    if targets.dtype.kind == "f" or targets.ndim == 1:
        return raw
    labels = targets.astype(np.int64)
    ignored = labels < 0
    if targets.ndim == 3:
        if labels.max() > _MASKED:
            raise refuse("G404", f"{source}: a mask has label {labels.max()}", "masks have labels 0 to 254, 255 none")
        ignored |= labels == _MASKED
    return Raw(raw.inputs, np.where(ignored, np.int64(IGNORED), labels))


def _class_count(source: str, train: Array, others: tuple[Array, ...]) -> int:
    """How many classes there are; labels must be 0 to k - 1, each with at least one training target."""
    present = _labels(train)
    if not len(present):
        raise refuse("G404", f"{source}: every training label is ignored")
    if present[0] < 0:
        raise refuse("G404", f"{source}: the label {present[0]} is negative", "labels count from 0")
    gaps = np.flatnonzero(present != np.arange(len(present)))
    if len(gaps):
        message = f"{source}: no training sample has label {gaps[0]}, but one has label {present[-1]}"
        raise refuse("G404", message, "labels of k classes are the numbers 0 to k - 1")
    for strange in (label for other in others for label in _labels(other) if label not in present):
        words = f"a test sample has label {strange}, training labels are 0 to {len(present) - 1}"
        raise refuse("G404", f"{source}: {words}")
    return len(present)


def _labels(targets: Array) -> npt.NDArray[np.int64]:
    """The labels that occur, in order."""
    found = np.unique(targets.astype(np.int64))
    return found if targets.ndim == 1 else found[found != IGNORED]


def _regression(source: str, train: Array, others: tuple[Array, ...]) -> Regression:
    for targets in (train, *others):
        if not np.isfinite(targets.astype(np.float32)).all():
            raise refuse("G404", f"{source}: a target is no finite number")
    rows = train.astype(np.float64).reshape(len(train), -1)
    mean, std = rows.mean(0), rows.std(0)
    constant = np.flatnonzero(std <= 1e-14 * np.abs(mean))
    if len(constant):
        raise refuse("G404", f"{source}: target {constant[0]} is {mean[constant[0]]:g} in every training sample")
    return Regression(train.shape[1:], tuple(mean.tolist()), tuple(std.tolist()))
