"""A batch and a generator go in; its images, cut out anew, mirrored and partly blanked, come out."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch.nn import functional

from ghndsl.data import Dense, Split
from ghndsl.data.tasks.classified import IGNORED
from ghndsl.training.settings import Settings


def distorted(batch: Split, settings: Settings, rng: torch.Generator) -> Split:
    """Images padded with `crop` zeros and cut out anywhere, `mirror`ed by chance, and blanked in a square of `cutout`.

    Images of one size change alike in a sample, and masks are cut and mirrored with them: what comes from outside
    counts nowhere. A zero is the mean, since images are standardised. Whole batches are changed at once.
    """
    if not batch.images or not (settings.crop or settings.mirror or settings.cutout):
        return batch
    places: dict[torch.Size, _Places] = {}
    inputs, targets = dict(batch.inputs), batch.targets
    for name in batch.images:
        size = inputs[name].shape[2:]
        if size not in places:
            places[size] = _Places(len(batch), size, settings, rng)
        inputs[name] = places[size].blanked(places[size].of(inputs[name], 0))
    if isinstance(batch.task, Dense):
        targets = places[targets.shape[1:]].of(targets[:, None], IGNORED)[:, 0]
    return replace(batch, inputs=inputs, targets=targets)


class _Places:
    """Where each sample of a batch is cut, whether it is mirrored, and what is blanked `[n, 1, h, w]`."""

    def __init__(self, count: int, size: torch.Size, settings: Settings, rng: torch.Generator) -> None:
        self.margin, self.is_moved = settings.crop, settings.crop > 0 or settings.mirror
        height, width = size
        rows, columns = torch.arange(height).expand(count, height), torch.arange(width).expand(count, width)
        if settings.crop:
            offsets = torch.randint(0, 2 * settings.crop + 1, (2, count, 1), generator=rng)
            rows, columns = rows + offsets[0], columns + offsets[1]
        if settings.mirror:
            is_mirrored = torch.rand(count, 1, generator=rng) < 0.5
            columns = torch.where(is_mirrored, columns.flip(1), columns)
        self.rows, self.columns = rows, columns
        self.blank = _square(count, size, settings.cutout, rng) if settings.cutout else None

    def of(self, maps: torch.Tensor, outside: int) -> torch.Tensor:
        """Maps `[n, c, h, w]`, cut and mirrored, channels last in memory: convolutions like it so."""
        if not self.is_moved:
            return maps
        padded = functional.pad(maps, [self.margin] * 4, value=outside) if self.margin else maps
        samples = torch.arange(len(maps))[:, None, None]
        found = padded.permute(0, 2, 3, 1)[samples, self.rows[:, :, None], self.columns[:, None, :]]
        return found.contiguous().permute(0, 3, 1, 2)

    def blanked(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps `[n, c, h, w]` with zeros in the square."""
        # A clone lies in memory as its model does; what `masked_fill` makes may not.
        return maps if self.blank is None else maps.clone().masked_fill_(self.blank, 0)


def _square(count: int, size: torch.Size, side: int, rng: torch.Generator) -> torch.Tensor:
    """Squares around any pixel, as far as they lie within the image, as in the paper."""
    inside: list[torch.Tensor] = []
    for length in size:
        first = torch.randint(0, length, (count, 1), generator=rng) - side // 2
        along = torch.arange(length)
        inside.append((along >= first) & (along < first + side))
    rows, columns = inside
    return (rows[:, :, None] & columns[:, None, :])[:, None]
