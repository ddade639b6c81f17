"""Candidates that were tried and the conditions that they broke go in; why none, or almost none, is found comes out."""

from __future__ import annotations

import re
from collections import Counter
from typing import TypeAlias

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.language.elaborate import NOT_MET
from ghndsl.language.tensor_syntax import MEASURES
from ghndsl.space.measures.conditions import Ranges
from ghndsl.space.measures.costs import Limit

Broken: TypeAlias = Limit | Diagnostic
"""A condition that is not met, as the plan has it, or as the candidate was refused that was built."""


class Tries:
    """How many candidates were tried, what they broke, and what their measures were."""

    def __init__(self) -> None:
        self.tried = 0
        self.broken = Counter[tuple[str, Span | None]]()
        self.seen: dict[str, tuple[float, float]] = {}

    def add(self, broken: Broken | None, known: Ranges) -> None:
        """Takes note of one."""
        self.tried += 1
        if broken is not None:
            self.broken[_written(broken)] += 1
        for name, (least, greatest) in known.items():
            low, high = self.seen.get(name, (least, greatest))
            self.seen[name] = min(low, least), max(high, greatest)

    @property
    def passed(self) -> int:
        """How many broke none."""
        return self.tried - self.broken.total()

    def all_fail(self, space: str) -> Diagnostic:
        """Says that none of all candidates passes."""
        (text, span), _ = self.broken.most_common(1)[0]
        message = f"no candidate of `{space}` meets every `where`; most of all {self.tried:,} break `{text}`"
        return Diagnostic("G303", message, span, help=told(text, self.seen, "in them"))

    def almost_all_fail(self, space: str, near: int) -> Diagnostic:
        """Says that too few of those that were drawn pass, and none of some that were drawn near the bound."""
        (text, span), _ = self.broken.most_common(1)[0]
        rate = f"{self.passed:,} of {self.tried:,} candidates drawn from `{space}`"
        message = f"{rate} meet every `where` over measures; the others break most of all `{text}`"
        notes = (f"nor does any of {near:,} drawn from those near the bound",) if near else ()
        return Diagnostic("G303", message, span, notes=notes, help=told(text, self.seen, "in those drawn"))


def _written(broken: Broken) -> tuple[str, Span | None]:
    """A condition as it is written, and its `where`."""
    if isinstance(broken, Limit):
        return broken.text, broken.span
    return "" if broken.span is None else broken.span.text.removeprefix("where").strip(), broken.span


def not_met(limit: Limit, known: Ranges) -> Diagnostic:
    """Says that a candidate does not keep a limit, from what its measures are."""
    return Diagnostic("G303", NOT_MET, limit.span, help=told(limit.text, known))


def none_can(space: str, limit: Limit, known: Ranges, where: str) -> Diagnostic:
    """Says that no candidate can keep a limit, from what the measures can be; `where` ends that."""
    message = f"no candidate of `{space}` meets `{limit.text}`"
    return Diagnostic("G303", message, limit.span, help=told(limit.text, known, where))


def told(condition: str, known: Ranges, where: str = "") -> str | None:
    """The ranges of the measures that a condition names, in words; `where` ends that.

    >>> told("params <= 1M", {"params": (2_000_000, 3_000_000), "nodes": (1, 2)}, "in every candidate")
    '`params` is at least 2,000,000 and at most 3,000,000 in every candidate'
    >>> told("nodes > 2", {"nodes": (2, 2)}, "in every candidate")
    '`nodes` is 2 in every candidate'
    >>> told("nodes > params", {"nodes": (2, 2), "params": (1200, 1200)})
    '`params` is 1,200, `nodes` is 2'
    """
    names = [name for name in MEASURES if re.search(rf"\b{name}\b", condition) and name in known]
    found = [f"`{name}` is {_range(*known[name])}" for name in names]
    return f"{', '.join(found)} {where}".rstrip() if found else None


def _range(least: float, most: float) -> str:
    return f"{least:,}" if least == most else f"at least {least:,} and at most {most:,}"
