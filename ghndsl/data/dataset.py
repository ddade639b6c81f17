"""Raw images and a seed go in; a data set, split with the classes in proportion and normalised, comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from ghndsl.data.raw import Raw, class_count, refuse
from ghndsl.data.split import stratified


@dataclass(frozen=True, eq=False)
class Split:
    """Images float32 `[n, c, h, w]` and labels int64 `[n]`, in a shuffled order."""

    images: torch.Tensor = field(repr=False)
    labels: torch.Tensor = field(repr=False)

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int) -> Split:
        """The first images, a random part since the order is; all of them when there are fewer."""
        return Split(self.images[:count], self.labels[:count])

    def batches(self, size: int) -> Iterator[Split]:
        """The images in order, `size` at a time; the last batch may be smaller."""
        for start in range(0, len(self), size):
            yield Split(self.images[start : start + size], self.labels[start : start + size])


@dataclass(frozen=True, eq=False)
class Dataset:
    """An image set: `images = (pixels / 255 - mean) / std` with the training part's mean and std of each channel."""

    name: str
    classes: int
    train: Split
    validation: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width

    def resized(self, height: int, width: int) -> Dataset:
        """The set at another resolution: area average where it shrinks, bilinear where it grows; normalised anew."""
        if (height, width) == self.shape[1:]:
            return self
        train, validation, test = (_resize(part, height, width) for part in (self.train, self.validation, self.test))
        mean, std = _channel_statistics(train.images)
        for part in (train, validation, test):
            _normalise(part.images, mean, std)
        old_mean, old_std = torch.tensor(self.mean), torch.tensor(self.std)
        means, stds = (old_mean + old_std * mean).tolist(), (old_std * std).tolist()
        return Dataset(self.name, self.classes, train, validation, test, tuple(means), tuple(stds))


def assemble(name: str, train: Raw, test: Raw | None, seed: int) -> Dataset:
    """A data set from raw parts: 60/20/20 when there is no test part, else 10 % of `train` for validation.

    Errors: G404 for labels that do not number classes, G405 when a part would be empty, G403 when parts differ.
    """
    classes = class_count(name, train, test)
    rng = np.random.default_rng(seed)
    share = 0.1
    if test is None:
        rest, held = stratified(train.labels, 0.2, rng)
        share = 0.25
        train, test = _take(train, rest), _take(train, held)
    rest, held = stratified(train.labels, share, rng)
    train, validation = _take(train, rest), _take(train, held)
    for part, raw in (("training", train), ("validation", validation), ("test", test)):
        if not len(raw):
            raise refuse("G405", f"{name}: too few images, the {part} part would be empty")
    if train.images.shape[1:] != test.images.shape[1:]:
        shapes = f"{train.images.shape[1:]} and {test.images.shape[1:]}"
        raise refuse("G403", f"{name}: training and test images differ in shape, {shapes}")
    return _normalised(name, classes, train, validation, _take(test, rng.permutation(len(test))))


def _take(raw: Raw, indices: npt.NDArray[np.int64]) -> Raw:
    return Raw(raw.images[indices], raw.labels[indices])


def _normalised(name: str, classes: int, *parts: Raw) -> Dataset:
    train, validation, test = (Split(_floats(raw.images), torch.from_numpy(raw.labels)) for raw in parts)
    mean, std = _channel_statistics(train.images)
    for split in (train, validation, test):
        _normalise(split.images, mean, std)
    return Dataset(name, classes, train, validation, test, tuple(mean.tolist()), tuple(std.tolist()))


def _floats(images: npt.NDArray[np.uint8]) -> torch.Tensor:
    """Pixels [n, h, w, c] of 0 to 255 as [n, c, h, w] of 0 to 1, channels last in memory: convolutions like it so."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).to(torch.float32).div_(255)


def _channel_statistics(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    std, mean = torch.std_mean(images.double(), dim=(0, 2, 3), correction=0)
    # A channel that never changes is left at zero, not divided by it.
    return mean.float(), torch.where(std > 1e-6, std, 1.0).float()


def _normalise(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> None:
    images.sub_(mean[:, None, None]).div_(std[:, None, None])


def _resize(split: Split, height: int, width: int) -> Split:
    shrinks = height <= split.images.shape[2] and width <= split.images.shape[3]
    if shrinks:
        images = functional.interpolate(split.images, (height, width), mode="area")
    else:
        images = functional.interpolate(split.images, (height, width), mode="bilinear", align_corners=False)
    return Split(images, split.labels)
