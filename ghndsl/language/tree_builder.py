"""What the parser found of a text goes in; our tree of it comes out."""

from __future__ import annotations

from typing import cast

from ghndsl.diagnostics import Source, Span
from ghndsl.language import tree
from ghndsl.language.expression_builder import (
    ExpressionBuilder,
    expression,
    expressions,
    is_rule,
    is_token,
    names,
    place_of,
    unquote,
)
from ghndsl.language.parsed import BLANKS, Parsed, Rule


class TreeBuilder(ExpressionBuilder):
    """Files, definitions and statements; expressions are the base's."""

    def list_start(self, parts: list[Parsed]) -> tree.Syntax:
        items = [part.value for part in parts if isinstance(part, Rule)]
        uses = tuple([item for item in items if isinstance(item, tree.Use)])
        definitions = tuple([item for item in items if isinstance(item, tree.Definition)])
        return tree.File(Span(self.source, 0, len(self.source.text)), uses, definitions)

    # Definitions

    def rule_use(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        source = parts[1]
        if isinstance(source, Rule):
            return tree.Use(span, cast("str", source.value), False, names(parts[2:]))
        return tree.Use(span, unquote(source.text), True, names(parts[2:]))

    def list_dotted(self, parts: list[Parsed]) -> str:
        return "".join([part.text for part in parts])

    def _definition(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        (name,) = names(parts[1:2])
        parameters = cast("tuple[tree.Parameter, ...]", parts[3].value)
        doc = _documentation(self.source, span.start)
        return tree.Definition(span, parts[0].text, name.id, parameters, body(parts[-1]), doc, name.span)

    rule_block = rule_motif = rule_arch = rule_space = _definition

    def list_parameters(self, parts: list[Parsed]) -> tuple[tree.Parameter, ...]:
        return tuple([cast("tree.Parameter", part.value) for part in parts if isinstance(part, Rule)])

    def rule_parameter(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        (name,) = names(parts[:1])
        kind = _type(parts[2]) if len(parts) > 2 and is_token(parts[1], "COLON") else None
        default = expression(parts[-1]) if len(parts) > 2 and is_token(parts[-2], "EQUAL") else None
        return tree.Parameter(span, name.id, kind, default)

    def rule_word_type(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.WordType(span, parts[0].text)

    def rule_shape_type(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        dtype = parts[0].text if is_token(parts[0], "NAME") else None
        return tree.ShapeType(span, dtype, expressions(parts))

    # Statements

    def list_body(self, parts: list[Parsed]) -> tuple[tree.Statement, ...]:
        return tuple([cast("tree.Statement", part.value) for part in parts if isinstance(part, Rule)])

    def rule_assign(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        kind = _type(parts[-3]) if is_token(parts[-4:][0], "COLON") else None
        return tree.Assign(span, names(parts[:-1]), kind, _values(parts[-1]))

    def list_values(self, parts: list[Parsed]) -> tuple[tree.Expression, ...]:
        return expressions(parts)

    def rule_input(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        (name,) = names(parts[1:2])
        return tree.Input(span, name, _type(parts[3]))

    def rule_output(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        label = cast("tree.Label", parts[1].value)
        return tree.Output(span, label, expression(parts[3]), is_token(parts[0], "EXIT"))

    rule_exit = rule_output

    def rule_return(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Return(span, _values(parts[1]))

    def rule_for(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        *targets, iterable, statements = parts
        return tree.For(span, names(targets), expression(iterable), body(statements))

    def rule_if(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.If(span, expression(parts[1]), body(parts[2]), body(parts[3]) if len(parts) > 3 else ())

    def list_else(self, parts: list[Parsed]) -> tuple[tree.Statement, ...]:
        return body(parts[1])

    def list_else_if(self, parts: list[Parsed]) -> tuple[tree.Statement, ...]:
        return (cast("tree.Statement", parts[1].value),)

    def rule_choose(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        at = place_of(parts, "FROM")
        count = None if is_rule(parts[1], "name") else cast("tuple[int, int]", parts[1].value)
        branches = _branches(parts[at + 2]) if len(parts) > at + 2 else None
        return tree.Choose(span, names(parts[:at]), count, expression(parts[at + 1]), branches)

    def rule_choose_branch(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Choose(span, names(parts[:2]), None, None, _branches(parts[2]))

    def list_count(self, parts: list[Parsed]) -> tuple[int, int]:
        return self.integer(parts[0]), self.integer(parts[-1])

    list_count_range = list_count

    def list_branches(self, parts: list[Parsed]) -> tuple[tree.Branch, ...]:
        return tuple([cast("tree.Branch", part.value) for part in parts if isinstance(part, Rule)])

    def rule_branch(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Branch(span, parts[0].text, expression(parts[2]))

    def rule_where(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Where(span, expression(parts[1]))


def body(parsed: Parsed) -> tuple[tree.Statement, ...]:
    """The statements between braces."""
    return cast("tuple[tree.Statement, ...]", parsed.value)


def _type(parsed: Parsed) -> tree.TypeSyntax:
    return cast("tree.TypeSyntax", parsed.value)


def _values(parsed: Parsed) -> tuple[tree.Expression, ...]:
    return cast("tuple[tree.Expression, ...]", parsed.value)


def _branches(parsed: Parsed) -> tuple[tree.Branch, ...]:
    return cast("tuple[tree.Branch, ...]", parsed.value)


def _documentation(source: Source, start: int) -> str:
    """The `##` lines that stand directly above a definition that begins a line."""
    number, column = source.position(start)
    if source.line(number)[: column - 1].strip(BLANKS):
        return ""
    lines: list[str] = []
    while number > 1 and (above := source.line(number - 1).lstrip(BLANKS)).startswith("##"):
        lines.append(above[2:].strip())
        number -= 1
    return "\n".join(reversed(lines))
