"""What candidates cost goes in; whether all of them, or none, meet each `where` over measures comes out."""

from __future__ import annotations

from ghndsl.records import record
from ghndsl.space.measures.conditions import Ranges, decided
from ghndsl.space.measures.costs import Cost, Costs, Fork, Limit, Way, measures
from ghndsl.space.measures.reach import Reach, Reaches, along


@record
class Verdict:
    """Whether every candidate meets its limits, or none does; None where that depends on the candidate or is not known.

    `ranges` are what the measures can be, those that are known; `limit` is one that rules candidates out.
    """

    is_met: bool | None
    ranges: Ranges
    limit: Limit | None = None


def verdict(costs: Costs) -> Verdict:
    """What is proved by taking each part of a candidate at its least and at its greatest."""
    if costs.is_partial:
        return Verdict(None, {})
    run = _Judging(costs)
    return Verdict(run.is_met(), run.ranges(run.whole), run.broken)


class _Judging:
    """Goes through the ways of the space itself, where its `where` stand."""

    def __init__(self, costs: Costs) -> None:
        self.costs = costs
        self.reaches = Reaches()
        self.into, self.out = self.reaches.into(costs.way), self.reaches.out(costs.way)
        self.whole = self.into[0]
        self.broken: Limit | None = None
        self.is_open = False

    def ranges(self, reach: Reach) -> Ranges:
        return ranges(*reach, self.costs.unknown)

    def is_met(self) -> bool | None:
        """True when no way comes by a limit that is not kept for sure, false when each breaks one for sure."""
        seen: set[Fork | int] = set()
        stack: list[Fork | int] = []
        if self._is_passed(self.costs.way, self.whole):
            stack.append(self.costs.way.after)
        while stack:
            fork = stack.pop()
            if fork in seen:
                continue
            seen.add(fork)
            if isinstance(fork, Fork):
                stack += [way.after for way, reach in self.reaches.onward(fork) if self._goes(fork, way, reach)]
        if not any(isinstance(end, int) for end in seen):
            return False
        return None if self.is_open or self.broken else True

    def _goes(self, fork: Fork, way: Way, reach: Reach) -> bool:
        through = along(self.into[fork], reach)
        return self._is_passed(way, along(through, self.out[way.after]) if isinstance(way.after, Fork) else through)

    def _is_passed(self, way: Way, through: Reach) -> bool:
        """Whether some candidate that goes a way may keep the limits on it."""
        for limit in way.items:
            if isinstance(limit, Limit):
                found = decided(limit.condition, self.ranges(through))
                self.is_open = self.is_open or found is None
                if found is False:
                    self.broken = self.broken or limit
                    return False
        return True


def ranges(least: Cost, greatest: Cost, unknown: frozenset[str]) -> Ranges:
    """The ranges of the measures that are known.

    >>> ranges((1, 2, 3, 4, 1), (2, 2, 3, 8, 1), frozenset({"macs"}))
    {'params': (1, 2), 'memory': (7, 11), 'nodes': (1, 1)}
    """
    low, high = measures(least), measures(greatest)
    return {name: (low[name], high[name]) for name in low if name not in unknown}
