"""A candidate goes in; a vector comes out, for models that learn from candidates; any vector is read as a candidate.

There is a column for each option of each choice, 1 where it is taken: one of them for a choice of one option, several
for one of several, none for a choice that the candidate does not make. A graph has a column for each edge that may be,
and for each label that a vertex may have; the output has columns of its own, whatever the number of vertices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.language.nearness import best_fit
from ghndsl.space.candidate import Candidate
from ghndsl.space.moving.mover import Mover, traced
from ghndsl.space.ways.diagram import Pick
from ghndsl.space.ways.fork import Fork
from ghndsl.space.ways.walk import Walks

MOST_COLUMNS = 100_000
"""Columns beyond which a space has too many choices for a vector."""


class Encoding:
    """Vectors for the candidates of a space, made of all choices that are `asked` of any.

    >>> from ghndsl.space.load import loads_space
    >>> text = "choose k from [1, 3]\\n choose 1..2 of from range(3)\\n input x: f32[N, 1, 8, 8]"
    >>> encoding = loads_space(f"space s() {{ {text}\\n output y = x -> conv(len(of), k) }}").encoding
    >>> encoding.columns
    ('k=1', 'k=3', 'of=0', 'of=1', 'of=2')
    >>> str(encoding.decode([0.3, 0.4, 0.9, 0.2, 0.6]))
    'k=3 of=[0,2]'
    """

    def __init__(self, mover: Mover, every: Walks, asked: Iterable[tuple[str, Pick]]) -> None:
        self.columns = _columns(mover.name, mover.span, asked)
        self._mover = mover
        self._every = every
        self._place = {column: place for place, column in enumerate(self.columns)}
        self._parts: dict[Fork, Sequence[tuple[str, int]]] = {}

    def encode(self, candidate: Candidate) -> list[float]:
        """The vector of a candidate, whether it meets every `where` or not."""
        vector = [0.0] * len(self.columns)
        for _, fork, way in traced(self._every, candidate, self._mover.number).steps:
            for mark in fork.domain.marked(way):
                vector[self._place[fork.path + mark]] = 1.0
        return vector

    def decode(self, vector: Iterable[float]) -> Candidate:
        """The candidate that comes nearest to a vector, as far as one finds it choice by choice.

        Each choice in turn is what is nearest in its own columns and leads on to a candidate that meets every `where`
        over choices. So a candidate comes back from its own vector. Raises ValueError for a vector of another length.
        """
        numbers = [float(number) for number in vector]
        if len(numbers) != len(self.columns):
            raise ValueError(
                f"the vector has {len(numbers):,} numbers, and {len(self.columns):,} columns are asked for"
            )
        return Candidate(self._mover.walks.gone(lambda fork: self._nearest(fork, numbers)))

    def _nearest(self, fork: Fork, numbers: Sequence[float]) -> int:
        if fork not in self._parts:
            self._parts[fork] = [(mark, self._place[fork.path + mark]) for mark in fork.domain.marks]
        wanted = {mark: numbers[place] for mark, place in self._parts[fork]}
        if isinstance(fork.ways, range):
            return fork.domain.fitting(wanted)
        return best_fit(fork.domain.marked, fork.ways, wanted)


def _columns(name: str, span: Span, asked: Iterable[tuple[str, Pick]]) -> tuple[str, ...]:
    """The columns of choices, those of one path together. A path may have other options where it is met again."""
    found: dict[str, dict[str, None]] = {}
    count = 0
    for path, pick in asked:
        known = found.setdefault(path, {})
        before = len(known)
        known.update(dict.fromkeys(pick.domain.marks))
        count += len(known) - before
        if count > MOST_COLUMNS:
            message = (
                f"the vectors of `{name}` would have more than {MOST_COLUMNS:,} columns: "
                f"{len(found):,} of its choices have {count:,}"
            )
            hint = "a space that calls itself has a path for each choice at each depth; bound the depth"
            raise CompileError(Diagnostic("G306", message, span, help=hint))
    return tuple([path + mark for path, marks in found.items() for mark in marks])
