"""Parts of samples go in; a data set that knows its task and its scales, at any resolution, comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ghndsl.data.resize import resized_images, resized_masks
from ghndsl.data.rows import Rows
from ghndsl.data.scaling import Scale, standardised
from ghndsl.data.split import Split
from ghndsl.data.tasks import Dense, Task


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three parts of samples, and what is asked of a network for them.

    What was standardised is `(value - mean) / std`, with `scales` of the training part for each channel of an image (of
    pixels from 0 to 1) and each column of a table. `ranges` are the least and the greatest of the whole numbers that an
    input holds. `rows` tells where samples come from, where a source with rows was split.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    scales: Mapping[str, Scale] = field(default_factory=dict[str, Scale], repr=False)
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]], repr=False)
    rows: Rows | None = field(default=None, repr=False)

    @property
    def task(self) -> Task:
        """What targets are, the loss and the metric."""
        return self.train.task

    @property
    def classes(self) -> int:
        """How many numbers answer one question: classes, or the targets of a regression."""
        return self.task.outputs

    @property
    def images(self) -> tuple[str, ...]:
        """The inputs that are images."""
        return self.train.images

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of a sample of each input."""
        return {name: tuple(tensor.shape[1:]) for name, tensor in self.train.inputs.items()}

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the first input: channels, height and width of an image."""
        return next(iter(self.shapes.values()))

    def few(self, count: int) -> Dataset:
        """The set with the first samples of each part alone: what it is asked of is the same, and costs little."""
        train, validation, test = (part.first(count) for part in (self.train, self.validation, self.test))
        rows = None if self.rows is None else self.rows.first(count)
        return replace(self, train=train, validation=validation, test=test, rows=rows)

    def resized(self, height: int, width: int) -> Dataset:
        """The set with all images at another resolution: area average where they shrink, bilinear where they grow;
        normalised anew. Masks go with them."""
        return self.sized(dict.fromkeys(self.images, (height, width)))

    def sized(self, sizes: Mapping[str, tuple[int, int]]) -> Dataset:
        """The set with some of its images at another resolution, by the input's name."""
        changed = {name: size for name, size in sizes.items() if size != self.shapes[name][1:]}
        parts = [self.train, self.validation, self.test]
        scales = dict(self.scales)
        for name, size in changed.items():
            images = [resized_images(part.inputs[name], *size) for part in parts]
            new, old = standardised(images), scales[name]
            scales[name] = _combined(old, new)
            parts = [replace(part, inputs={**part.inputs, name: one}) for part, one in zip(parts, images, strict=True)]
        if changed and isinstance(self.task, Dense):
            parts = [_with_masks(part, *next(iter(changed.values()))) for part in parts]
        train, validation, test = parts
        return replace(self, train=train, validation=validation, test=test, scales=scales) if changed else self


def _combined(old: Scale, new: Scale) -> Scale:
    """Both in turn, as one."""
    pairs = list(zip(old.mean, old.std, new.mean, new.std, strict=True))
    return Scale(tuple(m + s * n for m, s, n, _ in pairs), tuple(s * d for _, s, _, d in pairs))


def _with_masks(part: Split, height: int, width: int) -> Split:
    task = part.task
    assert isinstance(task, Dense)
    masks = resized_masks(part.targets, height, width)
    return replace(part, targets=masks, task=replace(task, height=height, width=width))
