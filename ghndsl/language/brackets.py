"""A text and a place in it go in; the brackets that are open there, and those that are never closed, come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

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
    for at in _brackets(source, 0, place):
        if source.text[at] in OPENING.values():
            stack.append(at)
        elif stack:
            stack.pop()
    return stack


def opening(place: int, expected: Set[str], source: Source) -> tuple[Mark, ...]:
    """A mark at the bracket that is open before a place, if it must be closed there and stands in another line."""
    stack = open_before(place, source)
    wanted = {_CLOSING[name] for name in expected & _CLOSING.keys()}
    if not stack or source.text[stack[-1]] not in wanted or len(expected & STATING) > 2:
        return ()
    is_far = source.position(stack[-1])[0] != source.position(place)[0]
    at = _badly_closed(stack[-1], place, source) if source.text[stack[-1]] == "{" else None
    at = stack[-1] if at is None else at
    return (Mark(Span(source, at, at + 1), "opened here"),) if is_far else ()


def never_closed(place: int, source: Source) -> Span | None:
    """The innermost parenthesis or square bracket that is open at a place, if what it stands in ends before it does.

    >>> never_closed(9, Source("a", "{ y = f(x }")).start
    7
    """
    stack = open_before(place, source)
    if not stack or source.text[stack[-1]] == "{":
        return None
    depth = 0
    for at in _brackets(source, stack[-1], len(source.text)):
        sign = source.text[at]
        depth += 1 if sign in OPENING.values() else -1
        if depth == 0 and OPENING[sign] == source.text[stack[-1]]:
            return None
        if depth == 0:
            break
    return Span(source, stack[-1], stack[-1] + 1)


def _badly_closed(start: int, end: int, source: Source) -> int | None:
    """The first brace whose partner stands further left than its line does, and so was meant for one outside of it."""
    stack: list[int] = []
    for at in _brackets(source, start + 1, end):
        if source.text[at] in OPENING.values():
            stack.append(at)
        elif stack:
            other = stack.pop()
            if source.text[other] == "{" and _begins_line(at, source) and _indent(at, source) < _indent(other, source):
                return other
    return None


def _brackets(source: Source, start: int, end: int) -> Iterator[int]:
    """The places of the brackets that stand in neither comments nor strings."""
    return (found.start() for found in _SKIPPED.finditer(source.text, start, end) if found[0] in "()[]{}")


def _begins_line(place: int, source: Source) -> bool:
    return _indent(place, source) == source.position(place)[1] - 1


def _indent(place: int, source: Source) -> int:
    """The blanks at the beginning of the line that a place is in."""
    line = source.line(source.position(place)[0])
    return len(line) - len(line.lstrip())
