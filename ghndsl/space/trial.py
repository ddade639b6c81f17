"""A few candidates go in; what is wrong with their graphs, and could not be told from types alone, comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.ir import Graph
from ghndsl.space.candidate import Candidate

MOST_TRIED = 64
"""Candidates that are looked at."""


def faults_of(build: Callable[[Candidate], Graph], candidates: Iterable[Candidate]) -> list[Diagnostic]:
    """The faults met in building those candidates that have an option not met before, each once.

    What a `where` over measures rules out is no fault.
    """
    found: dict[tuple[str, Span | None], Diagnostic] = {}
    seen: set[tuple[str, str]] | None = None
    for candidate in candidates:
        if seen is None or not seen.issuperset(candidate.texts):
            seen = (seen or set()).union(candidate.texts)
            for fault in _faults(build, candidate):
                found.setdefault((fault.code, fault.span), fault)
    return list(found.values())


def _faults(build: Callable[[Candidate], Graph], candidate: Candidate) -> list[Diagnostic]:
    try:
        build(candidate)
    except CompileError as error:
        line = str(candidate)
        note = (f"for the candidate {line[:400]}",) if line else ()
        return [replace(fault, notes=(*note, *fault.notes)) for fault in error.diagnostics if fault.code != "G303"]
    return []
