"""The text of an `.arch` or `.nas` file goes in; its syntax tree comes out. The only module that knows lark."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import lark

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Diagnostic, Source, Span
from ghndsl.language import tree
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.syntax_errors import explain
from ghndsl.language.tree_builder import build_expression, build_file


def parse(source: Source, limits: Limits = DEFAULT) -> tree.File:
    """The tree of a whole text; raises `CompileError` with the place of a syntax error.

    >>> parse(Source("a.arch", "arch a() { input x: f32[N]\\n output y = x -> relu }")).definitions[0].name
    'a'
    """
    return build_file(_parse(source, "start", limits), source)


def parse_expression(source: Source, limits: Limits = DEFAULT) -> tree.Expression:
    """The tree of one expression, as `--set name=value` takes it."""
    return build_expression(_parse(source, "expression", limits), source)


def _parse(source: Source, start: str, limits: Limits) -> lark.Tree[lark.Token]:
    if len(source.text) > limits.text:
        message = f"the text has {len(source.text):,} characters; at most {limits.text:,} are read"
        raise CompileError(Diagnostic("G003", message))
    try:
        return _parser(limits.nesting).parse(source.text, start=start)
    except lark.UnexpectedInput as error:
        raise CompileError(explain(error, source)) from None
    except _TooDeepError as error:
        token = error.token
        message = f"brackets are nested more than {limits.nesting} deep"
        span = Span(source, token.start_pos or 0, token.end_pos or 0)
        raise CompileError(Diagnostic("G004", message, span)) from None


class _TooDeepError(Exception):
    def __init__(self, token: lark.Token) -> None:
        super().__init__()
        self.token = token


class _Lines(lark.lark.PostLex):
    """Drops the newlines inside parentheses and square brackets, where they end nothing."""

    always_accept = ("_NL",)

    def __init__(self, nesting: int) -> None:
        self.nesting = nesting

    def process(self, stream: Iterator[lark.Token]) -> Iterator[lark.Token]:
        brackets = braces = 0
        for token in stream:
            change = _NESTING.get(token.type)
            if change is not None:
                brackets += change[0]
                braces += change[1]
                if brackets + braces > self.nesting:
                    raise _TooDeepError(token)
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
def _parser(nesting: int) -> lark.Lark:
    return lark.Lark(
        _grammar(),
        start=["start", "expression"],
        parser="lalr",
        lexer="contextual",
        postlex=_Lines(nesting),
        propagate_positions=True,
        maybe_placeholders=True,
    )
