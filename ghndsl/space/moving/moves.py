"""Candidates of a space go in; candidates near to one, changed by chance, and crossed of two, come out.

One choice is changed. Choices after it stay what they were, as far as they are still asked and may still be that; one
that may not takes the nearest option that leads on to a candidate. A choice that only now is asked becomes like the
most alike one of the candidate: a layer that is added copies the last layer beside it, a cell that is split in two has
twice what it was. So a move changes as little as can be, and none is ever invalid.

Where nothing else had to change with it, the move back is a move too: then one candidate is near another when the other
is near it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from random import Random

from ghndsl.space.ways.fork import Fork
from ghndsl.space.ways.walk import Texts, Trace, Walks


def neighbours(trace: Trace) -> Iterator[Texts]:
    """All candidates with one choice changed to a near one, in the order of their choices; each once."""
    keep = _Keeping(trace.texts).kept
    for index, (_, fork, way) in enumerate(trace.steps):
        for other in fork.domain.near(way):
            if fork.leads_on(other):
                yield trace.changed(index, other, keep)


def mutations(trace: Trace, rng: Random) -> Iterator[Texts]:
    """Candidates with one choice, drawn from those that can change, changed to a near one by chance, without end.

    Choices that only now are asked are drawn (the mutation of Real et al., "Regularized Evolution", AAAI 2019). Of a
    space with one candidate that one comes out.
    """
    keeping = _Keeping(trace.texts)

    def keep_or_draw(fork: Fork) -> int:
        way = keeping.still(fork)
        return fork.drawn(rng) if way is None else way

    while True:
        # Choices in an order of chance, the first that can change: drawn uniformly from those that can.
        for index in rng.sample(range(len(trace.steps)), len(trace.steps)):
            _, fork, way = trace.steps[index]
            other = next(filter(fork.leads_on, fork.domain.near(way, rng)), None)
            if other is not None:
                yield trace.changed(index, other, keep_or_draw)
                break
        else:
            yield trace.texts


def crossings(walks: Walks, one: Texts, other: Texts, rng: Random) -> Iterator[Texts]:
    """Candidates that take each choice from one of two parents, each as likely, without end.

    A choice that one of them does not make, or cannot make here, is the other's; one that neither can is drawn.
    """
    parents = dict(one), dict(other)

    def choose(fork: Fork) -> int:
        first = rng.getrandbits(1)
        for parent in (parents[first], parents[1 - first]):
            text = parent.get(fork.path)
            way = None if text is None else fork.found(text)
            if way is not None:
                return way
        return fork.drawn(rng)

    while True:
        yield walks.gone(choose)


class _Keeping:
    """Keeps the choices of a candidate."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    @cached_property
    def _made(self) -> Mapping[str, str]:
        return dict(self.texts)

    @cached_property
    def _alike(self) -> Mapping[tuple[str, ...], str]:
        """For the beginnings of paths, with what the paths end in, what the last choice of these is."""
        found: dict[tuple[str, ...], str] = {}
        for path, text in self.texts:
            found.update(dict.fromkeys(_beginnings(path), text))
        return found

    def still(self, fork: Fork) -> int | None:
        """What a choice is, or what is nearest to it; None when the candidate does not make it."""
        text = self._made.get(fork.path)
        return None if text is None else fork.nearest(text)

    def kept(self, fork: Fork) -> int:
        """What a choice is, or the most alike one of the candidate."""
        way = self.still(fork)
        if way is not None:
            return way
        for beginning in _beginnings(fork.path):
            if beginning in self._alike:
                return fork.nearest(self._alike[beginning])
        return fork.ways[0]


def _beginnings(path: str) -> Iterator[tuple[str, ...]]:
    """What other paths may share with one that has the same last part, the most first.

    >>> list(_beginnings("stage0.2.op"))
    [('stage0', '2', 'op'), ('stage0', 'op'), ('op',)]
    """
    *before, last = path.split(".")
    for length in range(len(before), -1, -1):
        yield (*before[:length], last)
