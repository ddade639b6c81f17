"""The place at which a text stops making sense goes in; the habit of its author that explains it comes out."""

from __future__ import annotations

import re
from collections.abc import Set

from ghndsl.diagnostics import Source, Span
from ghndsl.language.habits import PLACE, TRAPS, Trap
from ghndsl.records import record


@record
class Trapped:
    """A trap that was met: the place of what is wrong, if it is not what stands at the place, and what is told."""

    span: Span | None
    message: str | None
    help: str


_AFTER, _BEFORE = 80, 200


def trap(source: Source, place: int, expected: Set[str]) -> Trapped | None:
    """The trap that the author of a text fell into, when it is one of those that are known."""
    line = source.text.rfind("\n", 0, place) + 1
    start = max(line, place - _BEFORE)
    end = source.text.find("\n", place)
    after = source.text[place : min(place + _AFTER, end if end >= 0 else len(source.text))]
    window = source.text[start:place] + PLACE + after
    for one in TRAPS:
        found = one.pattern.search(window) if expected >= one.expected else None
        if found:
            return _met(one, found, Span(source, start, place))
    return None


def _met(one: Trap, found: re.Match[str], before: Span) -> Trapped:
    """What a trap tells; `before` is the part of the window before the place, whose mark takes one character."""
    words = {name: (text or "").replace(PLACE, "") for name, text in found.groupdict().items()}
    at = [before.start + offset for offset in found.span("at")] if "at" in words else None
    start, end = [offset - (offset > before.end) for offset in at] if at else (0, 0)
    message, hint = one.message, one.help
    for name, text in words.items():
        message, hint = message and message.replace(f"{{{name}}}", text), hint.replace(f"{{{name}}}", text)
    return Trapped(Span(before.source, start, end) if at else None, message, hint)
