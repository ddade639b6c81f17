"""A part of a data set and a seed go in; shuffled, perhaps augmented batches come out, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from ghndsl.data import Split
from ghndsl.training.augment import augmented
from ghndsl.training.seeds import generator
from ghndsl.training.settings import Augment


def steps_per_epoch(count: int, size: int) -> int:
    """Full batches only, as an odd last one has noisy statistics; one batch where there are fewer samples."""
    return max(1, count // size)


def epoch(split: Split, size: int, augment: Augment, rng: torch.Generator) -> Iterator[Split]:
    """The batches of one pass over the part, in an order that `rng` draws."""
    order = torch.randperm(len(split), generator=rng)
    for step in range(steps_per_epoch(len(split), size)):
        index = order[step * size : (step + 1) * size]
        yield augmented(split.part(index), augment, rng)


class Batches:
    """Endless batches by number: passes over the part, each in another order, any of them drawn without the others."""

    def __init__(self, split: Split, size: int, augment: Augment, seed: int) -> None:
        self.split, self.size, self.seed = split, size, seed
        self.augment: Augment = augment
        self._orders: dict[int, torch.Tensor] = {}

    def __getitem__(self, number: int) -> Split:
        round_, step = divmod(number, steps_per_epoch(len(self.split), self.size))
        index = self._order(round_)[step * self.size : (step + 1) * self.size]
        return augmented(self.split.part(index), self.augment, generator(self.seed, "augment", number))

    def _order(self, round_: int) -> torch.Tensor:
        """The order of a pass; that of the last one asked for is kept."""
        if round_ not in self._orders:
            self._orders = {round_: torch.randperm(len(self.split), generator=generator(self.seed, "order", round_))}
        return self._orders[round_]
