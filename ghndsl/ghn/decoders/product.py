"""Stacks of thin matrices go in; their products come out, in memory that is quick to get."""

from __future__ import annotations

import math

import numpy as np
import torch

_LARGE = 2**22
"""Bytes from which numpy asks the system for huge pages."""
_LINE = 64
"""Bytes of a line of the cache."""


def product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """`[count, rows, rank]` times `[count, rank, columns]`, differentiable: as `torch.bmm`, and the same numbers.

    The first touch of fresh memory takes longer than the product of thin matrices, unless its pages are huge: on a CPU,
    where no gradient is asked for, what is large is written to an array of numpy, which asks the system for those.
    """
    shape = left.shape[0], left.shape[1], right.shape[2]
    learns = torch.is_grad_enabled() and (left.requires_grad or right.requires_grad)
    if learns or left.device.type != "cpu" or math.prod(shape) * left.element_size() < _LARGE:
        return torch.bmm(left, right)
    return torch.bmm(left, right, out=_room(shape, left.dtype))


def _room(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """A tensor of no particular numbers that begins at a line of the cache."""
    size = math.prod(shape) * dtype.itemsize
    room = torch.from_numpy(np.empty(size + _LINE, np.uint8))
    start = -room.data_ptr() % _LINE
    return room[start : start + size].view(dtype).view(shape)
