"""What the candidates of a space cost goes in; the least and the greatest that each measure can be comes out.

Each part of a candidate is taken at its least and at its greatest, whatever the others are. So no candidate lies
outside of the range, while its ends need not be met: parts that share choices cannot all be least at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

from ghndsl.space.measures.costs import NOTHING, Cost, Fork, Kept, Used, Way, together, without_weights

Reach: TypeAlias = tuple[Cost, Cost]
"""The least and the greatest cost, each part on its own."""


def along(one: Reach, other: Reach) -> Reach:
    """The reach of what costs both."""
    return together(one[0], other[0]), together(one[1], other[1])


def either(one: Reach, other: Reach) -> Reach:
    """The reach of what costs one of two."""
    return _each(min, one[0], other[0]), _each(max, one[1], other[1])


def _each(pick: Callable[[int, int], int], one: Cost, other: Cost) -> Cost:
    params, macs, values, weights, nodes = map(pick, one, other)
    return params, macs, values, weights, nodes


@dataclass
class Reaches:
    """The reaches of ways, by the group that they end in, each found once."""

    _known: dict[Way, dict[int, Reach]] = field(default_factory=dict[Way, dict[int, Reach]])

    def ends(self, way: Way) -> dict[int, Reach]:
        """The reach of a body's ways into each group."""
        if way not in self._known:
            into = self.into(way)
            self._known[way] = {end: reach for end, reach in into.items() if isinstance(end, int)}
        return self._known[way]

    def into(self, way: Way) -> dict[Fork | int, Reach]:
        """What comes before each fork and end of a body."""
        into: dict[Fork | int, Reach] = {way.after: self.step(way)}
        for fork in forks(way):
            for after, reach in self.onward(fork):
                beyond = along(into[fork], reach)
                known = into.get(after.after)
                into[after.after] = either(known, beyond) if known else beyond
        return into

    def out(self, way: Way) -> dict[Fork | int, Reach]:
        """What comes after each fork of a body that some way goes on from."""
        out: dict[Fork | int, Reach] = {}
        for fork in reversed(forks(way)):
            for after, reach in self.onward(fork):
                beyond = along(reach, out[after.after]) if isinstance(after.after, Fork) else reach
                known = out.get(fork)
                out[fork] = either(known, beyond) if known else beyond
        return out

    def onward(self, fork: Fork) -> list[tuple[Way, Reach]]:
        """The ways that go on from a fork, with what the answer and the way up to the next fork cost."""
        question = fork.question
        if not isinstance(question, Used):
            return [(way, self.step(way)) for way in fork.ways if way]
        ends = self._called(question)
        return [
            (way, along(ends[group], self.step(way))) for group, way in enumerate(fork.ways) if way and group in ends
        ]

    def step(self, way: Way) -> Reach:
        """What a way costs up to the next fork."""
        reach: Reach = (way.cost, way.cost)
        for item in way.items:
            if isinstance(item, Used):
                reach = along(reach, reduce(either, self._called(item).values()))
            elif isinstance(item, Kept):
                reach = along(reach, (NOTHING, (item.params, 0, 0, item.memory, 0)))
        return reach

    def _called(self, call: Used) -> dict[int, Reach]:
        ends = self.ends(call.way)
        if call.key is None:
            return ends
        return {group: (without_weights(least), greatest) for group, (least, greatest) in ends.items()}


def forks(way: Way) -> list[Fork]:
    """The forks of a body, each before those it leads to."""
    done: set[Fork] = set()
    order: list[Fork] = []
    stack: list[tuple[Fork | int, bool]] = [(way.after, False)]
    while stack:
        fork, left = stack.pop()
        if isinstance(fork, int):
            continue
        if left:
            order.append(fork)
        elif fork not in done:
            done.add(fork)
            stack.append((fork, True))
            stack += [(after.after, False) for after in fork.ways if after]
    return order[::-1]
