"""lark's tree goes in; ours, with spans and numbers read, comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import lark

from ghndsl.diagnostics import Source, Span
from ghndsl.language import tree

_Parsed: TypeAlias = "lark.Tree[lark.Token] | lark.Token | None"
_SUFFIXES = {"K": 1_000, "M": 1_000_000, "G": 1_000_000_000}


def build_file(parsed: lark.Tree[lark.Token], source: Source) -> tree.File:
    """The tree of a whole text."""
    build = _Builder(source)
    items = [build.node(item) for item in parsed.children]
    uses = tuple(item for item in items if isinstance(item, tree.Use))
    definitions = tuple(item for item in items if isinstance(item, tree.Definition))
    return tree.File(Span(source, 0, len(source.text)), uses, definitions)


def build_expression(parsed: lark.Tree[lark.Token] | lark.Token, source: Source) -> tree.Expression:
    """The tree of one expression."""
    return _Builder(source).expression(parsed)


class _Builder:
    """One method a rule of the grammar, named after it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.rules: dict[str, Callable[[Span, list[_Parsed]], tree.Syntax]] = {
            name.removeprefix("rule_"): getattr(self, name) for name in dir(self) if name.startswith("rule_")
        }

    def node(self, parsed: _Parsed) -> tree.Syntax:
        assert isinstance(parsed, lark.Tree)
        return self.rules[parsed.data](self.span(parsed), cast("list[_Parsed]", parsed.children))

    def expression(self, parsed: _Parsed) -> tree.Expression:
        return cast("tree.Expression", self.node(parsed))

    def optional(self, parsed: _Parsed) -> tree.Expression | None:
        return None if parsed is None else self.expression(parsed)

    def span(self, parsed: lark.Tree[lark.Token] | lark.Token) -> Span:
        place = parsed if isinstance(parsed, lark.Token) else parsed.meta
        return Span(self.source, getattr(place, "start_pos", 0) or 0, getattr(place, "end_pos", 0) or 0)

    def names(self, parsed: list[_Parsed]) -> tuple[tree.Name, ...]:
        return tuple(cast("tree.Name", self.node(p)) for p in parsed if _is(p, "name"))

    def items(self, parsed: list[_Parsed]) -> tuple[tree.Expression, ...]:
        return tuple(self.expression(p) for p in parsed if p is not None)

    def body(self, parsed: _Parsed) -> tuple[tree.Statement, ...]:
        children = cast("list[_Parsed]", cast("lark.Tree[lark.Token]", parsed).children)
        return tuple(cast("tree.Statement", self.node(child)) for child in children if child is not None)

    # Definitions

    def rule_use(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        source = parts[0]
        names = self.names(parts[1:])
        if isinstance(source, lark.Token):
            return tree.Use(span, _unquote(source), True, names)
        return tree.Use(span, ".".join(map(str, cast("lark.Tree[lark.Token]", source).children)), False, names)

    def _definition(self, kind: str, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        name = self.names(parts[:1])[0]
        listed = cast("list[_Parsed]", cast("lark.Tree[lark.Token]", parts[1]).children)
        parameters = tuple(cast("tree.Parameter", self.node(p)) for p in listed if p is not None)
        doc = _documentation(self.source, span.start)
        return tree.Definition(span, kind, name.id, parameters, self.body(parts[2]), doc, name.span)

    def rule_block(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return self._definition("block", span, parts)

    def rule_motif(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return self._definition("motif", span, parts)

    def rule_arch(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return self._definition("arch", span, parts)

    def rule_space(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return self._definition("space", span, parts)

    def rule_parameter(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        name, kind, default = parts
        return tree.Parameter(span, self.names([name])[0].id, self.type(kind), self.optional(default))

    def type(self, parsed: _Parsed) -> tree.TypeSyntax | None:
        return None if parsed is None else cast("tree.TypeSyntax", self.node(parsed))

    def rule_word_type(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.WordType(span, str(parts[0]))

    def rule_shape_type(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        dtype = None if parts[0] is None else str(parts[0])
        return tree.ShapeType(span, dtype, self.items(parts[1:]))

    # Statements

    def rule_assign(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        *names, kind, values = parts
        return tree.Assign(span, self.names(names), self.type(kind), self.values(values))

    def values(self, parsed: _Parsed) -> tuple[tree.Expression, ...]:
        return self.items(cast("list[_Parsed]", cast("lark.Tree[lark.Token]", parsed).children))

    def rule_input(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Input(span, self.names(parts[:1])[0], cast("tree.TypeSyntax", self.node(parts[1])))

    def rule_output(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Output(span, cast("tree.Label", self.node(parts[0])), self.expression(parts[1]), False)

    def rule_exit(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Output(span, cast("tree.Label", self.node(parts[0])), self.expression(parts[1]), True)

    def rule_return(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Return(span, self.values(parts[0]))

    def rule_for(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        *names, iterable, body = parts
        return tree.For(span, self.names(names), self.expression(iterable), self.body(body))

    def rule_if(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        test, then, otherwise = parts
        return tree.If(span, self.expression(test), self.body(then), self._else(otherwise))

    def _else(self, parsed: _Parsed) -> tuple[tree.Statement, ...]:
        if parsed is None:
            return ()
        (inner,) = cast("list[_Parsed]", cast("lark.Tree[lark.Token]", parsed).children)
        return (cast("tree.Statement", self.node(inner)),) if _is(parsed, "else_if") else self.body(inner)

    def rule_choose(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        count, *names, domain, branches = parts
        return tree.Choose(
            span, self.names(names), self._count(count), self.expression(domain), self._branches(branches)
        )

    def rule_choose_branch(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Choose(span, self.names(parts[:1]), None, None, self._branches(parts[1]))

    def _count(self, parsed: _Parsed) -> tuple[int, int] | None:
        if parsed is None:
            return None
        numbers = [int(_number(str(token))) for token in cast("lark.Tree[lark.Token]", parsed).children]
        return numbers[0], numbers[-1]

    def _branches(self, parsed: _Parsed) -> tuple[tree.Branch, ...] | None:
        if parsed is None:
            return None
        children = cast("list[_Parsed]", cast("lark.Tree[lark.Token]", parsed).children)
        return tuple(cast("tree.Branch", self.node(child)) for child in children if child is not None)

    def rule_branch(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Branch(span, str(parts[0]), self.expression(parts[1]))

    def rule_where(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Where(span, self.expression(parts[0]))

    # Expressions

    def rule_conditional(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        then, test, otherwise = map(self.expression, parts)
        return tree.Conditional(span, test, then, otherwise)

    def rule_chain(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        links = self.items(parts)
        return links[0] if len(links) == 1 else tree.Chain(span, links)

    def rule_labelled(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Labelled(span, self.expression(parts[0]), cast("tree.Label", self.node(parts[1])))

    def rule_label(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Label(span, tuple(self._part(part) for part in parts))

    def _part(self, parsed: _Parsed) -> tuple[str | tree.Expression, ...]:
        pieces: list[str | tree.Expression] = []
        for child in cast("list[_Parsed]", cast("lark.Tree[lark.Token]", parsed).children):
            if isinstance(child, lark.Token):
                pieces.append(str(child))
            elif child is not None and _is(child, "computed"):
                pieces.append(self.expression(cast("list[_Parsed]", child.children)[0]))
            elif child is not None:
                pieces += self._part(child)
        return tuple(pieces)

    def rule_binary(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        operator = " ".join(map(str, parts[1:-1]))
        return tree.Binary(span, operator, self.expression(parts[0]), self.expression(parts[-1]))

    def rule_unary(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Unary(span, str(parts[0]), self.expression(parts[1]))

    def rule_name(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Name(span, str(parts[0]))

    def rule_integer(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Constant(span, int(_number(str(parts[0]))))

    def rule_float(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Constant(span, float(_number(str(parts[0]))))

    def rule_string(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Constant(span, _unquote(cast("lark.Token", parts[0])))

    def rule_true(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Constant(span, True)

    def rule_false(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Constant(span, False)

    def rule_none(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Constant(span, None)

    def rule_group(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return self.expression(parts[0])

    def rule_tuple(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Sequence(span, self.items(parts), "(")

    def rule_list(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Sequence(span, self.items(parts), "[")

    def rule_comprehension(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        item, *names, iterable, test = parts
        return tree.Comprehension(
            span, self.expression(item), self.names(names), self.expression(iterable), self.optional(test)
        )

    def rule_call(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        callee, *arguments = parts
        given = tuple(cast("tree.Argument", self.node(a)) for a in arguments if a is not None)
        return tree.Call(span, self.expression(callee), given)

    def rule_positional(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Argument(span, None, self.expression(parts[0]))

    def rule_named(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Argument(span, str(parts[0]), self.expression(parts[1]))

    def rule_index(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        value, *subscripts = parts
        given = tuple(cast("tree.Expression | tree.Slice", self.node(s)) for s in subscripts if s is not None)
        return tree.Index(span, self.expression(value), given)

    def rule_slice(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Slice(span, *map(self.optional, parts))

    def rule_member(self, span: Span, parts: list[_Parsed]) -> tree.Syntax:
        return tree.Member(span, self.expression(parts[0]), str(parts[1]))


def _is(parsed: _Parsed, rule: str) -> bool:
    return isinstance(parsed, lark.Tree) and parsed.data == rule


def _number(text: str) -> float | int:
    factor = _SUFFIXES.get(text[-1])
    digits = text[:-1] if factor else text
    value = int(digits) if digits.isdigit() else float(digits)
    return value * (factor or 1)


def _unquote(token: lark.Token) -> str:
    return str(token)[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _documentation(source: Source, start: int) -> str:
    """The `##` lines that stand directly above a definition."""
    number = source.position(start)[0] - 1
    lines: list[str] = []
    while number >= 1 and source.line(number).lstrip().startswith("##"):
        lines.append(source.line(number).lstrip()[2:].strip())
        number -= 1
    return "\n".join(reversed(lines))
