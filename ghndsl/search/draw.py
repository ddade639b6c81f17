"""A space and a seed go in; its candidates come out in a random order, no architecture twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ghndsl.ir import Graph
from ghndsl.passes import simplify
from ghndsl.space import Candidate, Space
from ghndsl.space.distinct import PATIENCE
from ghndsl.training.seeds import derived


@dataclass(frozen=True, eq=False)
class Drawn:
    """A candidate, the identity of what it computes (if it was asked for), and its graphs: one for each scale of the
    space, built once."""

    candidate: Candidate
    identity: str = ""
    graphs: WeakKeyDictionary[Space, Graph] = field(default_factory=WeakKeyDictionary[Space, Graph], repr=False)

    def at(self, space: Space) -> Graph:
        """The candidate's graph at the scale of a space."""
        if space not in self.graphs:
            self.graphs[space] = space.build(self.candidate)
        return self.graphs[space]


def distinct(
    space: Space,
    seed: int,
    candidates: Iterator[Candidate] | None = None,
    within: Container[str] | None = None,
) -> Iterator[Drawn]:
    """Candidates drawn uniformly (or the given ones), an architecture that came before left out.

    Two candidates are one architecture when their graphs have one `id` after `passes.simplify`. Ends after `PATIENCE`
    draws in a row that bring nothing new. `within` holds the lines that may be drawn. `space.distinct` draws each
    architecture as likely as another, and builds all candidates for that; a search draws a few of many.
    """
    known: set[str] = set()
    texts: set[str] = set()
    stale = 0
    for candidate in candidates or _draws(space, seed):
        stale += 1
        if stale > PATIENCE:
            return
        if str(candidate) in texts or (within is not None and str(candidate) not in within):
            continue
        texts.add(str(candidate))
        drawn = identified(space, candidate)
        if drawn.identity in known:
            continue
        known.add(drawn.identity)
        stale = 0
        yield drawn


def _draws(space: Space, seed: int) -> Iterator[Candidate]:
    rng = random.Random(derived(seed, "draw"))
    while True:
        yield space.draw(rng)


def training_sample(space: Space, seed: int) -> Callable[[int], Graph]:
    """The candidates that a hypernetwork is trained on: the i-th is the same whenever it is asked for."""

    def sample(number: int) -> Graph:
        return space.build(space.draw(random.Random(derived(seed, "train", number))))

    return sample


def identified(space: Space, candidate: Candidate) -> Drawn:
    """A candidate, built, with its identity."""
    graph = space.build(candidate)
    return Drawn(candidate, simplify(graph).id, WeakKeyDictionary({space: graph}))
