"""A batch and a generator go in; its images, moved and mirrored by chance, with their masks, come out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ghndsl.data import Dense, Split
from ghndsl.training.settings import Augment


def augmented(batch: Split, augment: Augment, rng: torch.Generator) -> Split:
    """Images moved by up to an eighth of their size, edges repeated, and mirrored, each by chance.

    Images of one size move alike in a sample, and masks move with them; nothing else is changed.
    """
    if augment == "none" or not batch.images:
        return batch
    moves: dict[torch.Size, _Move] = {}
    inputs = dict(batch.inputs)
    for name in batch.images:
        size = inputs[name].shape[2:]
        if size not in moves:
            moves[size] = _drawn(len(batch), size, augment, rng)
        inputs[name] = moves[size].of(inputs[name])
    targets = batch.targets
    if isinstance(batch.task, Dense):
        targets = moves[targets.shape[1:]].of(targets[:, None])[:, 0]
    return replace(batch, inputs=inputs, targets=targets)


@dataclass(frozen=True)
class _Move:
    """For each sample which rows and columns `[n, h]` and `[n, w]` come to stand where, and whether it is mirrored."""

    rows: torch.Tensor
    columns: torch.Tensor
    mirror: torch.Tensor | None

    def of(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps `[n, c, h, w]`, moved."""
        count, channels = maps.shape[:2]
        if self.mirror is not None:
            maps = torch.where(self.mirror, maps.flip(3), maps)
        places = torch.arange(count)[:, None, None, None], torch.arange(channels)[:, None, None]
        return maps[(*places, self.rows[:, None, :, None], self.columns[:, None, None, :])]


def _drawn(count: int, size: torch.Size, augment: Augment, rng: torch.Generator) -> _Move:
    height, width = size
    mirror = torch.rand(count, 1, 1, 1, generator=rng) < 0.5 if augment == "flip" else None
    reach = max(1, min(height, width) // 8)
    offsets = torch.randint(0, 2 * reach + 1, (2, count, 1), generator=rng) - reach
    # What would lie beyond an edge is the edge.
    rows, columns = (torch.arange(height) + offsets[0]), (torch.arange(width) + offsets[1])
    return _Move(rows.clamp(0, height - 1), columns.clamp(0, width - 1), mirror)
