"""Ways counted by what they cost go in; draws of those that keep a bound come out, uniform, however few they are."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import TypeAlias

from ghndsl.language.recursion import deep_recursion
from ghndsl.language.values import join
from ghndsl.records import record
from ghndsl.space.candidate import Candidate
from ghndsl.space.measures.bound import Bound, bound_of
from ghndsl.space.measures.costs import Costs, Fork, Limit, Used, Way
from ghndsl.space.measures.effort import Effort, SpentError
from ghndsl.space.measures.reach import forks
from ghndsl.space.measures.repeats import Repeats, UnsuitedError
from ghndsl.space.measures.sums import Counting, Ends, Move, Place, Sums, pairs

COARSE = (1, 4096, 1024, 128)
"""Into how many steps a bound is cut where sums are too many; one is none."""

MOST_KEPT = 500_000
"""Ways on from places that are kept; when there are more, all are forgotten."""

_PAIRS_A_STEP = 4
"""Pairs of sums that are multiplied in the time of a step."""

_Goal: TypeAlias = tuple[Place, Ends, int]
_Step: TypeAlias = "tuple[Move, _Goal | None, _Goal]"
_Onward: TypeAlias = "tuple[list[_Step], list[int], int]"
"""Ways on, how many ways there are up to the end of each, and the steps that it took to tell."""


def tail(costs: Costs) -> Tail | None:
    """The candidates that keep a bound which each `where` asks for; None where costs do not add up part by part."""
    found = asked_of(costs)
    if found is None or costs.is_partial or found.bound.measure in costs.unknown:
        return None
    bound = found.bound
    end = max(bound.most or 0, bound.least or 0)
    with deep_recursion():
        for steps in COARSE:
            try:
                coarse = found if steps == 1 else Asked(bound.coarser(1 + end // steps), found.limit, is_all=False)
                return Tail(costs, coarse)
            except UnsuitedError:
                continue
    return None


@record
class Asked:
    """A bound that every candidate is to keep, a limit that asks for it, and whether nothing else is asked."""

    bound: Bound
    limit: Limit
    is_all: bool


def asked_of(costs: Costs) -> Asked | None:
    """The bound that the `where` of a space ask for on every way; None without one."""
    limits = dict.fromkeys(item for way in _ways(costs.way) for item in way.items if isinstance(item, Limit))
    always = [limit for limit in limits if _is_on_all(costs.way, limit)]
    found = bound_of(limit.condition for limit in always)
    if found is None:
        return None
    first = next(limit for limit in always if bound_of([limit.condition]))
    return Asked(found[0], first, is_all=found[1] and len(always) == len(limits))


def _ways(start: Way) -> list[Way]:
    return [start, *[way for fork in forks(start) for way in fork.ways if way]]


def _is_on_all(start: Way, limit: Limit) -> bool:
    """Whether no way comes to an end without a limit."""
    free: dict[Fork | int, bool] = {}
    for fork in reversed(forks(start)):
        free[fork] = any(limit not in way.items and free.get(way.after, True) for way in fork.ways if way)
    return limit in start.items or not free.get(start.after, True)


class Tail:
    """Candidates that keep the bound of a limit; with `is_exact` they are those that meet every `where`, and no others.

    Raises `UnsuitedError` where there are too many sums to be counted.
    """

    def __init__(self, costs: Costs, asked: Asked) -> None:
        self.limit, self.is_exact = asked.limit, asked.is_all
        bound = asked.bound
        self._counting = Counting(bound, Repeats(costs.way))
        amount, self._start = self._counting.along([(costs.way, 1)])
        found: dict[int, int] = {}
        for sums in self._counting.table(self._start).values():
            for total, ways in sums.items():
                whole = bound.kept(amount + total)
                if whole is not None and bound.holds(whole):
                    found[total] = found.get(total, 0) + ways
        self._totals, self._counts = list(found), list(accumulate(found.values()))
        self.count = sum(found.values())
        self._steps: dict[_Goal, _Onward] = {}
        self._kept = 0
        self._orders: dict[tuple[Place, Ends], list[int]] = {}

    def draws(self, n: int, rng: random.Random, most: float = math.inf) -> Iterator[Candidate]:
        """So many of the candidates, uniformly and one by one; fewer once that has taken more than `most` steps."""
        steps = Effort(most)
        try:
            for _ in range(n):
                yield self._drawn(rng, steps)
        except SpentError:
            return

    def _drawn(self, rng: random.Random, effort: Effort) -> Candidate:
        total = self._totals[bisect_right(self._counts, rng.randrange(self.count))]
        texts: list[tuple[str, str]] = []
        self._draw((self._start, (0,), total), "", texts, rng, effort)
        return Candidate(tuple(texts))

    def _draw(self, goal: _Goal, base: str, texts: list[tuple[str, str]], rng: random.Random, effort: Effort) -> None:
        while isinstance(goal[0][0][0], Fork):
            question = goal[0][0][0].question
            effort.spend(1)
            steps, counts, taken = self._steps.get(goal) or self._onward(goal)
            effort.once(goal, taken)
            move, inner, goal = steps[bisect_right(counts, rng.randrange(counts[-1]))]
            below = question.prefix if isinstance(question, Used) else question.path
            path = below if question.is_absolute else join(base, below)
            if inner is not None:
                self._draw(inner, path, texts, rng, effort)
            elif not isinstance(question, Used):
                texts.append((path, question.shown(move.answer)))

    def _onward(self, goal: _Goal) -> _Onward:
        """The ways on from a place into some groups, to a sum."""
        place, ends, wanted = goal
        counting, steps, counts, taken = self._counting, list[_Step](), list[int](), 0
        low, high = counting.window(place, wanted)
        for move in counting.moves(place):
            rests = counting.table(move.after).get(ends, {})
            order = self._sorted(move.after, ends, rests)
            inside, before = counting.inner(move), len(steps)
            for spent, ways in inside.items():
                inner = None if move.inside is None else (move.inside, move.ends, spent)
                so_far = spent + move.amount
                end = None if high is None else bisect_left(order, high - so_far)
                for rest in order[bisect_left(order, low - so_far) : end]:
                    steps.append((move, inner, (move.after, ends, rest)))
                    counts.append(ways * rests[rest])
            taken += len(inside) + (len(steps) - before) * pairs(inside, rests) // max(1, len(inside) * len(rests))
        self._kept += len(steps)
        if self._kept > MOST_KEPT:
            self._steps.clear()
            self._kept = len(steps)
        self._steps[goal] = steps, list(accumulate(counts)), taken // _PAIRS_A_STEP
        return self._steps[goal]

    def _sorted(self, place: Place, ends: Ends, sums: Sums) -> list[int]:
        if (place, ends) not in self._orders:
            self._orders[place, ends] = sorted(sums)
        return self._orders[place, ends]
