"""The text of an `.arch` or `.nas` file goes in; its syntax tree comes out, or every error of syntax that it has."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import cast

from ghndsl.diagnostics import CompileError, Diagnostic, Source, Span
from ghndsl.language import tree
from ghndsl.language.collection import no_collection
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.reader import Reader, TooMuchError, UnexpectedError
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
        raise CompileError(Diagnostic("G003", message))
    builder = TreeBuilder(source, limits.syntax)
    text, faults = source.text, list[Diagnostic]()
    while len(faults) < _MOST_SYNTAX_ERRORS:
        try:
            parsed = Reader(text, tables(), start, builder, limits).read()
        except UnexpectedError as error:
            faults.append(explain(error, source))
        except TooMuchError as error:
            faults.append(Diagnostic(error.code, error.message, Span(source, error.token.start, error.token.end)))
        else:
            if not faults:
                return builder.finished(parsed)
            break
        rest = _without_definition(text, faults[-1])
        if rest is None:
            break
        text = rest
    raise CompileError(*faults)


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
