"""The text of an `.arch` or `.nas` file goes in; its syntax tree comes out. The only module that knows lark."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import cast

import lark

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Diagnostic, Source, Span
from ghndsl.language import tree
from ghndsl.language.bounds import MOST_CHARACTERS
from ghndsl.language.expression_builder import Rule
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.recursion import deep_recursion
from ghndsl.language.syntax_errors import explain
from ghndsl.language.tree_builder import build_expression, build_file


def parse(source: Source, limits: Limits = DEFAULT) -> tree.File:
    """The tree of a whole text; raises `CompileError` with the place of a syntax error.

    >>> parse(Source("a.arch", "arch a() { input x: f32[N]\\n output y = x -> relu }")).definitions[0].name
    'a'
    """
    parsed = _parse(source, "start", limits)
    with deep_recursion():
        return build_file(parsed, source, limits.syntax)


def parse_expression(source: Source, limits: Limits = DEFAULT) -> tree.Expression:
    """The tree of one expression, as `--set name=value` takes it."""
    parsed = _parse(source, "expression", limits)
    with deep_recursion():
        return build_expression(parsed, source, limits.syntax)


def _parse(source: Source, start: str, limits: Limits) -> Rule:
    if len(source.text) > limits.text:
        message = f"the text has {len(source.text):,} characters; at most {limits.text:,} are read"
        raise CompileError(Diagnostic("G003", message))
    parsed, faults, text = None, list[Diagnostic](), source.text
    while parsed is None:
        try:
            parsed = _read(text, source, start, limits)
        except CompileError as error:
            faults += error.diagnostics
            rest = _without_definition(text, faults[-1])
            if rest is None or len(faults) >= _MOST_SYNTAX_ERRORS:
                break
            text = rest
    if faults or parsed is None:
        raise CompileError(*faults)
    return parsed


_MOST_SYNTAX_ERRORS = 10
_DEFINITION = re.compile(r"^(?:arch|block|motif|space|use)\b", re.MULTILINE)


def _without_definition(text: str, fault: Diagnostic) -> str | None:
    """The text with the definition that a fault lies in blanked, so that the faults of the others are found too."""
    if fault.code not in ("G101", "G102", "G103") or fault.span is None:
        return None
    starts = [found.start() for found in _DEFINITION.finditer(text)]
    # What is wrong at the beginning of a definition is that the one before it has no end.
    place = bisect_left(starts, fault.span.start)
    if place == 0:
        return None
    start, end = starts[place - 1], starts[place] if place < len(starts) else len(text)
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _read(text: str, source: Source, start: str, limits: Limits) -> Rule:
    try:
        return cast("Rule", _parser(limits.nesting, limits.words).parse(text, start=start))
    except lark.UnexpectedInput as error:
        raise CompileError(explain(error, source)) from None
    except _TooMuchError as error:
        span = Span(source, error.token.start_pos or 0, error.token.end_pos or 0)
        raise CompileError(Diagnostic(error.code, error.message, span)) from None


class _TooMuchError(Exception):
    def __init__(self, code: str, message: str, token: lark.Token) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.token = token


class _Lines(lark.lark.PostLex):
    """Drops the newlines inside parentheses and square brackets, where they end nothing."""

    always_accept = ("_NL",)

    def __init__(self, nesting: int, words: int) -> None:
        self.nesting = nesting
        self.words = words

    def process(self, stream: Iterator[lark.Token]) -> Iterator[lark.Token]:
        brackets = braces = 0
        for count, token in enumerate(stream):
            if count >= self.words:
                raise _TooMuchError("G003", f"the text has more than {self.words:,} words and signs", token)
            if len(token) > MOST_CHARACTERS and token.type != "_NL":
                raise _TooMuchError("G003", f"this word has more than {MOST_CHARACTERS:,} characters", token)
            change = _NESTING.get(token.type)
            if change is not None:
                brackets += change[0]
                braces += change[1]
                if brackets + braces > self.nesting:
                    message = f"brackets are nested more than {self.nesting} deep"
                    raise _TooMuchError("G004", message, token)
            if token.type != "_NL" or brackets <= 0:
                yield token


_NESTING = {
    "LPAR": (1, 0),
    "LSQB": (1, 0),
    "RPAR": (-1, 0),
    "RSQB": (-1, 0),
    "LBRACE": (0, 1),
    "RBRACE": (0, -1),
}


@cache
def _grammar() -> str:
    return resources.grammar("ghndsl").read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def _parser(nesting: int, words: int) -> lark.Lark:
    return lark.Lark(
        _grammar(),
        start=["start", "expression"],
        parser="lalr",
        lexer="contextual",
        postlex=_Lines(nesting, words),
        # Keeping every token lets a rule's ends tell its place, at half of what `propagate_positions` takes.
        keep_all_tokens=True,
        maybe_placeholders=False,
        tree_class=Rule,
    )
