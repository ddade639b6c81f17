"""A text and the grammar's tables go in; what a builder makes of each rule, from the leaves up, comes out."""

from __future__ import annotations

from typing import Protocol

from ghndsl.language.bounds import MOST_CHARACTERS
from ghndsl.language.limits import Limits
from ghndsl.language.parsed import Parsed, Rule, Token
from ghndsl.language.tables import END, NEWLINE, Production, Row, Tables


class _Items(Rule):
    """What a repetition in the grammar matched, to be taken one by one."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Parsed]) -> None:
        super().__init__("", 0, 0, None, 0)
        self.parts = parts


class Builder(Protocol):
    """What is told each rule of the grammar as it is complete."""

    def build(self, rule: str, parts: list[Parsed]) -> Rule:
        """What takes the place of the parts."""
        ...


class UnexpectedError(Exception):
    """The text stops making sense at a token, or, without a `type`, at a character that begins none."""

    def __init__(self, type: str | None, start: int, end: int, expected: frozenset[str]) -> None:  # noqa: A002
        super().__init__(type, start)
        self.type = type
        self.start = start
        self.end = end
        self.expected = expected


class TooMuchError(Exception):
    """The text goes beyond a limit at a token."""

    def __init__(self, code: str, message: str, token: Token, help: str | None = None) -> None:  # noqa: A002
        super().__init__(message)
        self.code = code
        self.message = message
        self.token = token
        self.help = help


_NESTING = {"LPAR": (1, 0), "LSQB": (1, 0), "RPAR": (-1, 0), "RSQB": (-1, 0), "LBRACE": (0, 1), "RBRACE": (0, -1)}


class Reader:
    """Reads one text: finds its tokens by what can come next, and puts them together."""

    def __init__(self, text: str, tables: Tables, start: str, builder: Builder, limits: Limits) -> None:
        self.text = text
        self.tables = tables
        self.scanner = tables.scanner
        self.build = builder.build
        self.limits = limits
        self.place = self.count = self.brackets = self.braces = 0
        first, self.last = tables.starts[start]
        self.rows = [first]
        self.parts: list[Parsed] = []

    def read(self) -> Parsed:
        """What the whole text is built into; raises `UnexpectedError` and `TooMuchError`."""
        while self.place < len(self.text):
            token = self._next()
            if token is None:
                continue
            follower = self._reduce(token.type)
            if follower is None:
                raise UnexpectedError(token.type, token.start, token.end, self._expected())
            self.rows.append(follower)
            self.parts.append(token)
        self._reduce(END)
        if self.rows[-1] is not self.last:
            raise UnexpectedError(END, len(self.text), len(self.text), self._expected())
        return self.parts[-1]

    # Tokens

    def _next(self) -> Token | None:
        """The token at the place where the reader stands; None for what is passed over."""
        found = self.scanner.match(self.text, self.place)
        if found is None:
            raise UnexpectedError(None, self.place, self.place, self.tables.exact(self.rows[-1]).allowed)
        kind = found.lastgroup or ""
        start, end = found.span(kind)
        self.place = found.end()
        if kind in self.tables.ignored:
            return None
        text = self.text[start:end]
        kind = self.scanner.words.get(text, kind)
        token = Token(kind, text, start, end)
        if kind not in self.rows[-1].moves and kind != NEWLINE:
            token = self._exact(token)
        self.count += 1
        if kind in _NESTING or self.count > self.limits.words or len(token.text) > MOST_CHARACTERS:
            self._check(token)
        return None if kind == NEWLINE and self.brackets > 0 else token

    def _exact(self, other: Token) -> Token:
        """The token that can come next, in place of one that cannot: what is a name elsewhere may be a label here."""
        scanner = self.tables.exact(self.rows[-1])
        found = scanner.match(self.text, other.start)
        if found is None:
            raise UnexpectedError(other.type, other.start, other.end, self._expected() or scanner.allowed)
        kind = found.lastgroup or ""
        start, end = found.span(kind)
        self.place = found.end()
        text = self.text[start:end]
        return Token(scanner.words.get(text, kind), text, start, end)

    def _check(self, token: Token) -> None:
        """Counts brackets; raises `TooMuchError` when they are too deep, or words too many or too long."""
        if self.count > self.limits.words:
            message = f"the text has more than {self.limits.words:,} words and signs"
            raise TooMuchError("G003", message, token, "`--limit words=1M` allows more")
        if len(token.text) > MOST_CHARACTERS and token.type != NEWLINE:
            raise TooMuchError("G003", f"this word has more than {MOST_CHARACTERS:,} characters", token)
        brackets, braces = _NESTING.get(token.type, (0, 0))
        self.brackets += brackets
        self.braces += braces
        if self.brackets + self.braces > self.limits.nesting:
            message = f"brackets are nested more than {self.limits.nesting} deep"
            raise TooMuchError("G004", message, token, "`--limit nesting=200` allows more")

    # Rules

    def _reduce(self, kind: str) -> Row | None:
        """Builds every rule that ends before a token of some kind; the row after that token, if it can come."""
        rows, parts = self.rows, self.parts
        while isinstance(move := rows[-1].moves.get(kind), Production):
            size = move.size
            if size:
                del rows[-size:]
            if not move.passes:
                left = len(parts) - size
                given = _spread(parts[left:]) if move.has_lists else parts[left:]
                del parts[left:]
                if move.name is None:
                    parts.append(_Items(given))
                else:
                    parts.append(given[0] if move.single and len(given) == 1 else self.build(move.name, given))
            rows.append(rows[-1].after(move.origin, kind))
        return move

    # Errors

    def _expected(self) -> frozenset[str]:
        """The terminals that can come next: those of the last row that the rows below it allow."""
        return frozenset(filter(self._accepts, self.rows[-1].terminals))

    def _accepts(self, kind: str) -> bool:
        rows = list(self.rows)
        while isinstance(move := rows[-1].moves.get(kind), Production):
            del rows[len(rows) - move.size :]
            rows.append(rows[-1].after(move.origin, kind))
        return rows[-1] is self.last if kind == END else move is not None


def _spread(parts: list[Parsed]) -> list[Parsed]:
    """The parts, each repetition opened; the first one is used up for that, so that a long one grows at its end."""
    flat: list[Parsed] = []
    for part in parts:
        if not isinstance(part, _Items):
            flat.append(part)
        elif flat:
            flat += part.parts
        else:
            flat = part.parts
    return flat
