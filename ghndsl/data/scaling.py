"""An input of all parts goes in; it comes out as a network takes it, standardised by its training part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ghndsl.data.raw import Array, is_images


@dataclass(frozen=True)
class Scale:
    """What was taken off each channel of images, or each column of a table, and what it was divided by."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


def tensors(parts: Sequence[Array]) -> tuple[list[torch.Tensor], Scale | None]:
    """An input's tensors; the first is the training part.

    Images become `[n, c, h, w]`, each channel standardised; so is each column of a table of floats `[n, features]`.
    Floats of other ranks and whole numbers are left as they are.
    """
    first = parts[0]
    if is_images(first):
        images = [_floats(part) for part in parts]
        return images, standardised(images)
    if first.dtype.kind == "f" and first.ndim == 2:
        return _columns(parts)
    kind = np.float32 if first.dtype.kind == "f" else np.int64
    return [torch.from_numpy(np.ascontiguousarray(part, dtype=kind)) for part in parts], None


def standardised(parts: Sequence[torch.Tensor]) -> Scale:
    """Changes images in place by the mean and deviation of the first part's channels, which it returns."""
    std, mean = torch.std_mean(parts[0].double(), dim=(0, 2, 3), correction=0)
    # A channel that never changes is left at zero, not divided by it.
    mean, std = mean.float(), torch.where(std > 1e-6, std, 1.0).float()
    for images in parts:
        images.sub_(mean[:, None, None]).div_(std[:, None, None])
    return Scale(tuple(mean.tolist()), tuple(std.tolist()))


def _floats(images: Array) -> torch.Tensor:
    """Pixels [n, h, w, c] of 0 to 255 as [n, c, h, w] of 0 to 1, channels last in memory: convolutions like it so."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).to(torch.float32).div_(255)


def _columns(parts: Sequence[Array]) -> tuple[list[torch.Tensor], Scale]:
    """In float64, where large numbers that differ little stay apart."""
    tables = [part.astype(np.float64) for part in parts]
    mean, std = tables[0].mean(0), tables[0].std(0)
    # A column that never changes is left at zero; its deviation may differ from zero by rounding.
    std = np.where(std > 1e-14 * np.abs(mean), std, 1.0)
    found = [torch.from_numpy(((table - mean) / std).astype(np.float32)) for table in tables]
    return found, Scale(tuple(mean.tolist()), tuple(std.tolist()))
