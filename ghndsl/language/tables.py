"""The grammar goes in; the tables that texts are read by come out, those that ship beside it while they are its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias, TypedDict, cast
from zlib import crc32

from ghndsl import resources

Match: TypeAlias = "Callable[[str, int], re.Match[str] | None]"


class Production(NamedTuple):
    """A rule of the grammar, `origin: size symbols`, and what becomes of them.

    One without a `name` makes a list of them, and one that `has_lists` among them takes the items of those. A `single`
    one gives back what it was given, when that is one thing, and one that `passes` always does.
    """

    origin: str
    size: int
    name: str | None
    single: bool
    has_lists: bool
    passes: bool


class Row:
    """A state of the parser: the row that follows each symbol, or the production that ends before a terminal."""

    __slots__ = ("_after", "moves", "scanner")

    def __init__(self) -> None:
        self.moves: dict[str, Row | Production] = {}
        self.scanner: Scanner | None = None
        self._after: dict[tuple[str, str], Row] = {}

    @property
    def terminals(self) -> list[str]:
        """What can come next, as far as this row can tell."""
        return [symbol for symbol in self.moves if symbol.isupper()]

    def after(self, origin: str, kind: str) -> Row:
        """The row that follows what a production made, and all that only pass that on before a kind of token."""
        known = self._after.get((origin, kind))
        if known is not None:
            return known
        row = cast("Row", self.moves[origin])
        move = row.moves.get(kind)
        if isinstance(move, Production) and move.passes:
            row = self.after(move.origin, kind)
        self._after[origin, kind] = row
        return row


class Scanner(NamedTuple):
    """Finds one token: `match` gives the kind as the last group, `words` the kinds of what looks like a name."""

    match: Match
    words: dict[str, str]
    allowed: frozenset[str]


class Terminal(NamedTuple):
    """A kind of token and its pattern; `holder` is the kind it would be too, were it no word of the language."""

    name: str
    pattern: str
    holder: str | None


class Kept(TypedDict):
    """The tables as the file has them.

    `states` hold, for each state, the productions that end there with the number of their set in `lookaheads`, and the
    state that follows each symbol; `starts` the first and the last state of each symbol one can start with.
    """

    grammar: int
    terminals: list[tuple[str, str, str | None]]
    ignored: list[str]
    productions: list[tuple[str, int, str | None, bool, bool, bool]]
    lookaheads: list[list[str]]
    starts: dict[str, tuple[int, int]]
    states: list[tuple[list[tuple[int, int]], dict[str, int]]]


class Tables:
    """What a reader needs to know of the grammar."""

    def __init__(self, kept: Kept) -> None:
        self.terminals = [Terminal(*terminal) for terminal in kept["terminals"]]
        self.ignored = frozenset(kept["ignored"])
        rows = _rows(kept)
        self.starts = {name: (rows[first], rows[last]) for name, (first, last) in kept["starts"].items()}
        self.scanner = self._scanner({terminal.name for terminal in self.terminals})

    def exact(self, row: Row) -> Scanner:
        """The scanner that looks for nothing but what can come next in a row."""
        if row.scanner is None:
            row.scanner = self._scanner({*row.terminals, *self.ignored, NEWLINE})
        return row.scanner

    def _scanner(self, kinds: set[str]) -> Scanner:
        words = {t.pattern: t.name for t in self.terminals if t.name in kinds and t.holder in kinds}
        sought = [t for t in self.terminals if t.name in kinds and t.name not in words.values()]
        # The blanks after a token are none of it, and are passed over at once.
        blanks = "".join([f"(?:{t.pattern})?+" for t in self.terminals if t.name == BLANK])
        # A word of the language ends where a name would: `ifx` does not begin with `if`, even where no name can stand.
        either = "|".join([f"(?P<{t.name}>{t.pattern}{'' if t.holder is None else WORD_END})" for t in sought])
        allowed = frozenset(t.name for t in sought) - self.ignored
        return Scanner(re.compile(f"(?:{either}){blanks}").match, words, allowed)


WORD_END = r"(?!\w)"
"""The pattern of where a word ends."""
BLANK = "BLANK"
"""The terminal of what parts words and is none itself."""
NEWLINE = "_NL"
"""The terminal that is looked for everywhere: the end of a line."""
END = "$END"
"""The terminal that stands for the end of the text."""


@cache
def tables() -> Tables:
    """The tables of the language's grammar.

    >>> sorted(tables().starts)
    ['expression', 'start']
    """
    grammar = resources.grammar("ghndsl").read_text(encoding="utf-8")
    return Tables(_shipped(checksum(grammar)) or _made(grammar))


def checksum(grammar: str) -> int:
    """What tells whether tables are those of a grammar; it guards against forgetting, not against malice."""
    return crc32(grammar.encode())


def _shipped(wanted: int) -> Kept | None:
    """The tables of the file, unless they are another grammar's: that of before a change, in a checkout."""
    path = resources.grammar("ghndsl").with_suffix(".tables.json")
    try:
        kept = cast("Kept", json.loads(path.read_text(encoding="utf-8")))
        return kept if kept["grammar"] == wanted else None
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _made(grammar: str) -> Kept:
    from ghndsl.language.lalr import compile_grammar

    return compile_grammar(grammar)


def _rows(kept: Kept) -> Sequence[Row]:
    productions = [Production(*production) for production in kept["productions"]]
    rows = [Row() for _ in kept["states"]]
    for row, (ends, follows) in zip(rows, kept["states"], strict=True):
        for production, lookaheads in ends:
            row.moves.update(dict.fromkeys(kept["lookaheads"][lookaheads], productions[production]))
        row.moves.update({symbol: rows[state] for symbol, state in follows.items()})
    return rows
