"""Words go in, one by one; pieces come out, of which the printer makes lines: their breaks are not chosen yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import TypeAlias


@dataclass(frozen=True, eq=False)
class Word:
    """A word, number or sign of the text; each is one of its own, so that remarks can be kept with it."""

    text: str

    @property
    def width(self) -> int:
        """Its columns."""
        return len(self.text)

    @property
    def first(self) -> Word:
        """Itself."""
        return self


@dataclass(frozen=True, eq=False)
class Pieces:
    """What is made of other pieces; `inline` are those and the blanks between them when all stand on one line."""

    @cached_property
    def inline(self) -> tuple[Piece, ...]:
        raise NotImplementedError

    @cached_property
    def width(self) -> int:
        """Its columns on one line."""
        return sum([width(part) for part in self.inline])

    @cached_property
    def first(self) -> Word:
        """Its first word."""
        return first(self.inline[0])


@dataclass(frozen=True, eq=False)
class Row(Pieces):
    """Parts and blanks side by side; a line breaks only inside of a part."""

    parts: tuple[Piece, ...]

    @cached_property
    def inline(self) -> tuple[Piece, ...]:
        return self.parts


@dataclass(frozen=True, eq=False)
class Flow(Pieces):
    """A chain, sum or the like: a line may break before each part but the first; all do when `is_each`."""

    parts: tuple[Piece, ...]
    is_each: bool = False
    is_chain: bool = False

    @cached_property
    def inline(self) -> tuple[Piece, ...]:
        return spaced(self.parts)


@dataclass(frozen=True, eq=False)
class Bracket(Pieces):
    """Items in brackets, a comma after each but the last, or after that too when there are so many `commas`."""

    opening: Word
    items: tuple[Piece, ...]
    commas: tuple[Word, ...]
    closing: Word
    may_end_in_comma: bool = True

    @cached_property
    def inline(self) -> tuple[Piece, ...]:
        items = [item if comma is None else Row((item, comma)) for item, comma in zip_longest(self.items, self.commas)]
        return (self.opening, *spaced(items), self.closing)


@dataclass(frozen=True, eq=False)
class Body(Pieces):
    """Lines in braces; `is_simple` says of a sole one that it may stand on one line with them."""

    opening: Word
    lines: tuple[Piece, ...]
    closing: Word
    is_simple: bool

    @cached_property
    def inline(self) -> tuple[Piece, ...]:
        return spaced((self.opening, *self.lines, self.closing)) if self.lines else (self.opening, self.closing)


@dataclass(frozen=True, eq=False)
class Arms(Pieces):
    """Heads with bodies, `if a { } else { }`: all bodies on one line, or none."""

    arms: tuple[Row, ...]

    @cached_property
    def inline(self) -> tuple[Piece, ...]:
        return spaced(self.arms)


Piece: TypeAlias = str | Word | Row | Flow | Bracket | Body | Arms
"""A string is blanks."""


@dataclass(frozen=True, eq=False)
class Page:
    """A whole text: its definitions, which of them are `use`s, and its end, a word without letters."""

    items: tuple[Row, ...]
    is_use: tuple[bool, ...]
    end: Word

    def words(self) -> Iterator[Word]:
        """All words in order."""
        for item in self.items:
            yield from (part for part in flat(item) if isinstance(part, Word))
        yield self.end


def spaced(parts: Sequence[Piece]) -> tuple[Piece, ...]:
    """The parts with a blank between each two."""
    return tuple([piece for part in parts for piece in (" ", part)][1:])


def flat(piece: Piece) -> Iterator[str | Word]:
    """The words and blanks of a piece on one line."""
    stack = [piece]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str | Word):
            yield piece
        else:
            stack += reversed(piece.inline)


def text(piece: Piece) -> str:
    """A piece on one line."""
    return "".join([part if isinstance(part, str) else part.text for part in flat(piece)])


def width(piece: Piece) -> int:
    """The columns of a piece on one line."""
    return len(piece) if isinstance(piece, str) else piece.width


def first(piece: Piece) -> Word:
    """The first word of a piece."""
    if isinstance(piece, str):
        raise TypeError("blanks hold no word")
    return piece.first
