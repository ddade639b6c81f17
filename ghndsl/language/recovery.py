"""A text and a fault in it go in; the text without the definition that the fault lies in comes out."""

from __future__ import annotations

import re
from bisect import bisect_left

from ghndsl.diagnostics import Diagnostic

_SKIPPED = re.compile(
    r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|(?P<brace>[{}])|^(?P<indent>[ \t]*)(?:arch|block|motif|space|use)\b(?![ \t]*[:.])',
    re.MULTILINE,
)


def without_definition(text: str, fault: Diagnostic) -> str | None:
    """The text with a faulty definition blanked, so that the faults of the others are found; None if none is faulty."""
    if fault.code not in ("G101", "G102", "G103") or fault.span is None:
        return None
    starts = definition_starts(text)
    # What is wrong at the beginning of a definition is that the one before it has no end.
    place = bisect_left(starts, fault.span.start)
    if place == 0:
        return None
    start, end = starts[place - 1], starts[place] if place < len(starts) else len(text)
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def definition_starts(text: str) -> list[int]:
    """Where definitions begin: at the beginning of a line, or further in, once the one before is closed.

    >>> definition_starts("arch a() {\\n block b() { }\\n}\\n block c() { }\\nuse std.conv (A)")
    [0, 29, 43]
    """
    starts: list[int] = []
    depth = 0
    for found in _SKIPPED.finditer(text):
        if found["brace"]:
            depth += 1 if found["brace"] == "{" else -1
        elif found["indent"] is not None and (depth <= 0 or not found["indent"]):
            starts.append(found.end("indent"))
            depth = 0
    return starts
