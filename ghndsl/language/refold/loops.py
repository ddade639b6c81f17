"""The items of a body go in; the body in which what repeats is a loop comes out.

First come loops whose turns differ by rule, small ones before the loops they are in; then loops over a table of what
differs, where that is shorter to read; then again. Loops that were only made so that others could be are taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Sequence

from ghndsl.language.refold.cost import cost
from ghndsl.language.refold.expressions import Literal
from ghndsl.language.refold.looping import looped
from ghndsl.language.refold.program import Item, Loop
from ghndsl.language.refold.progressions import Progression, progression
from ghndsl.language.refold.regular import is_regular, steady
from ghndsl.language.refold.runs import Runs
from ghndsl.language.refold.turns import header
from ghndsl.language.refold.unrolling import settled
from ghndsl.language.refold.wiring import Wiring, wiring
from ghndsl.records import record

_LONGEST = 64
"""Items of one turn, at most."""
_ROUNDS = 12
"""Loops are looked for so often: more than loops are ever nested, and few enough for a body of many small ones."""
_TRIED = 4
"""Turns that tell where a loop is best begun."""
_TENTATIVE = -3
"""What a loop of one item may cost beyond what it saves, as long as it is not known whether it stays."""


def fold_loops(items: Sequence[Item], escaping: Collection[int], fresh: Iterator[int]) -> list[Item]:
    """The items with loops; values in `escaping` are used outside, and `fresh` gives numbers for new ones."""
    folder = _Folder(items, escaping)
    for _ in range(_ROUNDS):
        if not folder.fold_regular() and not folder.fold_tables():
            break
    return settled(folder.items, fresh)


@record
class _Candidate:
    """A loop that could stand for the items from `start` to before `end`."""

    start: int
    end: int
    loop: Item
    gain: int


class _Folder:
    """Folds the items of one body."""

    def __init__(self, items: Sequence[Item], escaping: Collection[int]) -> None:
        self.items = list(items)
        self.totals = Counter(value for item in items for value in item.inputs)
        self.totals.update(escaping)
        self.known: dict[Hashable, int] = {}
        self.tokens = [self._token(item) for item in items]
        self.holes = [item.action.literals for item in items]
        self.costs = [cost(item) for item in items]

    def _token(self, item: Item) -> int:
        key = (item.action.skeleton, len(item.inputs), len(item.results))
        return self.known.setdefault(key, len(self.known))

    # The two kinds of loops

    def fold_regular(self) -> bool:
        """Folds loops whose turns differ by rule; true when there was one."""
        runs = Runs(self.items, self.tokens)
        folded = False
        for period in self._periods():
            found = self._candidates(runs, period, regular=True)
            if found:
                self._replace(found)
                runs = Runs(self.items, self.tokens)
                folded = True
        return folded

    def fold_tables(self) -> bool:
        """Folds the loops that save most; true when there was one."""
        runs = Runs(self.items, self.tokens)
        found = [one for period in self._periods() for one in self._candidates(runs, period, regular=False)]
        chosen: list[_Candidate] = []
        free = [True] * len(self.items)
        for one in sorted(found, key=lambda one: (-one.gain, one.start)):
            if all(free[one.start : one.end]):
                chosen.append(one)
                free[one.start : one.end] = [False] * (one.end - one.start)
        self._replace(sorted(chosen, key=lambda one: one.start))
        return bool(chosen)

    def _periods(self) -> range:
        return range(1, min(_LONGEST, len(self.items) // 2) + 1)

    def _candidates(self, runs: Runs, period: int, *, regular: bool) -> list[_Candidate]:
        """Loops of one period that do not overlap, in order, each begun where it saves most."""
        found: list[_Candidate] = []
        for stretch in runs.stretches(period):
            starts: Sequence[int] = stretch.starts
            while starts:
                done = found[-1].end if found else 0
                best = self._best([at for at in starts if at >= done], stretch.end, period, regular=regular)
                if best is None:
                    break
                found.append(best)
                starts = range(best.end, best.end + period)
        return found

    def _best(self, starts: Sequence[int], end: int, period: int, *, regular: bool) -> _Candidate | None:
        """The loop that saves most, as far as the first turns tell."""
        tried = [(at, (end - at) // period) for at in starts if at + 2 * period <= end]
        found = [self._candidate(at, min(turns, _TRIED), period, regular=regular) for at, turns in tried]
        best = max(filter(None, found), key=lambda one: (one.gain, -one.start), default=None)
        turns = (end - best.start) // period if best else 0
        if best is None or turns <= _TRIED:
            return best
        return self._candidate(best.start, turns, period, regular=regular)

    def _candidate(self, start: int, turns: int, period: int, *, regular: bool) -> _Candidate | None:
        wires = wiring(self.items, start, period, turns, self.totals)
        if wires is None:
            return None
        rules = self._rules(start, period, wires.turns)
        if regular and not is_regular(rules, wires.turns):
            turns = steady(self._columns(start, period, wires.turns))
            wires = wiring(self.items, start, period, turns, self.totals)
            if wires is None:
                return None
            rules = self._rules(start, period, wires.turns)
        found = self._loop(start, period, wires, rules)
        least = _TENTATIVE if regular and period == 1 else 1
        return found if found.gain >= least else None

    def _columns(self, start: int, period: int, turns: int) -> list[tuple[Literal, ...]]:
        """The literals of each place, turn after turn."""
        ends = range(start, start + period * turns, period)
        return list(
            zip(*[[one for at in range(end, end + period) for one in self.holes[at]] for end in ends], strict=True)
        )

    def _rules(self, start: int, period: int, turns: int) -> list[Progression]:
        return [progression(column) for column in self._columns(start, period, turns)]

    # What is made

    def _loop(self, start: int, period: int, wires: Wiring, rules: Sequence[Progression]) -> _Candidate:
        end = start + period * wires.turns
        groups = [self.items[at : at + period] for at in range(start, end, period)]
        head = header(rules, wires.turns, 1 + max((_level(item) for item in groups[0]), default=-1))
        inside = Counter(value for group in groups for item in group for value in item.inputs)
        last = [value for item in groups[-1] for value in item.results]
        escaping = {place: value for place, value in enumerate(last) if self.totals[value] > inside[value]}
        counts = [len(holes) for holes in self.holes[start : start + period]]
        loop = looped(groups, wires, head, counts, escaping)
        return _Candidate(start, end, loop, sum(self.costs[start:end]) - cost(loop))

    def _replace(self, found: Sequence[_Candidate]) -> None:
        """Puts loops in the places of what they stand for."""
        for one in reversed(found):
            for item in self.items[one.start : one.end]:
                self.totals.subtract(item.inputs)
            self.totals.update(one.loop.inputs)
            self.items[one.start : one.end] = [one.loop]
            self.tokens[one.start : one.end] = [self._token(one.loop)]
            self.holes[one.start : one.end] = [one.loop.action.literals]
            self.costs[one.start : one.end] = [cost(one.loop)]


def _level(item: Item) -> int:
    """How many loops are in an item at most, less one."""
    return item.action.variables[0].level if isinstance(item.action, Loop) else -1
