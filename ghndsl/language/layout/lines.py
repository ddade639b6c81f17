"""Words and the beginnings of lines go in, one after another; lines come out, with the comments between the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ghndsl.language.layout.breaks import INDENT
from ghndsl.language.layout.pieces import Word
from ghndsl.language.layout.remarks import NO_LEAD, Comment, Lead


class Lines:
    """The lines so far; comments that stand where no line can end wait for the end of theirs."""

    def __init__(self, leads: Mapping[Word, Lead]) -> None:
        self.leads = leads
        self.done: list[str] = []
        self.line = ""
        self.indent = 0
        self.late: list[Comment] = []
        self.begun: Word | None = None

    @property
    def column(self) -> int:
        """The columns of the line so far."""
        return len(self.line)

    def blanks(self, blanks: str) -> None:
        """Goes on with blanks."""
        self.line += blanks

    def word(self, word: Word) -> None:
        """Goes on with a word; what is said before it comes at the end of the line, unless it begins the line."""
        if word is not self.begun:
            self.late += self.leads.get(word, NO_LEAD).comments
        self.line += word.text

    def begin(self, word: Word, level: int, *, at_start: bool = False, is_end: bool = False) -> None:
        """A new line of a body, for a word before which empty lines are kept, except at the body's start and end."""
        lead = self._end(word)
        for comment in lead.comments:
            if comment.after_blank and not at_start:
                self.done.append("")
            self.done.append(" " * INDENT * level + comment.text)
            at_start = False
        if lead.after_blank and not at_start and not is_end:
            self.done.append("")
        self._start(word, INDENT * (level - is_end))

    def go_on(self, word: Word, indent: int, *, is_end: bool = False) -> None:
        """A new line inside of a statement; comments before its end stand with what it ends."""
        comments = " " * (indent + INDENT * is_end)
        self.done += [comments + comment.text for comment in self._end(word).comments]
        self._start(word, indent)

    def _end(self, word: Word) -> Lead:
        """Ends a line, with one comment at most; the lead of the word that begins the next has all others."""
        lead = self.leads.get(word, NO_LEAD)
        comments = (*self.late, *lead.comments)
        if comments and (self.late or comments[0].trails):
            self.line += f"  {comments[0].text}"
            comments = comments[1:]
        if self.line:
            self.done.append(self.line.rstrip(" "))
        self.late = []
        return replace(lead, comments=comments)

    def _start(self, word: Word, indent: int) -> None:
        self.line = " " * indent
        self.indent = indent
        self.begun = word
