"""Spaces and networks go in; the graphs that a hypernetwork is trained on, and those it is held back from, come out."""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ghndsl.diagnostics import CompileError
from ghndsl.ghn.train import FAR
from ghndsl.ir import Graph
from ghndsl.search.draw import Drawn, identified, training_sample
from ghndsl.space import Candidate, Space
from ghndsl.training.seeds import derived

_PATIENCE = 1000
_TENTH = 10
"""At most one in so many candidates of a space is held out."""
_TRIES = 4
"""Draws for each architecture that is to be held out."""
_KEPT = 256
"""The sizes of a space that are kept with what was planned of them."""


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

    def some(self, count: int) -> list[int]:
        """Its numbers, or so many of them (two or more) where there are more, evenly from end to end.

        >>> Range(5, 7).some(64), Range(0, 100).some(5)
        ([5, 6, 7], [0, 25, 50, 75, 100])
        """
        last = min(count - 1, self.most - self.least)
        return [self.least + (self.most - self.least) * index // max(last, 1) for index in range(last + 1)]


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
    or grow with the training (`grow`), and the architectures that are never drawn, by their identity."""

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
        for _ in range(_PATIENCE if self.held else 0):
            drawn = self._identified(candidate)
            if drawn is None or drawn.identity not in self.held:
                return drawn.at(space) if drawn else space.build(candidate)
            candidate = space.draw(rng)
        return space.build(candidate)

    def _identified(self, candidate: Candidate) -> Drawn | None:
        """What a candidate is, at whatever size; None where other sizes ask for other choices, so that it is none of
        this one's."""
        try:
            return identified(self.space, candidate)
        except CompileError:
            return None

    def hold_out(self, count: int, seed: int) -> tuple[Drawing, list[Graph]]:
        """The same source without some architectures, and their graphs."""
        found = self.to_hold_out(count, seed)
        return replace(self, held=frozenset(found)), list(found.values())

    def to_hold_out(self, count: int, seed: int, known: Container[str] = ()) -> dict[str, Graph]:
        """Architectures to be held out, by identity, none of the `known` ones; fewer, or none, of a space too small to
        spare them: at most one candidate of ten, and half of the architectures that come by."""
        rng, found = random.Random(derived(seed, "held out")), dict[str, Graph]()
        wanted = min(count, self.space.size // _TENTH)
        for _ in range(_TRIES * wanted):
            drawn = identified(self.space, self.space.draw(rng))
            if drawn.identity not in known:
                found.setdefault(drawn.identity, drawn.at(self.space))
            if len(found) == 2 * wanted:
                break
        return dict(list(found.items())[: min(wanted, len(found) // 2)])

    def _scaled(self, number: int, seed: int, done: float) -> Space:
        rng = random.Random(derived(seed, "vary", number))
        chosen = {name: rng.randint(one.least, one.most) for name, one in self.vary.items()}
        chosen |= {name: one.at(done) for name, one in self.grow.items()}
        return self.at(chosen)

    def at(self, values: Mapping[str, int]) -> Space:
        """The space with these values of what varies and what grows; those that were asked for last are kept."""
        if not values:
            # This one has its plan already.
            return self.space
        key = tuple(values[name] for name in (*self.vary, *self.grow))
        found = self._scales.pop(key, None)
        if found is None:
            found = replace(self.space, settings={**self.space.settings, **values})
        self._scales[key] = found
        if len(self._scales) > _KEPT:
            del self._scales[next(iter(self._scales))]
        return found


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
