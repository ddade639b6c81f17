"""A space and a seed go in; its candidates come out in a random order, no architecture twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from itertools import islice
from weakref import WeakKeyDictionary

from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph
from ghndsl.passes import simplify
from ghndsl.space import Candidate, Space
from ghndsl.training.seeds import derived

PATIENCE = 1_000
"""Draws in a row without a new architecture after which a space counts as used up."""


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

    Two candidates are one architecture when their graphs are equal after dead parts, identities and added zeros are
    taken out. Ends when draws bring nothing new. `within` holds the
    lines that may be drawn.
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


def drawn(space: Space, count: int, seed: int) -> list[Drawn]:
    """Candidates drawn uniformly and independently."""
    return [identified(space, candidate) for candidate in islice(_draws(space, seed), count)]


def identified(space: Space, candidate: Candidate) -> Drawn:
    """A candidate, built, with its identity."""
    graph = space.build(candidate)
    return Drawn(candidate, simplify(graph).id, WeakKeyDictionary({space: graph}))


MOST_BUILT = 50_000
"""Candidates of a space up to which all are built to count the distinct ones."""


def count_distinct(space: Space) -> tuple[int | None, int, int]:
    """The number of distinct architectures that meet every `where`, if all can be built; and bounds for it."""
    most = space.size if space.feasible is None else space.feasible
    if space.size > MOST_BUILT:
        return None, min(space.feasible or 0, 1), most
    known = {simplify(graph).id for graph in _feasible(space)}
    return len(known), len(known), len(known)


def _feasible(space: Space) -> Iterator[Graph]:
    for candidate in space:
        try:
            yield space.build(candidate)
        except CompileError as error:
            if any(fault.code != "G303" for fault in error.diagnostics):
                raise
