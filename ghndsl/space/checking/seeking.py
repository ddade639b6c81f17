"""A region of a space goes in; a way of its diagram that lies in it, and comes by a fault or by none, comes out.

Parts are passed once, in order: for each it is kept how many of the choices that must be made have been, at most, and
by which answers. A called block is passed once for a region that is about choices in it, and else once for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.diagnostics import Diagnostic
from ghndsl.space.checking.avoiding import Test
from ghndsl.space.checking.regions import Choice, Region, Way
from ghndsl.space.ways.diagram import Ask, Call, Diagram, End, Fault, Pick, Question, below, in_order


class OutOfWorkError(Exception):
    """More was to be looked at than was allowed."""


_Key: TypeAlias = tuple[Diagram, bool]
"""A part, and whether such a fault was met before it."""
_End: TypeAlias = tuple[int, bool]
_Step: TypeAlias = "tuple[_Key, int, _End | None]"
"""Where a step comes from, by which answer, and how the called block ended if it is a call's."""


@dataclass
class _Table:
    """What is known of one diagram: for each part the most choices met and the step to it, and how its ways end."""

    most: dict[_Key, int] = field(default_factory=dict[_Key, int])
    step: dict[_Key, _Step] = field(default_factory=dict[_Key, _Step])
    ends: dict[_End, _Key] = field(default_factory=dict[_End, _Key])


