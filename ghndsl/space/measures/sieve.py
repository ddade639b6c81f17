"""Candidates go in one by one; those that meet each `where` over measures come out, built where nothing else tells.

A candidate is tested by what its choices cost. Draws are rejected one by one, which keeps them uniform; where few pass,
a space that is small enough is gone through, and of a larger one those near a bound are drawn from.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.space.candidate import Candidate
from ghndsl.space.measures.conditions import Ranges, decided
from ghndsl.space.measures.costs import Costs, Limit
from ghndsl.space.measures.tail import Tail, tail
from ghndsl.space.measures.tries import Broken, Tries, none_can, not_met
from ghndsl.space.measures.verdict import Verdict, ranges, verdict
from ghndsl.space.measures.weighing import UntoldError, weighed

PROBED = 200
"""Draws that tell whether few candidates pass: the same for a space at all times, so that a seed always draws alike."""
SHARE = 10
"""Few is less than one in so many."""
MOST_DRAWN = 100_000
"""Draws for one candidate before a `where` over measures is called too strict."""
MOST_NEAR = 1_000
"""Draws for one candidate from those near a bound."""
MOST_BUILT = 3_000
"""Candidates that are built for one draw."""
MOST_BUILT_LISTED = 3_000
"""Candidates that are built to go through a space."""
STEPS_PROBED = 250_000
"""Steps, one for each choice or call on the way of a candidate, after which no more are probed."""
STEPS_DRAWN = 1_000_000
"""Steps of draws after which no candidate is found."""
STEPS_LISTED = 2_000_000
"""Steps after which a space is too large to go through."""
MOST_PROBED = 20
"""Candidates that are built to tell whether few pass."""
FEW_LISTED = 5_000
"""Candidates of a space that is gone through at once."""
MOST_LISTED = 50_000
"""Candidates of a space that is gone through where nothing else tells how many pass."""
MOST_SHOWN, STEPS_SHOWN = 1_000, 30_000
"""Draws for an example, and steps of draws after which there is none."""


class Sieve:
    """Tests the candidates of a space that meet every `where` over choices; `total` is how many there are.

    `listed` goes through them, `draws` draws so many; `unmet` builds one, and says which condition it breaks and how
    many steps that took. Work is bounded by counting it, never by time, so that a seed always draws alike.
    """

    def __init__(
        self,
        name: str,
        costs: Costs,
        total: int,
        listed: Callable[[], Iterator[Candidate]],
        draws: Callable[[int, random.Random], Iterable[Candidate]],
        unmet: Callable[[Candidate], tuple[Diagnostic | None, int]],
    ) -> None:
        self.name = name
        self.costs = costs
        self.total = total
        self._listed = listed
        self._draws = draws
        self._unmet = unmet
        self._built = 0
        self._steps = 0
        self._drawn = Tries()
        self._near = Tries()
        self._all = Tries()
        self._passed: int | None = None

    @cached_property
    def verdict(self) -> Verdict:
        """What is known of all candidates without a look at any."""
        return verdict(self.costs)

    @cached_property
    def _tail(self) -> Tail | None:
        return tail(self.costs)

    def passes(self, candidate: Candidate, tries: Tries | None = None) -> bool:
        """Whether a candidate meets each `where` over measures; noted among the `tries`."""
        if self.verdict.is_met is not None:
            return self.verdict.is_met
        broken, known = self._breaks(candidate)
        if tries is not None:
            tries.add(broken, known)
        return broken is None

    def fault(self, candidate: Candidate) -> Diagnostic | None:
        """What is wrong with a candidate that does not pass, at the place of the `where`; None for one that passes."""
        if self.verdict.is_met:
            return None
        broken, known = self._breaks(candidate)
        return not_met(broken, known) if isinstance(broken, Limit) else broken

    def _breaks(self, candidate: Candidate) -> tuple[Broken | None, Ranges]:
        """The condition that a candidate does not meet, if there is one, and its measures, as far as they are known."""
        try:
            cost, limits, steps = weighed(self.costs, dict(candidate.texts))
        except UntoldError:
            return self._breaks_built(candidate), {}
        self._steps += steps
        known = ranges(cost, cost, self.costs.unknown)
        found = [(limit, decided(limit.condition, known)) for limit in limits]
        if any(is_met is None for _, is_met in found):
            return self._breaks_built(candidate), known
        return next((limit for limit, is_met in found if not is_met), None), known

    def _breaks_built(self, candidate: Candidate) -> Diagnostic | None:
        self._built += 1
        fault, steps = self._unmet(candidate)
        self._steps += steps
        return fault

    def walked(self, numbered: Iterable[tuple[int, Candidate]]) -> Iterator[tuple[int, Candidate]]:
        """Those of all candidates that pass; when all were gone through, how many that were is known."""
        tries = Tries()
        for number, candidate in numbered:
            if self.passes(candidate, tries):
                yield number, candidate
        self._all, self._passed = tries, tries.passed

    @cached_property
    def passing(self) -> list[Candidate] | None:
        """Those of all candidates that pass; None where they are too many to go through."""
        if self.total > MOST_LISTED:
            return None
        found: list[Candidate] = []
        built, steps = self._built, self._steps
        for candidate in self._listed():
            if self.passes(candidate, self._all):
                found.append(candidate)
            if self._is_long(self._built - built) or self._steps - steps > STEPS_LISTED:
                return None
        return found

    def _is_long(self, built: int) -> bool:
        """Whether too many candidates will have to be built to go through all, as many as of those seen so far."""
        return built > MOST_PROBED and built * self.total > MOST_BUILT_LISTED * self._all.tried

    @property
    def count(self) -> int | None:
        """How many candidates pass; None where that is not known."""
        return self._count if self._passed is None else self._passed

    @cached_property
    def _count(self) -> int | None:
        if self.verdict.is_met is not None:
            return self.total if self.verdict.is_met else 0
        if self.total > FEW_LISTED and self._tail is not None and (self._tail.is_exact or not self._tail.count):
            return self._tail.count
        return None if self.passing is None else len(self.passing)

    @cached_property
    def _is_rare(self) -> bool:
        """Whether few candidates pass, as far as that is cheap to see."""
        built, steps = self._built, self._steps
        for candidate in self._draws(PROBED, random.Random(0)):
            self.passes(candidate, self._drawn)
            if self._built - built > MOST_PROBED:
                return False
            if self._steps - steps > STEPS_PROBED:
                break
        return self._drawn.passed * SHARE < self._drawn.tried

    def draw(self, rng: random.Random) -> Candidate:
        """One of the candidates that pass, uniformly."""
        if self.verdict.is_met is False:
            raise CompileError(self.refusal())
        if self._is_rare and self.passing:
            return self.passing[rng.randrange(len(self.passing))]
        near = self._tail if self._is_rare and self.passing is None else None
        if near is not None and near.count:
            found = self._first(near.draws(MOST_NEAR, rng, STEPS_DRAWN), STEPS_DRAWN, self._near)
        else:
            found = None if self._is_empty else self._first(self._draws(MOST_DRAWN, rng), STEPS_DRAWN, self._drawn)
        if found is None:
            raise CompileError(self.refusal())
        return found

    @cached_property
    def example(self) -> Candidate | None:
        """One that passes; None where none does, and where a short look finds none."""
        if self.count == 0:
            return None
        # These draws are not noted: what was shown must not change what a seed draws.
        found = self._first(self._draws(MOST_SHOWN, random.Random(0)), STEPS_SHOWN)
        if found is None and self._tail is not None and self._tail.count:
            found = self._first(self._tail.draws(MOST_SHOWN, random.Random(0), STEPS_SHOWN), STEPS_SHOWN)
        return next(iter(self.passing or ()), None) if found is None else found

    @property
    def _is_empty(self) -> bool:
        """Whether it is known that none passes, where few do."""
        return self._is_rare and self.count == 0

    def _first(self, candidates: Iterable[Candidate], most: int, tries: Tries | None = None) -> Candidate | None:
        """The first of some candidates that passes; None also when that takes more than `most` steps."""
        built, steps = self._built, self._steps
        for candidate in candidates:
            if self.passes(candidate, tries):
                return candidate
            if self._built - built >= MOST_BUILT or self._steps - steps > most:
                break
        return None

    def refusal(self) -> Diagnostic:
        """Why no candidate is found: none passes, or almost none."""
        if self.verdict.is_met is False and self.verdict.limit is not None:
            return none_can(self.name, self.verdict.limit, self.verdict.ranges, "in every candidate")
        if self._passed == 0 or (self.total <= MOST_LISTED and self.passing == []):
            return self._all.all_fail(self.name)
        if self._tail is not None and not self._tail.count:
            return none_can(self.name, self._tail.limit, self.verdict.ranges, "in every candidate, and never as asked")
        return self._drawn.almost_all_fail(self.name, self._near.tried)
