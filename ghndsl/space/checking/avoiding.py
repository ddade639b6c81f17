"""A diagram and kinds of faults go in; the diagram of the ways that keep clear of them comes out, and their number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ghndsl.diagnostics import Diagnostic
from ghndsl.space.ways.diagram import Call, Diagram, Diagrams, End, Fault, in_order
from ghndsl.space.ways.numbering import Numbering

Test = Callable[[Diagnostic], bool]


def without(start: Diagram, is_met: Test) -> Diagram | None:
    """The ways that come by no fault of a kind, in groups as they were; None when there are none.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.ways.diagram import Pick
    >>> make, one, other = Diagrams(), Diagnostic("G201", "too large"), Diagnostic("G204", "apart")
    >>> wrong = make.ask(Fault(one), [make.ask(Fault(other), [make.end(0)])])
    >>> start = make.ask(Pick("k", Options(("1", "3"))), [make.end(0), wrong])
    >>> [ways(without(start, lambda fault: fault.code == code)) for code in ("G201", "G303")], ways(start)
    ([1, 2], 2)
    """
    return _Cutting(is_met).cut(start)


def ways(diagram: Diagram | None) -> int:
    """How many ways there are through a diagram; exact where every choice was tried in full."""
    return 0 if diagram is None else Numbering(diagram).total


@dataclass
class _Cutting:
    is_met: Test
    make: Diagrams = field(default_factory=Diagrams)
    done: dict[Diagram, Diagram | None] = field(default_factory=dict[Diagram, "Diagram | None"])
    groups: dict[Diagram, set[int]] = field(default_factory=dict[Diagram, set[int]])

    def cut(self, start: Diagram) -> Diagram | None:
        if start not in self.done:
            after: dict[Diagram | None, Diagram | None] = {None: None}
            for part in reversed(in_order(start)):
                after[part] = self._part(part, after)
            self.done[start] = after[start]
        return self.done[start]

    def _part(self, part: Diagram, after: dict[Diagram | None, Diagram | None]) -> Diagram | None:
        if isinstance(part, End):
            return self.make.end(part.group)
        question, then = part.question, [after[one] for one in part.next]
        if isinstance(question, Fault) and self.is_met(question.diagnostic):
            return None
        if not isinstance(question, Call):
            return self.make.ask(question, then)
        inner = self.cut(question.inner)
        if inner is None:
            return None
        kept = [one if group in self._groups(inner) else None for group, one in enumerate(then)]
        return self.make.ask(Call(question.prefix, inner, question.width, question.is_absolute), kept)

    def _groups(self, inner: Diagram) -> set[int]:
        """The groups that ways still end in; a call that no answer leads on from is none."""
        if inner not in self.groups:
            self.groups[inner] = {end.group for end in in_order(inner) if isinstance(end, End)}
        return self.groups[inner]
