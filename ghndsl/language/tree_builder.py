"""The parser's tree of a text goes in; ours comes out."""

from __future__ import annotations

from typing import cast

from ghndsl.diagnostics import Source, Span
from ghndsl.language import tree
from ghndsl.language.expression_builder import (
    ExpressionBuilder,
    Parsed,
    Rule,
    is_rule,
    is_token,
    place_of,
    read_integer,
    unquote,
)


def build_file(parsed: Rule, source: Source, depth: int) -> tree.File:
    """The tree of a whole text; refused when it is nested deeper than `depth`."""
    build = _Builder(source, depth)
    items = [build.node(item) for item in parsed.parts if isinstance(item, Rule)]
    uses = tuple(item for item in items if isinstance(item, tree.Use))
    definitions = tuple(item for item in items if isinstance(item, tree.Definition))
    return tree.File(Span(source, 0, len(source.text)), uses, definitions)


def build_expression(parsed: Rule, source: Source, depth: int) -> tree.Expression:
    """The tree of one expression."""
    return _Builder(source, depth).expression(parsed)


class _Builder(ExpressionBuilder):
    """Definitions and statements; expressions are the base's."""

    def body(self, parsed: Parsed) -> tuple[tree.Statement, ...]:
        assert isinstance(parsed, Rule)
        return tuple([cast("tree.Statement", self.node(p)) for p in parsed.parts if isinstance(p, Rule)])

    def type(self, parsed: Parsed) -> tree.TypeSyntax:
        return cast("tree.TypeSyntax", self.node(parsed))

    # Definitions

    def rule_use(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        source, names = parts[1], self.names(parts[2:])
        if isinstance(source, Rule):
            return tree.Use(span, "".join(map(str, source.parts)), False, names)
        return tree.Use(span, unquote(str(source)), True, names)

    def _definition(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        kind, (name,), listed, body = str(parts[0]), self.names(parts[1:2]), parts[3], parts[-1]
        assert isinstance(listed, Rule)
        parameters = tuple([cast("tree.Parameter", self.node(p)) for p in listed.parts if isinstance(p, Rule)])
        doc = _documentation(self.source, span.start)
        return tree.Definition(span, kind, name.id, parameters, self.body(body), doc, name.span)

    rule_block = rule_motif = rule_arch = rule_space = _definition

    def rule_parameter(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        (name,) = self.names(parts[:1])
        kind = self.type(parts[2]) if len(parts) > 2 and is_token(parts[1], "COLON") else None
        default = self.expression(parts[-1]) if len(parts) > 2 and is_token(parts[-2], "EQUAL") else None
        return tree.Parameter(span, name.id, kind, default)

    def rule_word_type(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.WordType(span, str(parts[0]))

    def rule_shape_type(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        dtype = str(parts[0]) if is_token(parts[0], "NAME") else None
        return tree.ShapeType(span, dtype, self.items(parts))

    # Statements

    def rule_assign(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        kind = self.type(parts[-3]) if is_token(parts[-4:][0], "COLON") else None
        return tree.Assign(span, self.names(parts[:-1]), kind, self.values(parts[-1]))

    def values(self, parsed: Parsed) -> tuple[tree.Expression, ...]:
        assert isinstance(parsed, Rule)
        return self.items(parsed.parts)

    def rule_input(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        (name,) = self.names(parts[1:2])
        return tree.Input(span, name, self.type(parts[3]))

    def rule_output(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        label = cast("tree.Label", self.node(parts[1]))
        return tree.Output(span, label, self.expression(parts[3]), is_token(parts[0], "EXIT"))

    rule_exit = rule_output

    def rule_return(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Return(span, self.values(parts[1]))

    def rule_for(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        *names, iterable, body = parts
        return tree.For(span, self.names(names), self.expression(iterable), self.body(body))

    def rule_if(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        otherwise = self._else(parts[3]) if len(parts) > 3 else ()
        return tree.If(span, self.expression(parts[1]), self.body(parts[2]), otherwise)

    def _else(self, parsed: Parsed) -> tuple[tree.Statement, ...]:
        assert isinstance(parsed, Rule)
        inner = parsed.parts[1]
        return (cast("tree.Statement", self.node(inner)),) if parsed.data == "else_if" else self.body(inner)

    def rule_choose(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        at = place_of(parts, "FROM")
        count = self._count(parts[1]) if not is_rule(parts[1], "name") else None
        branches = self._branches(parts[at + 2]) if len(parts) > at + 2 else None
        return tree.Choose(span, self.names(parts[:at]), count, self.expression(parts[at + 1]), branches)

    def rule_choose_branch(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Choose(span, self.names(parts[:2]), None, None, self._branches(parts[2]))

    def _count(self, parsed: Parsed) -> tuple[int, int]:
        assert isinstance(parsed, Rule)
        span = Span(self.source, parsed.start, parsed.end)
        numbers = [read_integer(str(part), span) for part in parsed.parts if is_token(part, "INT")]
        return numbers[0], numbers[-1]

    def _branches(self, parsed: Parsed) -> tuple[tree.Branch, ...]:
        assert isinstance(parsed, Rule)
        return tuple([cast("tree.Branch", self.node(p)) for p in parsed.parts if isinstance(p, Rule)])

    def rule_branch(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Branch(span, str(parts[0]), self.expression(parts[2]))

    def rule_where(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Where(span, self.expression(parts[1]))


def _documentation(source: Source, start: int) -> str:
    """The `##` lines that stand directly above a definition."""
    number = source.position(start)[0] - 1
    lines: list[str] = []
    while number >= 1 and source.line(number).lstrip().startswith("##"):
        lines.append(source.line(number).lstrip()[2:].strip())
        number -= 1
    return "\n".join(reversed(lines))
