"""A fault of some candidates and a way to it go in; the fault comes out with notes: for which choices, for how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ghndsl.dags import in_words
from ghndsl.diagnostics import Diagnostic
from ghndsl.space.checking.avoiding import Test, ways, without
from ghndsl.space.checking.combinations import Combination, Combinations, combinations
from ghndsl.space.checking.regions import Choice
from ghndsl.space.checking.seeking import Seeking
from ghndsl.space.planning.bundles import bundles
from ghndsl.space.ways.diagram import Diagram, Fault, in_order

_MOST_SHOWN = 8
"""Choices of a combination that are shown, and combinations of a fault."""
_MOST_WORK = 200_000
"""Answers that are looked at for all faults of a space together; when there are more, one way to each is shown."""


@dataclass
class Telling:
    """Tells of the faults of a diagram whose choices are below `base`; how many candidates meet them, if `counted`."""

    start: Diagram
    base: str
    counted: bool
    work: int = field(default=_MOST_WORK)

    def told(self, fault: Fault, way: Sequence[Choice], is_met: Test) -> Diagnostic:
        """A fault with notes on the choices that lead to it, at the least those of one way."""
        start = self._looked_into(fault, is_met)
        found = self._combinations(start, is_met) if start else Combinations((), is_all=False)
        first = found.found[0] if found.found else Combination(tuple(way), fault.diagnostic)
        notes = [*_notes(found, first), *(self._count(start, is_met) if start else ())]
        return replace(first.fault, notes=(*notes, *first.fault.notes))

    def _looked_into(self, fault: Fault, is_met: Test) -> Diagram | None:
        """The diagram; for a consequence, the ways of it that meet no other fault."""
        if not fault.is_consequence:
            return self.start
        return without(self.start, lambda one: not is_met(one))

    def _combinations(self, start: Diagram, is_met: Test) -> Combinations:
        seeking = Seeking(start, is_met, self.work, self.base)
        found = combinations(seeking)
        self.work = max(0, seeking.work)
        return found

    def _count(self, start: Diagram, is_met: Test) -> list[str]:
        """How many candidates meet a fault, where that is known: every graph was tried, and no choice left out."""
        self.work -= 2 * len(in_order(start))
        if not self.counted or self.work < 0 or any(True for _ in bundles(start)):
            return []
        whole = ways(self.start)
        met = ways(start) - ways(without(start, is_met))
        return [f"so it is in {in_words(met)} of {in_words(whole)} candidates"]


def _notes(found: Combinations, first: Combination) -> list[str]:
    shown = found.found[:_MOST_SHOWN] or (first,)
    notes = [_note(one, first) for one in shown]
    left = len(found.found) - len(shown)
    if not found.is_all and found.found:
        return [*notes, "and when other choices come together"]
    return [*notes, f"and when {left:,} further combination{'s' * (left > 1)} come together"] if left > 0 else notes


def _note(one: Combination, first: Combination) -> str:
    choices = [f"{path} = {text}" for path, text in one.choices]
    shown = choices if len(choices) <= _MOST_SHOWN else ["...", *choices[-_MOST_SHOWN:]]
    differs = "" if one.fault.message == first.fault.message else f": {one.fault.message}"
    return f"when {', '.join(shown)}{differs}"
