"""A batch, or what a process found for its share of one, goes in; its share, or what all found, comes out."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ghndsl.data import Split
from ghndsl.training.team import Team


def part_of(batch: Split, together: Team) -> Split:
    """The samples of a batch that fall to this process."""
    return batch if together.size == 1 else batch.part(slice(together.rank, None, together.size))


def gathered(own: torch.Tensor, count: int, together: Team) -> torch.Tensor:
    """The answers of all processes, in the order of the `count` samples of the batch."""
    if together.size == 1:
        return own
    whole = own.new_zeros((count, *own.shape[1:]))
    whole[together.rank :: together.size] = own
    return together.total(whole)


def stacked(own: torch.Tensor, together: Team) -> torch.Tensor:
    """A row for each process."""
    rows = own.new_zeros((together.size, *own.shape))
    rows[together.rank] = own
    return together.total(rows)


def agree(tensors: Sequence[torch.Tensor], together: Team) -> None:
    """Puts the mean over the processes into tensors of real numbers; whole ones, counts of steps, are equal in all."""
    for tensor in tensors if together.size > 1 else ():
        if tensor.is_floating_point():
            tensor.copy_(together.total(tensor) / together.size)
