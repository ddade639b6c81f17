"""The text of an `.arch` or `.nas` file goes in; its syntax tree comes out, or every error of syntax that it has."""

from __future__ import annotations

from typing import cast

from ghndsl.diagnostics import CompileError, Diagnostic, Source, Span
from ghndsl.language import tree
from ghndsl.language.collection import no_collection
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.reader import Reader, TooMuchError, UnexpectedError
from ghndsl.language.recovery import without_definition
from ghndsl.language.syntax_errors import explain
from ghndsl.language.tables import tables
from ghndsl.language.tree_builder import TreeBuilder


def parse(source: Source, limits: Limits = DEFAULT) -> tree.File:
    """The tree of a whole text; raises `CompileError` with the place of a syntax error.

    >>> parse(Source("a.arch", "arch a() { input x: f32[N]\\n output y = x -> relu }")).definitions[0].name
    'a'
    """
    with no_collection():
        return cast("tree.File", _parse(source, "start", limits))


def parse_expression(source: Source, limits: Limits = DEFAULT) -> tree.Expression:
    """The tree of one expression, as `--set name=value` takes it."""
    return cast("tree.Expression", _parse(source, "expression", limits))


def _parse(source: Source, start: str, limits: Limits) -> object:
    if len(source.text) > limits.text:
        message = f"the text has {len(source.text):,} characters; at most {limits.text:,} are read"
        raise CompileError(Diagnostic("G003", message, help="`--limit text=8M` allows more"))
    builder = TreeBuilder(source, limits.syntax)
    text, faults = source.text, list[Diagnostic]()
    while len(faults) < _MOST_SYNTAX_ERRORS:
        try:
            parsed = Reader(text, tables(), start, builder, limits).read()
        except UnexpectedError as error:
            faults.append(explain(error, source))
        except TooMuchError as error:
            faults.append(
                Diagnostic(error.code, error.message, Span(source, error.token.start, error.token.end), help=error.help)
            )
        else:
            if not faults:
                return builder.finished(parsed)
            break
        rest = without_definition(text, faults[-1])
        if rest is None:
            break
        text = rest
    raise CompileError(*faults)


_MOST_SYNTAX_ERRORS = 10
