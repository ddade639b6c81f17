"""A few candidates go in; what is wrong with their graphs, and could not be told from types alone, comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.space.candidate import Candidate

MOST_TRIED = 64
"""Candidates that are looked at."""
SHARE = 8
"""The part of the steps of a text, one in so many, that looking at candidates may take."""

Attempt: TypeAlias = "Callable[[Candidate], tuple[Sequence[Diagnostic], int]]"
"""Builds a candidate: its faults, and the steps that it took."""
Told: TypeAlias = Callable[[int, int], None]
"""Hears how many candidates were built, and of how many."""


def faults_of(attempt: Attempt, candidates: Iterable[Candidate], most_steps: int) -> list[Diagnostic]:
    """The faults met in building those candidates that have an option not met before, each once.

    No more are tried when these took more than `most_steps` together. What a `where` over measures rules out is no
    fault.
    """
    found = Found()
    seen: set[tuple[str, str]] | None = None
    spent = 0
    for candidate in candidates:
        if seen is None or not seen.issuperset(candidate.texts):
            seen = (seen or set()).union(candidate.texts)
            faults, steps = attempt(candidate)
            found.add(faults, candidate)
            spent += steps
            if spent > most_steps:
                break
    return found.faults


def build(attempt: Attempt, candidates: Iterator[Candidate], n: int, patience: int, told: Told) -> Found:
    """Builds candidates until `n` of them have met every `where`, or `patience` in a row have not."""
    found = Found()
    missed = 0
    while found.built < n and missed < patience:
        candidate = next(candidates)
        before = found.built
        found.add(attempt(candidate)[0], candidate)
        missed = missed + 1 if found.built == before else 0
        told(found.built, n)
    return found


@dataclass
class Found:
    """How many candidates were built that a `where` over measures does not rule out, and what is wrong with them."""

    built: int = 0
    _faults: dict[tuple[str, Span | None], Diagnostic] = field(
        default_factory=dict["tuple[str, Span | None]", Diagnostic]
    )

    @property
    def faults(self) -> list[Diagnostic]:
        """Each fault once, with the first candidate that has it."""
        return list(self._faults.values())

    def add(self, faults: Sequence[Diagnostic], candidate: Candidate) -> None:
        """Counts a candidate and keeps its faults."""
        if any(fault.code == "G303" for fault in faults):
            return
        self.built += 1
        line = str(candidate)
        note = (f"for the candidate {line[:400]}",) if line else ()
        for fault in faults:
            noted = replace(fault, notes=(*note, *fault.notes))
            self._faults.setdefault((fault.code, fault.span), noted)
