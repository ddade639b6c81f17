"""The places of a word, or of what a rule of the grammar matched, go in; what the text is put together of comes out.

Plain classes, since a text has very many of them for a very short time.
"""

from __future__ import annotations

from typing import TypeAlias

BLANKS = " \t\f\ufeff"
"""What parts words within a line."""


class Token:
    """A word or sign of a text, its kind, and its place; nothing is built of it, so its `value` is none."""

    __slots__ = ("end", "start", "text", "type")
    height = 0
    value: object = None

    def __init__(self, type: str, text: str, start: int, end: int) -> None:  # noqa: A002
        self.type = type
        self.text = text
        self.start = start
        self.end = end


class Rule:
    """What was built of a rule of the grammar, its place, and how many nodes deep it is, but no text of its own."""

    __slots__ = ("data", "end", "height", "start", "value")
    text = ""

    def __init__(self, data: str, start: int, end: int, value: object, height: int) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.value = value
        self.height = height


Parsed: TypeAlias = Rule | Token
