"""A diagram and a fault in it go in; the combinations of choices that lead to it, none longer than needed, come out.

A combination is one that every candidate which makes its choices meets the fault; without any one of them some
candidate escapes it. One is found by taking the choices of a faulty way and leaving out what does not matter
(Junker, "QuickXplain: preferred explanations and relaxations for over-constrained problems", 2004). What it does not
cover is cut into parts that share no candidate, and each is looked into in turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ghndsl.diagnostics import Diagnostic
from ghndsl.records import record
from ghndsl.space.checking.regions import Choice, Region
from ghndsl.space.checking.seeking import OutOfWorkError, Seeking

MOST_FOUND = 64
"""Combinations that are looked for."""


@record
class Combination:
    """Choices that together lead to a fault, and the fault as it is met on one way there."""

    choices: tuple[Choice, ...]
    fault: Diagnostic


@record
class Combinations:
    """What was found; `is_all` when every candidate that meets the fault makes the choices of one of them."""

    found: tuple[Combination, ...]
    is_all: bool


def combinations(seeking: Seeking) -> Combinations:
    """The combinations that lead to the faults which are looked for; those of fewest choices first.

    Some candidate must escape them. As many are found as the work allows.
    """
    search = _Search(seeking)
    try:
        is_all = search.all_found()
    except OutOfWorkError:
        is_all = False
    return Combinations(tuple(sorted(search.found.values(), key=lambda one: len(one.choices))), is_all)


@dataclass
class _Search:
    seeking: Seeking
    found: dict[tuple[Choice, ...], Combination] = field(default_factory=dict[tuple[Choice, ...], Combination])

    def all_found(self) -> bool:
        """Looks into one part after the other of what is not covered; false when there were too many."""
        parts = deque([Region({})])
        while parts:
            part = parts.popleft()
            way = self.seeking.way(part, met=True)
            if way is None or way.fault is None:
                continue
            if len(self.found) == MOST_FOUND:
                return False
            choices = tuple(self._needed((), way.choices, is_new=False))
            self.found.setdefault(choices, Combination(choices, way.fault))
            parts += _parts_beside(part, choices)
        return True

    def _leads_there(self, choices: Sequence[Choice]) -> bool:
        """Whether every candidate that makes these choices meets the fault."""
        return self.seeking.way(Region(dict(choices)), met=False) is None

    def _needed(self, kept: Sequence[Choice], choices: Sequence[Choice], *, is_new: bool) -> list[Choice]:
        """Those of the choices that are needed beside the kept ones; `is_new` when some of these were not looked at."""
        if is_new and self._leads_there(kept):
            return []
        if len(choices) == 1:
            return [*choices]
        half = len(choices) // 2
        later = self._needed((*kept, *choices[:half]), choices[half:], is_new=half > 0)
        earlier = self._needed((*kept, *later), choices[:half], is_new=bool(later))
        return [*earlier, *later]


def _parts_beside(part: Region, choices: Sequence[Choice]) -> Iterator[Region]:
    """What of a part is not covered by a combination: each of its choices in turn is not made, those before it are."""
    made = dict(part.made)
    for path, shown in choices:
        if path not in made:
            yield Region({**made}, part.shunned | {(path, shown)})
            made[path] = shown
