"""A text and a place in it go in; the brackets that are open there come out."""

from __future__ import annotations

import re
from collections.abc import Set

from ghndsl.diagnostics import Mark, Source, Span
from ghndsl.language.expected import STATING

OPENING = {")": "(", "]": "[", "}": "{"}
"""The bracket that each one closes."""
_CLOSING = {"RPAR": "(", "RSQB": "[", "RBRACE": "{"}
_SKIPPED = re.compile(r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|[()\[\]{}]')


def open_before(place: int, source: Source) -> list[int]:
    """Where the brackets that are open at a place stand, the innermost last.

    >>> open_before(9, Source("a", "f(a)[b, (c"))
    [4, 8]
    """
    stack: list[int] = []
    for found in _SKIPPED.finditer(source.text, 0, place):
        if found[0] in OPENING.values():
            stack.append(found.start())
        elif found[0] in OPENING and stack:
            stack.pop()
    return stack


def opening(place: int, expected: Set[str], source: Source) -> tuple[Mark, ...]:
    """A mark at the bracket that is open before a place, if it must be closed there and stands in another line."""
    stack = open_before(place, source)
    wanted = {_CLOSING[name] for name in expected & _CLOSING.keys()}
    if not stack or source.text[stack[-1]] not in wanted or len(expected & STATING) > 2:
        return ()
    is_far = source.position(stack[-1])[0] != source.position(place)[0]
    return (Mark(Span(source, stack[-1], stack[-1] + 1), "opened here"),) if is_far else ()