class Seeking:
    """Looks for ways through a diagram whose choices are below `base`.

    `is_met` says which faults count, `work` how many answers may be looked at.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.ways.diagram import Diagrams
    >>> make = Diagrams()
    >>> wrong = make.ask(Fault(Diagnostic("G201", "too large")), [make.end(0)])
    >>> second = make.ask(Pick("k", Options(("1", "3"))), [make.end(0), wrong])
    >>> start = make.ask(Pick("n", Options(("1", "2"))), [make.end(0), second])
    >>> seeking = Seeking(start, lambda fault: True, 100)
    >>> seeking.way(Region({}), met=True).choices, seeking.way(Region({"k": "3"}), met=False)
    ((('n', '2'), ('k', '3')), None)
    """

    def __init__(self, start: Diagram, is_met: Test, work: int, base: str = "") -> None:
        self.start = start
        self.is_met = is_met
        self.work = work
        self.base = base
        self._orders: dict[Diagram, list[Diagram]] = {}
        self._distinct: dict[Ask, list[int]] = {}
        self._motifs: dict[Diagram, frozenset[str]] = {}
        self._free: dict[Diagram, _Table] = {}
        self._tables: dict[tuple[Diagram, str], _Table] = {}
        self._region = Region({})

    def way(self, region: Region, *, met: bool) -> Way | None:
        """A way in a region that comes by such a fault, or by none; raises `OutOfWorkError`."""
        self._region, self._tables = region, {}
        table = self._table(self.start, self.base)
        for (_, is_met), end in table.ends.items():
            if is_met == met and table.most[end] == len(region.made):
                choices, fault = self._back(table, end, self.base)
                return Way(tuple(choices), fault)
        return None

    # Passing through

    def _table(self, start: Diagram, base: str) -> _Table:
        if not self._concerns(start, base):
            if start not in self._free:
                self._free[start] = self._passed(start, base)
            return self._free[start]
        if (start, base) not in self._tables:
            self._tables[start, base] = self._passed(start, base)
        return self._tables[start, base]

    def _concerns(self, start: Diagram, base: str) -> bool:
        """Whether the region may be about a choice of this diagram."""
        prefixes = self._region.prefixes
        return not base or base in prefixes or not prefixes.isdisjoint(self._motifs_in(start))

    def _motifs_in(self, start: Diagram) -> frozenset[str]:
        """The motifs that are used in a diagram, whose choices are below no label."""
        if start not in self._motifs:
            found: set[str] = set()
            for part in self._order(start):
                question = part.question if isinstance(part, Ask) else None
                if isinstance(question, Call):
                    found |= self._motifs_in(question.inner)
                if isinstance(question, Call | Pick) and question.is_absolute:
                    found.add(below(question, "").partition(".")[0])
            self._motifs[start] = frozenset(found)
        return self._motifs[start]

    def _order(self, start: Diagram) -> list[Diagram]:
        if start not in self._orders:
            self._orders[start] = in_order(start)
        return self._orders[start]

    def _passed(self, start: Diagram, base: str) -> _Table:
        table = _Table({(start, False): 0})
        for part in self._order(start):
            for met in (False, True):
                if (part, met) not in table.most:
                    continue
                if isinstance(part, End):
                    table.ends[part.group, met] = part, met
                else:
                    self._pass(part, base, met, table)
        return table

    def _pass(self, part: Ask, base: str, met: bool, table: _Table) -> None:
        """Keeps the steps that go on from a part, where they meet more than others that lead to the same."""
        for answer, gain, then, inner in self._answers(part, base, met):
            after, most = part.next[answer], table.most[part, met] + gain
            if after is not None and most > table.most.get((after, then), -1):
                table.most[after, then] = most
                table.step[after, then] = (part, met), answer, inner

    def _answers(self, part: Ask, base: str, met: bool) -> Iterator[tuple[int, int, bool, _End | None]]:
        """The answers that lie in the region; how many of its choices each makes, and whether it has met a fault."""
        question = part.question
        self._spend(1)
        if isinstance(question, Fault):
            yield 0, 0, met or self.is_met(question.diagnostic), None
        elif isinstance(question, Call):
            inner = self._table(question.inner, below(question, base))
            self._spend(len(inner.ends))
            for (group, is_met), end in inner.ends.items():
                yield group, inner.most[end], met or is_met, (group, is_met)
        else:
            yield from ((answer, gain, met, None) for answer, gain in self._picks(part, question, base))

    def _picks(self, part: Ask, pick: Pick, base: str) -> Iterator[tuple[int, int]]:
        path = below(pick, base)
        if path not in self._region.paths:
            answers = self._distinct_of(part)
            self._spend(len(answers))
            yield from ((answer, 0) for answer in answers)
            return
        self._spend(pick.width)
        gain = int(path in self._region.made)
        allowed = (answer for answer in range(pick.width) if self._region.allows(path, pick.shown(answer)))
        yield from ((answer, gain) for answer in allowed)

    def _distinct_of(self, part: Ask) -> list[int]:
        """One answer for each part that they lead to."""
        if part not in self._distinct:
            self._spend(len(part.next))
            first: dict[Diagram, int] = {}
            for answer, after in enumerate(part.next):
                if after is not None:
                    first.setdefault(after, answer)
            self._distinct[part] = [*first.values()]
        return self._distinct[part]

    def _spend(self, work: int) -> None:
        self.work -= work
        if self.work < 0:
            raise OutOfWorkError

    # The way back

    def _back(self, table: _Table, key: _Key, base: str) -> tuple[list[Choice], Diagnostic | None]:
        """The choices on the way to a part, up to the fault by which it is met, if it is."""
        steps: list[_Step] = []
        while key in table.step:
            steps.append(table.step[key])
            key = table.step[key][0]
        choices: list[Choice] = []
        for (part, _), answer, end in reversed(steps):
            assert isinstance(part, Ask)
            made, fault = self._made(part.question, answer, end, base)
            choices += made
            if fault is not None:
                return choices, fault
        return choices, None

    def _made(
        self, question: Question, answer: int, end: _End | None, base: str
    ) -> tuple[list[Choice], Diagnostic | None]:
        """The choices that an answer is, and the fault that is met by it."""
        if isinstance(question, Fault):
            return [], question.diagnostic if self.is_met(question.diagnostic) else None
        if isinstance(question, Pick):
            return [(below(question, base), question.shown(answer))], None
        assert end is not None
        inner = self._table(question.inner, below(question, base))
        return self._back(inner, inner.ends[end], below(question, base))
