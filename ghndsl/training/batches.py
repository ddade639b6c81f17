"""A part of a data set and a seed go in; shuffled, perhaps augmented batches come out, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn import functional

from ghndsl.data import Split
from ghndsl.training.settings import Augment


def steps_per_epoch(count: int, size: int) -> int:
    """Full batches only, as an odd last one has noisy statistics; one batch when there are fewer images than `size`."""
    return max(1, count // size)


def epoch(split: Split, size: int, augment: Augment, generator: torch.Generator) -> Iterator[Split]:
    """The batches of one pass over the part, in an order that the generator draws."""
    order = torch.randperm(len(split), generator=generator)
    for step in range(steps_per_epoch(len(split), size)):
        index = order[step * size : (step + 1) * size]
        yield Split(augmented(split.images[index], augment, generator), split.labels[index])


def augmented(images: torch.Tensor, augment: Augment, generator: torch.Generator) -> torch.Tensor:
    """Images `[n, c, h, w]` moved by up to an eighth of their size, edges repeated, and mirrored, each by chance."""
    if augment == "none":
        return images
    if augment == "flip":
        mirror = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
        images = torch.where(mirror, images.flip(3), images)
    return _shifted(images, generator)


def _shifted(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    count, channels, height, width = images.shape
    reach = max(1, min(height, width) // 8)
    padded = functional.pad(images, (reach,) * 4, mode="replicate")
    offsets = torch.randint(0, 2 * reach + 1, (2, count, 1), generator=generator)
    rows = (torch.arange(height) + offsets[0])[:, None, :, None]
    columns = (torch.arange(width) + offsets[1])[:, None, None, :]
    return padded[torch.arange(count)[:, None, None, None], torch.arange(channels)[:, None, None], rows, columns]
