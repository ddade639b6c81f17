"""A candidate and its number go in; what is known once it is built comes out: the architecture, and its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ghndsl.passes import simplify
from ghndsl.records import record
from ghndsl.space.candidate import Candidate

if TYPE_CHECKING:
    from ghndsl.space.space import Space

Numbered: TypeAlias = tuple[int, Candidate]


@record
class Architecture:
    """A candidate and its number, the identity of what it computes (after `passes.simplify`), and its size as built."""

    number: int
    candidate: Candidate
    id: str
    params: int
    macs: int | None
    nodes: int


@dataclass(frozen=True)
class Look:
    """The task of building one candidate of a space, as it may be sent to another process.

    >>> from ghndsl.space.load import loads_space
    >>> text = "space s() { choose k from [1, 3]\\n input x: f32[N, 1, 8, 8]\\n output y = x -> conv(4, k) }"
    >>> space = loads_space(text)
    >>> [Look(space)(pair).params for pair in space.enumerate()]
    [8, 40]
    """

    space: Space

    def __call__(self, numbered: Numbered) -> Architecture:
        """Builds; the same wherever it runs."""
        number, candidate = numbered
        graph = self.space.build(candidate)
        return Architecture(number, candidate, simplify(graph).id, graph.params, graph.macs, len(graph.nodes))
