"""Stacks of thin matrices go in; their products come out, in memory that is quick to get."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import torch

_LARGE = 2**22
"""Bytes from which numpy asks the system for huge pages."""
_LINE = 64
"""Bytes of a line of the cache."""
_KEPT = 2**27
"""Bytes up to which memory that nobody uses any more is kept for the next network: the weights of a ResNet-50 fit."""

Bytes: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"
_spare: list[Bytes] = []
"""At most one piece of memory that was used, and is by nobody now."""


class Room:
    """Memory for the products of so many numbers each, taken from the system at once.

    The first touch of fresh memory takes longer than the product of thin matrices, unless its pages are huge: on a CPU
    an array of numpy asks the system for those. One for all products wastes a part of one page, not one of each. What
    the last network's weights lay in, none of which is used any more, needs no first touch: of a ResNet-50's time that
    is a fifth.
    """

    def __init__(self, numbers: Iterable[int], like: torch.Tensor) -> None:
        """On the device, and of the element type, of a tensor."""
        line = _LINE // like.element_size()
        size = (line + sum(math.ceil(count / line) * line for count in numbers)) * like.element_size()
        is_wanted = like.device.type == "cpu" and size >= _LARGE and not torch.is_grad_enabled()
        left = torch.from_numpy(_memory(size))[:size].view(like.dtype) if is_wanted else like.new_empty(0)
        self._left = left[_to_line(left) :]

    def product(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """`[count, rows, rank]` times `[count, rank, columns]`: as `torch.bmm`, and the same numbers; differentiable
        where gradients are asked for, in memory of its own then, as what no room is left for."""
        shape = left.shape[0], left.shape[1], right.shape[2]
        size = math.prod(shape)
        if size > len(self._left):
            return torch.bmm(left, right)
        made, left_over = self._left[:size].view(shape), self._left[size:]
        self._left = left_over[_to_line(left_over) :]
        return torch.bmm(left, right, out=made)


def _to_line(tensor: torch.Tensor) -> int:
    """How many numbers lie before the next line of the cache begins."""
    return -tensor.data_ptr() % _LINE // tensor.element_size()


def _memory(size: int) -> Bytes:
    """At least so many bytes, and at most twice as many."""
    found = _spare.pop() if _spare else None
    if found is None or not size <= found.nbytes <= 2 * size:
        found = np.empty(size, np.uint8)
    # Tensors keep the view, and when the last of them goes, nobody can see what is kept.
    view = found.view()
    weakref.finalize(view, _keep, found).atexit = False
    return view


def _keep(memory: Bytes) -> None:
    if memory.nbytes <= _KEPT and not _spare:
        _spare.append(memory)
