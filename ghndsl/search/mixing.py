"""Spaces and networks go in; the graphs that a hypernetwork is trained on, and those it is held back from, come out."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ghndsl.ghn.train import FAR
from ghndsl.ir import Graph
from ghndsl.search.draw import training_sample
from ghndsl.space import Candidate, Space
from ghndsl.training.seeds import derived

_PATIENCE = 1000
_TENTH = 10
"""At most one in so many candidates of a space is held out."""


@dataclass(frozen=True)
class Range:
    """The whole numbers from `least` to `most`."""

    least: int
    most: int

    def at(self, share: float) -> int:
        """The number that a share from 0 to 1 of the way leads to.

        >>> [Range(5, 7).at(share) for share in (0, 0.4, 0.7, 1)]
        [5, 6, 7, 7]
        """
        return min(self.most, self.least + int(share * (self.most - self.least + 1)))


class Source(Protocol):
    """What graphs are drawn from."""

    def draw(self, number: int, seed: int, done: float) -> Graph:
        """The graph of a number, always the same for a seed, when that share of the training is done."""
        ...


@dataclass(frozen=True)
class Fixed:
    """A source of one network."""

    graph: Graph

    def draw(self, number: int, seed: int, done: float) -> Graph:
        """The network."""
        return self.graph


@dataclass(frozen=True)
class Drawing:
    """A space at the scale it is trained on, with parameters that vary at random from candidate to candidate (`vary`)
    or grow with the training (`grow`), and the lines of candidates that are never drawn."""

    space: Space
    vary: Mapping[str, Range] = field(default_factory=dict[str, Range])
    grow: Mapping[str, Range] = field(default_factory=dict[str, Range])
    held: frozenset[str] = frozenset()
    _scales: dict[tuple[int, ...], Space] = field(default_factory=dict[tuple[int, ...], Space], repr=False)

    def draw(self, number: int, seed: int, done: float) -> Graph:
        """A candidate drawn uniformly."""
        rng = random.Random(derived(seed, "train", number))
        space = self._scaled(number, seed, done) if self.vary or self.grow else self.space
        candidate = space.draw(rng)
        for _ in range(_PATIENCE):
            if str(candidate) not in self.held:
                break
            candidate = space.draw(rng)
        return space.build(candidate)

    def hold_out(self, count: int, seed: int) -> tuple[Drawing, list[Graph]]:
        """The same source without some candidates, and their graphs; none of a space too small to spare them."""
        rng, lines = random.Random(derived(seed, "held out")), dict[str, Candidate]()
        for _ in range(_PATIENCE):
            if len(lines) == min(count, self.space.size // _TENTH):
                break
            candidate = self.space.draw(rng)
            lines[str(candidate)] = candidate
        return replace(self, held=frozenset(lines)), [self.space.build(candidate) for candidate in lines.values()]

    def _scaled(self, number: int, seed: int, done: float) -> Space:
        rng = random.Random(derived(seed, "vary", number))
        chosen = {name: rng.randint(one.least, one.most) for name, one in self.vary.items()}
        chosen |= {name: one.at(done) for name, one in self.grow.items()}
        key = tuple(chosen.values())
        if key not in self._scales:
            self._scales[key] = replace(self.space, settings={**self.space.settings, **chosen})
        return self._scales[key]


def mixed(sources: Sequence[Source], seed: int, total: int) -> Callable[[int], Graph]:
    """The i-th graph of a training over `total` of them: from one of the sources, each as likely as another.

    One space as it is gives what `training_sample` gives.
    """
    first = sources[0]
    if len(sources) == 1 and isinstance(first, Drawing) and not (first.vary or first.grow or first.held):
        return training_sample(first.space, seed)

    def sample(number: int) -> Graph:
        source = sources[random.Random(derived(seed, "source", number)).randrange(len(sources))]
        return source.draw(number, seed, min(1.0, number % FAR / max(total, 1)))

    return sample
