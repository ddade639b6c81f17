"""A syntax tree goes in; its text in the canonical layout comes out, which is read as an equal tree."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.language import tree
from ghndsl.language.expression_writer import bracket, expression
from ghndsl.language.layout.pieces import Page, Piece, Row, Word, text
from ghndsl.language.layout.printer import printed
from ghndsl.language.layout.remarks import Comment, Lead
from ghndsl.language.recursion import deep_recursion
from ghndsl.language.spelling import quoted
from ghndsl.language.statement_writer import body, of_type


def write(file: tree.File) -> str:
    """The text of a tree, which may be made by a program: no span is needed. Documentation is written too.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language import parse
    >>> print(write(parse(Source("a.arch", "arch  a( ){ input x:f32[N,4]\\n output y=((x)->relu) }"))), end="")
    arch a() {
        input x: f32[N, 4]
        output y = x -> relu
    }
    """
    with deep_recursion():
        made = page((*file.uses, *file.definitions))
        leads = {
            item.first: Lead(tuple([Comment(f"## {line}".rstrip()) for line in definition.doc.split("\n")]))
            for item, definition in zip(made.items[len(file.uses) :], file.definitions, strict=True)
            if definition.doc
        }
        return printed(made, leads)


def write_expression(node: tree.Expression) -> str:
    """The text of an expression, on one line.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.parse import parse_expression
    >>> write_expression(parse_expression(Source("", "(x+y)->f (2,(3))  as a . 0")))
    '(x + y) -> f(2, 3) as a.0'
    """
    with deep_recursion():
        return text(expression(node))


def page(items: Sequence[tree.Use | tree.Definition]) -> Page:
    """The words of a whole text, its definitions in that order."""
    rows = [_use(item) if isinstance(item, tree.Use) else _definition(item) for item in items]
    return Page(tuple(rows), tuple([isinstance(item, tree.Use) for item in items]), Word(""))


def _use(node: tree.Use) -> Row:
    parts = [quoted(node.source)] if node.is_file else node.source.split(".")
    source = [word for part in parts for word in (Word("."), Word(part))][1:]
    return Row((Word("use"), " ", *source, " ", bracket("(", [Word(name.id) for name in node.names], ")")))


def _definition(node: tree.Definition) -> Row:
    parameters = bracket("(", [_parameter(parameter) for parameter in node.parameters], ")")
    return Row((Word(node.kind), " ", Word(node.name), parameters, " ", body(node.body)))


def _parameter(node: tree.Parameter) -> Piece:
    parts: list[Piece] = [Word(node.name), *of_type(node.type)]
    if node.default is not None:
        parts += [" ", Word("="), " ", expression(node.default)]
    return Row(tuple(parts))
