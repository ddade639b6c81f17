"""A space goes in; its architectures come out, each once, however many candidates stand for it.

Two candidates are one architecture when their graphs have one `id` after `passes.simplify`: `docs/spaces.md`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from ghndsl.dags import in_words
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.records import record
from ghndsl.space.candidate import Candidate
from ghndsl.space.looking import Architecture, Look, Numbered

if TYPE_CHECKING:
    from ghndsl.space.space import Space

Each: TypeAlias = Callable[[Callable[[Numbered], Architecture], Iterable[Numbered]], Iterator[Architecture]]
"""Does a task for many items, and gives the results in their order, as `map` does."""
Progress: TypeAlias = Callable[[int, int, str], None]
"""Called after each candidate that was built: how many were, of how many, and a few words."""

MOST_BUILT = 50_000
"""Candidates of a space up to which all are built to know the architectures."""
PATIENCE = 1_000
"""Draws in a row without a new architecture after which a larger space counts as used up."""
_MOST_TO_BOUND = 2_000
"""Candidates of a larger space that are built to see how many architectures it has at least."""
_NODES_TO_BOUND = 60_000
"""Nodes of their graphs together, more or less; one is built in any case."""


@record
class Bounds:
    """The least and the most architectures that there can be, and why no more is known, in words."""

    least: int
    most: int
    because: str


def _quiet(done: int, total: int, text: str) -> None:
    """The progress that nobody watches."""


class Distinct:
    """The architectures of a space; what was found is kept, so that nothing is built twice.

    >>> from ghndsl.space.load import loads_space
    >>> choices = [f"choose {name} {{ one: x\\n two: x -> relu }}" for name in "ab"]
    >>> space = loads_space("\\n".join(["space s() { input x: f32[N, 4]", *choices, "output y = a + b }"]))
    >>> space.size, space.distinct.size, [str(candidate) for candidate in space.distinct]
    (4, 3, ['a=one b=one', 'a=one b=two', 'a=two b=two'])
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._known: list[Architecture] = []
        self._ids: set[str] = set()
        self._next = 0
        self._looked = 0
        self._is_complete = False
        self._drawn: dict[Candidate, Architecture] = {}

    @property
    def most(self) -> int:
        """The candidates that there are, as far as a `where` over measures lets that be known."""
        return self._space.drawable if self._space.feasible is None else self._space.feasible

    @property
    def is_countable(self) -> bool:
        """Whether the space has so few candidates that all are built."""
        return self.most <= MOST_BUILT

    @property
    def size(self) -> int:
        """How many there are, by building every candidate; refused when these are too many."""
        if not self.is_countable:
            message = f"the distinct architectures of `{self._space.name}` cannot be counted: {self._too_many}"
            raise CompileError(
                Diagnostic("G306", message, help="`bounds()` says how many there are at least and at most")
            )
        return len(self.complete())

    def bounds(self, progress: Progress = _quiet) -> Bounds:
        """How many there are at least and at most: exact for a countable space, else after a look at a few draws."""
        if self.is_countable:
            return Bounds(self.size, self.size, f"each of {_counted(self.most)} was built")
        rng = random.Random(0)
        first = self._draw(rng)
        draws = max(1, min(_MOST_TO_BOUND, _NODES_TO_BOUND // max(first.nodes, 1)))
        found = {first.id, *self._ids}
        for drawn in range(1, draws):
            progress(drawn, draws, f"{len(found):,} differ")
            found.add(self._draw(rng).id)
        progress(draws, draws, f"{len(found):,} differ")
        because = f"{self._too_many}; of {len(self._drawn) + self._looked:,} that were, {len(found):,} differ"
        return Bounds(len(found), self.most, because)

    @property
    def _too_many(self) -> str:
        return f"{_counted(self.most)} are more than the {MOST_BUILT:,} that are built"

    def __iter__(self) -> Iterator[Candidate]:
        """The candidate of the lowest number of each architecture, in the order of their numbers."""
        return (architecture.candidate for architecture in self.architectures())

    def architectures(self, each: Each = map, progress: Progress = _quiet) -> Generator[Architecture]:
        """The same, each with what is known of it; by another `each`, candidates may be built in other processes."""
        looks = self._looks(each)
        place = 0
        try:
            while True:
                # What others found meanwhile is there too.
                while place < len(self._known):
                    yield self._known[place]
                    place += 1
                if self._is_complete:
                    return
                self._note(next(looks, None), progress)
        finally:
            looks.close()

    def complete(self, each: Each = map, progress: Progress = _quiet) -> list[Architecture]:
        """All of them, found once and for all."""
        return list(self.architectures(each, progress))

    def _looks(self, each: Each) -> Generator[Architecture]:
        """What is seen of the candidates that nobody has looked at yet, in order."""
        unseen = (numbered for numbered in self._space.enumerate() if numbered[0] >= self._next)
        yield from each(Look(self._space), unseen)

    def _note(self, found: Architecture | None, progress: Progress) -> None:
        if found is None:
            self._is_complete = True
            return
        self._next = found.number + 1
        self._looked += 1
        if found.id not in self._ids:
            self._ids.add(found.id)
            self._known.append(found)
        progress(self._looked, self.most, f"{len(self._known):,} differ")

    def sample(self, n: int, seed: int) -> list[Candidate]:
        """Candidates of `n` architectures, none twice; fewer when the space is used up.

        Of a countable space each architecture is as likely as another, and its candidate is that of the lowest number.
        Of a larger one candidates are drawn uniformly, so that an architecture is the likelier the more stand for it,
        and the space counts as used up after 1,000 draws in a row that bring nothing new.
        """
        return [architecture.candidate for architecture in self.sampled(n, seed)]

    def sampled(self, n: int, seed: int) -> Iterator[Architecture]:
        """The same, each with what is known of it."""
        rng = random.Random(seed)
        return islice(_shuffled(self.complete(), rng) if self.is_countable else self._drawn_apart(rng), n)

    def ending(self, found: int) -> str:
        """Why no more than so many were found, in words."""
        if self.is_countable:
            return f"it has {found:,} distinct architectures"
        return f"after {found:,} distinct architectures, {PATIENCE:,} draws in a row brought none"

    def _drawn_apart(self, rng: random.Random) -> Iterator[Architecture]:
        seen: set[str] = set()
        stale = 0
        while stale < PATIENCE:
            found = self._draw(rng)
            stale += 1
            if found.id not in seen:
                seen.add(found.id)
                stale = 0
                yield found

    def _draw(self, rng: random.Random) -> Architecture:
        candidate = self._space.draw(rng)
        if candidate not in self._drawn:
            self._drawn[candidate] = Look(self._space)((self._space.number(candidate), candidate))
        return self._drawn[candidate]


def _shuffled(known: list[Architecture], rng: random.Random) -> Iterator[Architecture]:
    """A list in a random order, the first of which do not depend on how many are asked for."""
    for place in range(len(known)):
        other = rng.randrange(place, len(known))
        known[place], known[other] = known[other], known[place]
        yield known[place]


def _counted(size: int) -> str:
    return f"{in_words(size)} candidate{'s' * (size != 1)}"
