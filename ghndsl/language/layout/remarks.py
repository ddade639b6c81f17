"""A text and its words, as they will be written, go in; what stands before each of them in the text comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ghndsl.language.layout.pieces import Word
from ghndsl.records import record


@record
class Comment:
    """A comment from its `#` on; whether it follows something on its line, or else an empty line."""

    text: str
    trails: bool = False
    after_blank: bool = False


@record
class Lead:
    """What stands before a word: comments, the beginning of a line, an empty line."""

    comments: tuple[Comment, ...] = ()
    on_new_line: bool = False
    after_blank: bool = False


NO_LEAD = Lead()


class OutOfStepError(Exception):
    """The words are not those of the text."""


def read_leads(text: str, words: Iterable[Word]) -> dict[Word, Lead]:
    """What stands before each word. Signs of the text that are not among the words are passed over.

    >>> arrow = Word("->")
    >>> leads = read_leads("(x  # why\\n) -> f", [Word("x"), arrow, Word("f"), Word("")])
    >>> leads[arrow].comments
    (Comment(text='# why', trails=True, after_blank=False),)
    """
    leads: dict[Word, Lead] = {}
    place = 0
    for word in words:
        gap = _Gap(is_start=place == 0)
        place = gap.read(text, place)
        while (end := _end_of(word.text, text, place)) is None:
            left_out = _LEFT_OUT.match(text, place)
            if left_out is None:
                raise OutOfStepError(f"`{word.text}` is not what stands at character {place}")
            gap.pass_over(left_out[0])
            place = gap.read(text, left_out.end())
        leads[word] = gap.lead
        place = end
    return leads


def comments_of(leads: Mapping[Word, Lead]) -> list[str]:
    """All comments in order."""
    return [comment.text for lead in leads.values() for comment in lead.comments]


_LEFT_OUT = re.compile(r"[(){},:]|\.\.|\w+")
"""What a text may have and its canonical form has not: `(x)`, `[x,]`, `x[1:2:]`, `else { }`, `choose 1..1 x`."""
_NUMBER = re.compile(r"(\d+)([KMG]?)(?!\w)")
_ZEROS = {"": "", "K": "000", "M": "000000", "G": "000000000"}


def _end_of(word: str, text: str, place: int) -> int | None:
    """Where a word ends that stands at a place, or None when another does."""
    if not word:
        return place if place == len(text) else None
    end = place + len(word)
    if text.startswith(word, place) and not (_is_letter(word[-1:]) and _is_letter(text[end : end + 1])):
        return end
    # A count is written without its K, M or G.
    found = _NUMBER.match(text, place) if word.isdecimal() else None
    same = found is not None and (found[1] + _ZEROS[found[2]]).lstrip("0") == word.lstrip("0")
    return found.end() if found is not None and same else None


def _is_letter(char: str) -> bool:
    return re.fullmatch(r"\w", char) is not None


class _Gap:
    """Reads what stands between two words."""

    def __init__(self, *, is_start: bool) -> None:
        self.is_start = is_start
        self.comments: list[Comment] = []
        self.on_new_line = self.after_blank = False

    def read(self, text: str, place: int) -> int:
        """Reads blanks and comments from a place on; returns where they end."""
        follows, newlines = not self.is_start, 0
        while (found := _BETWEEN.match(text, place)) is not None:
            place = found.end()
            if found[0][0] == "#":
                self.comments.append(Comment(found[0].rstrip(), follows and newlines == 0, newlines > 1))
                follows, newlines = False, 0
            else:
                newlines += found[0].count("\n")
                self.on_new_line |= newlines > 0
        self.is_start = False
        self.after_blank = newlines > 1
        return place

    def pass_over(self, sign: str) -> None:
        """A sign that is not written: what is said before it closes is said of what it closes."""
        if sign in ")}":
            self.comments = [replace(comment, trails=True, after_blank=False) for comment in self.comments]

    @property
    def lead(self) -> Lead:
        """All of it."""
        return Lead(tuple(self.comments), self.on_new_line, self.after_blank)


_BETWEEN = re.compile(r"[ \t\f\r\n\ufeff]+|#[^\n]*")
