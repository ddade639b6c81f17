"""Raw arrays and a seed go in; a data set, split with the classes in proportion and normalised, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from ghndsl.data.dataset import Dataset
from ghndsl.data.raw import Raw, is_images, refuse
from ghndsl.data.rows import Rows
from ghndsl.data.scaling import Scale, tensors
from ghndsl.data.split import Split
from ghndsl.data.stratified import stratified
from ghndsl.data.tasks import Dense, Task, find_task
from ghndsl.data.tasks.find import with_ignored


def assemble(name: str, train: Raw, test: Raw | None, seed: int) -> Dataset:
    """A data set from raw parts: 60/20/20 when there is no test part, else 10 % of `train` for validation.

    Errors: G404 for targets that no task takes, G405 when a part would be empty, G403 when parts differ.
    """
    train = with_ignored(name, train)
    test = None if test is None else with_ignored(name, test)
    if test is not None:
        _alike(name, train, test)
    task = find_task(name, train.targets, *(() if test is None else (test.targets,)))
    if isinstance(task, Dense):
        _same_size(name, train, task)
    rows = _drawn(task.strata(train.targets), None if test is None else len(test), np.random.default_rng(seed))
    for part, some in (("training", rows.train), ("validation", rows.validation), ("test", rows.test)):
        if not len(some):
            raise refuse("G405", f"{name}: too few samples, the {part} part would be empty")
    parts = train.at(rows.train), train.at(rows.validation), (train if test is None else test).at(rows.test)
    return replace(_normalised(name, task, *parts), rows=rows)


def _drawn(strata: npt.NDArray[np.int64], tests: int | None, rng: np.random.Generator) -> Rows:
    """Which samples go to which part: those of so many `tests` in any order, or a part of all where there are none."""
    rest, tested, share = np.arange(len(strata)), np.arange(tests or 0), 0.1
    if tests is None:
        rest, tested = stratified(strata, 0.2, rng)
        share = 0.25
    kept, held = stratified(strata[rest], share, rng)
    return Rows(rest[kept], rest[held], tested[rng.permutation(len(tested))], tests is not None)


def _alike(name: str, train: Raw, test: Raw) -> None:
    """Refuses parts of different shapes and kinds."""
    pairs = {**{key: (train.inputs[key], test.inputs[key]) for key in train.inputs}, "y": (train.targets, test.targets)}
    for key, (one, other) in pairs.items():
        kinds = ["whole numbers" if array.dtype.kind in "biu" else "floats" for array in (one, other)]
        if one.shape[1:] != other.shape[1:]:
            words = f"`{key}_train` and `{key}_test` differ in shape, {one.shape[1:]} and {other.shape[1:]}"
            raise refuse("G403", f"{name}: {words}")
        if kinds[0] != kinds[1] or is_images(one) != is_images(other):
            raise refuse("G403", f"{name}: `{key}_train` is {one.dtype}, `{key}_test` {other.dtype}")


def _same_size(name: str, train: Raw, task: Dense) -> None:
    """Refuses masks that lie on no image, since they are moved and resized with it."""
    for key, array in train.inputs.items():
        if is_images(array) and array.shape[1:3] != (task.height, task.width):
            sizes = f"`{key}_train` is {array.shape[1:3]} in size, the masks `y_train` are {(task.height, task.width)}"
            raise refuse("G403", f"{name}: {sizes}")


def _normalised(name: str, task: Task, *parts: Raw) -> Dataset:
    scales: dict[str, Scale] = {}
    inputs: list[dict[str, torch.Tensor]] = [{} for _ in parts]
    for key in parts[0].inputs:
        found, scale = tensors([part.inputs[key] for part in parts])
        for held, tensor in zip(inputs, found, strict=True):
            held[key] = tensor
        if scale is not None:
            scales[key] = scale
    images = tuple(key for key, array in parts[0].inputs.items() if is_images(array))
    train, validation, test = (
        Split(held, task.tensor(part.targets), task, images) for held, part in zip(inputs, parts, strict=True)
    )
    return Dataset(name, train, validation, test, scales, _ranges(inputs))


def _ranges(parts: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for name in [name for name, tensor in parts[0].items() if not tensor.is_floating_point()]:
        ends = [part[name].aminmax() for part in parts]
        found[name] = min(int(end.min) for end in ends), max(int(end.max) for end in ends)
    return found
