"""The diagram of a space goes in; what is wrong with its candidates comes out, with choices that lead to each fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeAlias

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.space.checking.regions import Choice
from ghndsl.space.checking.telling import Telling
from ghndsl.space.ways.diagram import Ask, Call, Diagram, End, Fault, Pick, below, in_order

_Cause: TypeAlias = "tuple[str, Span | None]"


def faults(start: Diagram, most: int, base: str = "", *, counted: bool = False) -> list[Diagnostic]:
    """The faults that some candidate meets, `most` of them, once for each cause.

    Notes say which choices lead there, if not all do, and when ways can be `counted`, how many candidates they are.
    The choices of the diagram are below `base`.
    """
    telling = Telling(start, base, counted=counted)
    found: list[Diagnostic] = []
    for fault, way in islice(_Search().inside(start, base, ()), most):
        is_met = partial(_is_of, _cause(fault.diagnostic))
        certain = is_certain(start, fault.diagnostic)
        found.append(fault.diagnostic if certain else telling.told(fault, way, is_met))
    return found


def is_certain(start: Diagram, fault: Diagnostic) -> bool:
    """Whether every way meets a fault of this cause."""
    return not _escapes(start, _cause(fault), {})


def _cause(fault: Diagnostic) -> _Cause:
    return fault.code, fault.span


def _is_of(cause: _Cause, fault: Diagnostic) -> bool:
    return _cause(fault) == cause


@dataclass
class _Search:
    """Looks for faults, into each called block's diagram once, for each cause once."""

    _seen: set[Diagram] = field(default_factory=set[Diagram])
    _told: set[_Cause] = field(default_factory=set[_Cause])
    _faulty: dict[Diagram, bool] = field(default_factory=dict[Diagram, bool])

    def is_faulty(self, start: Diagram) -> bool:
        if start not in self._faulty:
            questions = [part.question for part in in_order(start) if isinstance(part, Ask)]
            self._faulty[start] = any(
                isinstance(q, Fault) or (isinstance(q, Call) and self.is_faulty(q.inner)) for q in questions
            )
        return self._faulty[start]

    def inside(
        self, start: Diagram, base: str, so_far: tuple[Choice, ...]
    ) -> Iterator[tuple[Fault, tuple[Choice, ...]]]:
        """The faults of a diagram, each with the choices of some way to it."""
        if start in self._seen or not self.is_faulty(start):
            return
        self._seen.add(start)
        steps, untouched = _first_steps(start), _untouched(start)
        for part in in_order(start):
            if not isinstance(part, Ask) or isinstance(part.question, Pick):
                continue
            if isinstance(part.question, Call):
                if part.question.inner not in self._seen and self.is_faulty(part.question.inner):
                    way = (*so_far, *_way(part, steps, base))
                    yield from self.inside(part.question.inner, below(part.question, base), way)
            elif self._is_new(part.question) and (not part.question.is_consequence or part in untouched):
                self._told.add(_cause(part.question.diagnostic))
                yield part.question, (*so_far, *_way(part, steps, base))

    def _is_new(self, fault: Fault) -> bool:
        return _cause(fault.diagnostic) not in self._told


_Steps: TypeAlias = "dict[Diagram, tuple[Ask, int]]"


def _first_steps(start: Diagram) -> _Steps:
    """For each part after the start, a question that leads to it and the answer."""
    steps: _Steps = {}
    for part in in_order(start):
        if isinstance(part, Ask):
            for answer, after in enumerate(part.next):
                if after is not None:
                    steps.setdefault(after, (part, answer))
    return steps


def _way(target: Diagram, steps: _Steps, base: str) -> tuple[Choice, ...]:
    """The choices of a way to a part."""
    way: list[tuple[Choice, ...]] = []
    while target in steps:
        target, answer = steps[target]
        question = target.question
        if isinstance(question, Pick):
            way.append(((below(question, base), question.shown(answer)),))
        elif isinstance(question, Call) and question.width > 1:
            end = next(part for part in in_order(question.inner) if isinstance(part, End) and part.group == answer)
            way.append(_way(end, _first_steps(question.inner), below(question, base)))
    return tuple(choice for part in reversed(way) for choice in part)


def _escapes(start: Diagram, cause: _Cause | None, known: dict[Diagram, frozenset[int]]) -> frozenset[int]:
    """The groups that some way ends in without meeting a cause, or without any fault."""
    if start in known:
        return known[start]
    groups: dict[Diagram, frozenset[int]] = {}
    for part in reversed(in_order(start)):
        if isinstance(part, End):
            groups[part] = frozenset((part.group,))
        else:
            groups[part] = frozenset[int]().union(*(groups[after] for after in _onward(part, cause, known)))
    known[start] = groups[start]
    return known[start]


def _onward(part: Ask, cause: _Cause | None, known: dict[Diagram, frozenset[int]]) -> list[Diagram]:
    """What comes after the answers to a question that do not meet a cause."""
    question = part.question
    if isinstance(question, Fault):
        is_met = cause is None or _cause(question.diagnostic) == cause
        return [] if is_met else [after for after in part.next if after]
    inner = _escapes(question.inner, cause, known) if isinstance(question, Call) else None
    return [after for answer, after in enumerate(part.next) if after and (inner is None or answer in inner)]


def _untouched(start: Diagram) -> set[Diagram]:
    """The parts that some way comes to without a fault before."""
    known: dict[Diagram, frozenset[int]] = {}
    found = {start}
    for part in in_order(start):
        if part in found and isinstance(part, Ask):
            found.update(_onward(part, None, known))
    return found
