"""Images or masks and a size go in; they come out at that size."""

from __future__ import annotations

import torch
from torch.nn import functional


def resized_images(images: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Images `[n, c, h, w]`: area average where they shrink, bilinear where they grow."""
    shrinks = height <= images.shape[2] and width <= images.shape[3]
    if shrinks:
        return functional.interpolate(images, (height, width), mode="area")
    return functional.interpolate(images, (height, width), mode="bilinear", align_corners=False)


def resized_masks(masks: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Masks `[n, h, w]`: for each place the label where its centre lies.

    >>> resized_masks(torch.tensor([[[0, 1, 2, 3]]]), 1, 2)
    tensor([[[1, 3]]])
    """
    rows, columns = (_nearest(old, new) for old, new in zip(masks.shape[1:], (height, width), strict=True))
    return masks[:, rows[:, None], columns]


def _nearest(old: int, new: int) -> torch.Tensor:
    return (2 * torch.arange(new) + 1) * old // (2 * new)
