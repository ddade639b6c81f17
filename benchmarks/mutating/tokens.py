"""A text goes in; its tokens come out, blanks and remarks among them, each with its kind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from ghndsl.language.tree import KEYWORDS

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)|(?P<string>"[^"\n]*")|(?P<number>\d[\w.]*(?<!\.)|\d)|(?P<name>\w+)
    |(?P<sign>->|\.\.|\*\*|//|[=!<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a text: a keyword, name, number, string, sign or blank."""

    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """The tokens of a text; joined, they are the text.

    >>> [token.text for token in tokens("x -> conv(1..3)")]
    ['x', ' ', '->', ' ', 'conv', '(', '1', '..', '3', ')']
    """
    return [Token(_kind(found.lastgroup, found[0]), found[0]) for found in _TOKEN.finditer(text)]


def _kind(group: str | None, text: str) -> str:
    return "keyword" if text in KEYWORDS else str(group)


@cache
def by_kind(texts: tuple[str, ...]) -> dict[str, list[str]]:
    """All different tokens of some texts, by kind."""
    return _sorted((token.kind, token.text) for text in texts for token in tokens(text))


def _sorted(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for kind, text in pairs:
        found[kind].add(text)
    return {kind: sorted(words) for kind, words in found.items()}
