"""A part of a data set and a seed go in; shuffled, perhaps augmented batches come out, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn import functional

from ghndsl.data import Split
from ghndsl.training.seeds import generator
from ghndsl.training.settings import Augment


def steps_per_epoch(count: int, size: int) -> int:
    """Full batches only, as an odd last one has noisy statistics; one batch when there are fewer images than `size`."""
    return max(1, count // size)


def epoch(split: Split, size: int, augment: Augment, rng: torch.Generator) -> Iterator[Split]:
    """The batches of one pass over the part, in an order that `rng` draws."""
    order = torch.randperm(len(split), generator=rng)
    for step in range(steps_per_epoch(len(split), size)):
        index = order[step * size : (step + 1) * size]
        yield Split(augmented(split.images[index], augment, rng), split.labels[index])


def augmented(images: torch.Tensor, augment: Augment, rng: torch.Generator) -> torch.Tensor:
    """Images `[n, c, h, w]` moved by up to an eighth of their size, edges repeated, and mirrored, each by chance."""
    if augment == "none":
        return images
    if augment == "flip":
        mirror = torch.rand(len(images), 1, 1, 1, generator=rng) < 0.5
        images = torch.where(mirror, images.flip(3), images)
    return _shifted(images, rng)


def _shifted(images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    count, channels, height, width = images.shape
    reach = max(1, min(height, width) // 8)
    padded = functional.pad(images, (reach,) * 4, mode="replicate")
    offsets = torch.randint(0, 2 * reach + 1, (2, count, 1), generator=rng)
    rows = (torch.arange(height) + offsets[0])[:, None, :, None]
    columns = (torch.arange(width) + offsets[1])[:, None, None, :]
    return padded[torch.arange(count)[:, None, None, None], torch.arange(channels)[:, None, None], rows, columns]


class Batches:
    """Endless batches by number: passes over the part, each in another order, any of them drawn without the others."""

    def __init__(self, split: Split, size: int, augment: Augment, seed: int) -> None:
        self.split, self.size, self.seed = split, size, seed
        self.augment: Augment = augment
        self._orders: dict[int, torch.Tensor] = {}

    def __getitem__(self, number: int) -> Split:
        round_, step = divmod(number, steps_per_epoch(len(self.split), self.size))
        index = self._order(round_)[step * self.size : (step + 1) * self.size]
        images = augmented(self.split.images[index], self.augment, generator(self.seed, "augment", number))
        return Split(images, self.split.labels[index])

    def _order(self, round_: int) -> torch.Tensor:
        """The order of a pass; that of the last one asked for is kept."""
        if round_ not in self._orders:
            self._orders = {round_: torch.randperm(len(self.split), generator=generator(self.seed, "order", round_))}
        return self._orders[round_]
