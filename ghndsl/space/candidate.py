"""A candidate of a space: the record of its choices by path, which prints as one line and is read back exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from ghndsl.diagnostics import CompileError, Diagnostic, Source, Span
from ghndsl.records import record

Chosen: TypeAlias = "int | float | bool | str | tuple[Chosen, ...]"


@record
class Candidate:
    """The choices of one architecture, in the order in which they are made.

    >>> candidate = Candidate((("depth", "3"), ("Cell.op", "conv_3x3"), ("inputs", "[0,2]")))
    >>> str(candidate)
    'depth=3 Cell.op=conv_3x3 inputs=[0,2]'
    >>> candidate.choices["inputs"], read_line(str(candidate)) == candidate
    ((0, 2), True)
    """

    texts: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return " ".join(f"{path}={text}" for path, text in self.texts)

    @property
    def choices(self) -> dict[str, Chosen]:
        """What was chosen, by path: numbers, truth values, labels, and tuples of them."""
        return {path: _value(text) for path, text in self.texts}


def read_line(line: str) -> Candidate:
    """The candidate that a line describes; whether it belongs to a space is for the space to say."""
    return read_span(whole(line))


def whole(line: str) -> Span:
    """The place of a line that stands in no file."""
    return Span(Source("candidate", line), 0, len(line))


def read_span(line: Span) -> Candidate:
    """The candidate of a line that stands in a text; it is refused at its place there."""
    texts: dict[str, str] = {}
    for word, place in words_of(line):
        path, equal, text = word.partition("=")
        if not equal or not path or not text:
            message = f"`{word[:60]}` is no choice of a candidate"
            hint = "a candidate's line reads `path=value path=value ...`, without blanks around `=`"
            raise CompileError(Diagnostic("G304", message, place, help=hint))
        if path in texts:
            raise CompileError(Diagnostic("G304", f"the line chooses `{path}` twice", place))
        texts[path] = text
    return Candidate(tuple(texts.items()))


def words_of(line: Span) -> Iterator[tuple[str, Span]]:
    """The words of a line, each with its place."""
    for word in re.finditer(r"\S+", line.text):
        yield word[0], Span(line.source, line.start + word.start(), line.start + word.end())


# Spaces call an operation `none`; of the two things that the word may stand for, its label is the likelier.
_LITERALS: dict[str, Chosen] = {"true": True, "false": False}


@lru_cache(maxsize=4096)
def _value(text: str) -> Chosen:
    if text in _LITERALS:
        return _LITERALS[text]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?(\d+\.\d*|\d*\.\d+|\d+)([eE][+-]?\d+)?", text):
        return float(text)
    if text[:1] in "[(" and text[-1:] in "])":
        return tuple(map(_value, _items(text[1:-1])))
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _items(text: str) -> list[str]:
    """The parts between the commas that stand in no inner bracket."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "[(") - (char in "])")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part for part in parts if part]
