"""A candidate of a space: the record of its choices by path, which prints as one line and is read back exactly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.records import record
from ghndsl.space.numbering import NoWayError

Chosen: TypeAlias = "int | float | bool | str | tuple[Chosen, ...] | None"


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
    texts: list[tuple[str, str]] = []
    for word in line.split():
        path, equal, text = word.partition("=")
        if not equal or not path or not text:
            message = f"`{word[:60]}` is no choice of a candidate"
            raise CompileError(Diagnostic("G304", message, help="a candidate's line reads `path=value path=value ...`"))
        texts.append((path, text))
    for path, times in Counter(path for path, _ in texts).items():
        if times > 1:
            raise CompileError(Diagnostic("G304", f"the line chooses `{path}` twice"))
    return Candidate(tuple(texts))


def unreadable(
    space: str, missed: NoWayError, made: Mapping[str, str], known: Mapping[str, tuple[str, ...]]
) -> Diagnostic:
    """Why choices are no candidate of a space, which has the `known` ones."""
    hint = missed.domain.hint(missed.text)
    if missed.text is not None:
        return Diagnostic("G304", f"`{missed.path}` of `{space}` cannot be {missed.text[:60]}", help=hint)
    strange = next((path for path in made if path not in known), None)
    if strange is not None:
        return superfluous(space, strange, known)
    return Diagnostic("G304", f"the candidate makes no choice `{missed.path}`, as `{space}` asks here", help=hint)


def superfluous(space: str, path: str, known: Mapping[str, tuple[str, ...]]) -> Diagnostic:
    """Why a choice stands in no line of a space beside the others there."""
    if path in known:
        return Diagnostic(
            "G304", f"the candidate chooses `{path}`, which `{space}` does not ask for beside its other choices"
        )
    hint = did_you_mean(path, known) if len(path) < _MOST_COMPARED else None
    return Diagnostic("G304", f"`{space}` has no choice `{path[:_MOST_COMPARED]}`", help=hint)


_MOST_COMPARED = 120
_LITERALS: dict[str, Chosen] = {"true": True, "false": False, "none": None}


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
