"""A few candidates go in; what is wrong with their graphs, and could not be told from types alone, comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.space.candidate import Candidate

MOST_TRIED = 64
"""Candidates that are looked at."""
SHARE = 8
"""The part of the steps of a text, one in so many, that looking at candidates may take."""


def faults_of(
    attempt: Callable[[Candidate], tuple[Sequence[Diagnostic], int]], candidates: Iterable[Candidate], most_steps: int
) -> list[Diagnostic]:
    """The faults met in building those candidates that have an option not met before, each once.

    `attempt` gives a candidate's faults and the steps that it took; no more are tried when these were more than
    `most_steps` together. What a `where` over measures rules out is no fault.
    """
    found: dict[tuple[str, Span | None], Diagnostic] = {}
    seen: set[tuple[str, str]] | None = None
    spent = 0
    for candidate in candidates:
        if seen is None or not seen.issuperset(candidate.texts):
            seen = (seen or set()).union(candidate.texts)
            faults, steps = attempt(candidate)
            for fault in _noted(faults, candidate):
                found.setdefault((fault.code, fault.span), fault)
            spent += steps
            if spent > most_steps:
                break
    return list(found.values())


def _noted(faults: Sequence[Diagnostic], candidate: Candidate) -> list[Diagnostic]:
    line = str(candidate)
    note = (f"for the candidate {line[:400]}",) if line else ()
    return [replace(fault, notes=(*note, *fault.notes)) for fault in faults if fault.code != "G303"]
