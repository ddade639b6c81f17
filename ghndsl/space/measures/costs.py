"""What a body makes on a way through its choices goes in; what the way costs comes out, as far as choices settle it.

A way is read along: it costs something up to the next choice or call, and goes on from there by what is chosen. What
is not settled there is an item of the way: a later use of a motif, whose choices are made, the weights of a labelled
stage, which are made at its first use alone, and a `where` over measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.records import record
from ghndsl.space.measures.conditions import Condition
from ghndsl.space.ways.diagram import Pick

Cost: TypeAlias = tuple[int, int, int, int, int]
"""For one sample: parameters, multiply-accumulates, bytes of values, bytes of weights, nodes."""
NOTHING: Cost = (0, 0, 0, 0, 0)
StageKey: TypeAlias = tuple[str, int]
"""A part of a labelled stage: the path of its label, and which part it is, in the order in which they are used."""


def together(one: Cost, other: Cost) -> Cost:
    """Two costs added up.

    >>> together((1, 2, 3, 4, 5), (1, 0, 0, 0, 1))
    (2, 2, 3, 4, 6)
    """
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3], one[4] + other[4])


def without_weights(cost: Cost) -> Cost:
    """What is left of a cost where the weights are there already."""
    return (0, cost[1], cost[2], 0, cost[4])


def measures(cost: Cost) -> dict[str, int]:
    """The measures of a graph of some cost, as a `where` names them.

    >>> measures((10, 100, 64, 40, 2))
    {'params': 10, 'macs': 100, 'memory': 104, 'nodes': 2}
    """
    return {"params": cost[0], "macs": cost[1], "memory": cost[2] + cost[3], "nodes": cost[4]}


@record
class Spent:
    """Nodes are made."""

    cost: Cost


@record
class Kept:
    """A part of a labelled stage makes its weights, unless an earlier use of the stage has made them.

    `piece` tells what has them: two uses that differ in it may have other weights.
    """

    key: StageKey
    piece: object
    params: int
    memory: int


@dataclass(frozen=True, eq=False)
class Used:
    """A block is called, its choices below a prefix; where it `decides`, what comes next is the call that makes them.

    `key` is the part of a labelled stage that it is, if it is one.
    """

    prefix: str
    is_absolute: bool
    way: Way
    key: StageKey | None = None
    decides: bool = False


@record
class Limit:
    """A `where` over measures is met; `text` is its condition as it is written."""

    condition: Condition
    text: str
    span: Span


Item: TypeAlias = Spent | Kept | Used | Limit


@dataclass(frozen=True, eq=False)
class Fork:
    """A choice or a call, and the way that goes on from each answer to it; None where no candidate goes."""

    question: Pick | Used
    ways: tuple[Way | None, ...]

    @cached_property
    def answers(self) -> dict[str, int]:
        """The number of each answer, as a candidate's line shows it."""
        assert isinstance(self.question, Pick)
        return {self.question.shown(answer): answer for answer in range(self.question.width)}


@dataclass(frozen=True, eq=False)
class Way:
    """What is spent up to the next fork, or to the end of a group of ways."""

    cost: Cost
    items: tuple[Kept | Used | Limit, ...]
    after: Fork | int

    @property
    def is_settled(self) -> bool:
        """Whether its cost is all there is to it."""
        return not self.items and isinstance(self.after, int)

    def behind(self, item: Spent | Kept | Used | Limit) -> Way:
        """The way with an item before it."""
        if isinstance(item, Spent):
            return Way(together(item.cost, self.cost), self.items, self.after)
        return Way(self.cost, (item, *self.items), self.after)


@record
class Costs:
    """What the candidates of a space cost.

    `unknown` are the measures that some node leaves open; `is_partial` says that a choice was tried in part, so that
    some candidates are not told of.
    """

    way: Way
    unknown: frozenset[str]
    is_partial: bool
