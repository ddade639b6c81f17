"""The parser's tree of an expression goes in; ours, with spans and numbers read, comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeGuard, cast

import lark

from ghndsl.diagnostics import CompileError, Diagnostic, Source, Span
from ghndsl.language import tree


class Rule(lark.Tree[lark.Token]):
    """What a rule of the grammar matched, every token included, and where."""

    def __init__(self, data: str, children: list[Parsed], meta: object = None) -> None:
        self.data = data
        self.children = cast("list[lark.Tree[lark.Token] | lark.Token]", children)
        # A tree's places are known from its ends alone, as no token is dropped.
        self.start = _start(children[0]) if children else 0
        self.end = _end(children[-1]) if children else 0

    def __deepcopy__(self, memo: dict[int, object]) -> Rule:
        # Old versions of lark copy all that was read to find out what could come next.
        return self

    @property
    def parts(self) -> list[Parsed]:
        """The children."""
        return cast("list[Parsed]", self.children)


Parsed: TypeAlias = Rule | lark.Token


def _start(parsed: Parsed) -> int:
    return parsed.start if isinstance(parsed, Rule) else parsed.start_pos or 0


def _end(parsed: Parsed) -> int:
    return parsed.end if isinstance(parsed, Rule) else parsed.end_pos or 0


_SUFFIXES = {"K": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_MOST_DIGITS = 100


class ExpressionBuilder:
    """One method a rule of the grammar, named after it; a method is given the span and all the parts."""

    def __init__(self, source: Source, depth: int) -> None:
        self.source = source
        self.left = depth
        self.rules: dict[str, Callable[[Span, list[Parsed]], tree.Syntax]] = {
            name.removeprefix("rule_"): getattr(self, name) for name in dir(self) if name.startswith("rule_")
        }

    def node(self, parsed: Parsed) -> tree.Syntax:
        assert isinstance(parsed, Rule)
        span = Span(self.source, parsed.start, parsed.end)
        if self.left == 0:
            raise CompileError(Diagnostic("G004", "this is nested too deeply", span))
        self.left -= 1
        built = self.rules[parsed.data](span, parsed.parts)
        self.left += 1
        return built

    def expression(self, parsed: Parsed) -> tree.Expression:
        return cast("tree.Expression", self.node(parsed))

    def names(self, parts: Sequence[Parsed]) -> tuple[tree.Name, ...]:
        return tuple([cast("tree.Name", self.node(p)) for p in parts if is_rule(p, "name")])

    def items(self, parts: Sequence[Parsed]) -> tuple[tree.Expression, ...]:
        return tuple([self.expression(p) for p in parts if isinstance(p, Rule)])

    def rule_conditional(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        then, test, otherwise = self.items(parts)
        return tree.Conditional(span, test, then, otherwise)

    def rule_chain(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        links = self.items(parts)
        return links[0] if len(links) == 1 else tree.Chain(span, links)

    def rule_labelled(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        value, _, label = parts
        return tree.Labelled(span, self.expression(value), cast("tree.Label", self.node(label)))

    def rule_label(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Label(span, tuple([self._part(part) for part in parts if isinstance(part, Rule)]))

    def _part(self, parsed: Rule) -> tuple[str | tree.Expression, ...]:
        pieces: list[str | tree.Expression] = []
        for child in parsed.parts:
            if not isinstance(child, Rule):
                pieces.append(str(child))
            elif child.data == "computed":
                pieces.append(self.expression(child.parts[1]))
            else:
                pieces += self._part(child)
        return tuple(pieces)

    def rule_binary(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        operator = " ".join(map(str, parts[1:-1]))
        return tree.Binary(span, operator, self.expression(parts[0]), self.expression(parts[-1]))

    def rule_unary(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Unary(span, str(parts[0]), self.expression(parts[1]))

    def rule_name(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        name = str(parts[0])
        if name in tree.KEYWORDS:
            raise CompileError(Diagnostic("G101", f"`{name}` is a keyword, which cannot be a name", span))
        return tree.Name(span, name)

    def rule_integer(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, read_integer(str(parts[0]), span))

    def rule_float(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        text = str(parts[0])
        factor = _SUFFIXES.get(text[-1], 1)
        value = float(text.rstrip("KMG")) * factor
        if not math.isfinite(value):
            raise _too_large(span)
        return tree.Constant(span, value)

    def rule_string(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, unquote(str(parts[0])))

    def rule_true(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, True)

    def rule_false(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, False)

    def rule_none(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, None)

    def rule_group(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return self.expression(parts[1])

    def rule_tuple(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Sequence(span, self.items(parts), "(")

    def rule_list(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Sequence(span, self.items(parts), "[")

    def rule_comprehension(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        at = place_of(parts, "IN")
        test = self.expression(parts[at + 3]) if is_token(parts[at + 2], "IF") else None
        names = self.names(parts[3:at])
        return tree.Comprehension(span, self.expression(parts[1]), names, self.expression(parts[at + 1]), test)

    def rule_call(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        given = tuple([cast("tree.Argument", self.node(a)) for a in parts[1:] if isinstance(a, Rule)])
        return tree.Call(span, self.expression(parts[0]), given)

    def rule_positional(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Argument(span, None, self.expression(parts[0]))

    def rule_named(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Argument(span, str(parts[0]), self.expression(parts[2]))

    def rule_index(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        given = tuple([cast("tree.Expression | tree.Slice", self.node(s)) for s in parts[1:] if isinstance(s, Rule)])
        return tree.Index(span, self.expression(parts[0]), given)

    def rule_slice(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        bounds: list[tree.Expression | None] = [None, None, None]
        place = 0
        for part in parts:
            if isinstance(part, Rule):
                bounds[place] = self.expression(part)
            else:
                place += 1
        return tree.Slice(span, *bounds)

    def rule_member(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Member(span, self.expression(parts[0]), str(parts[2]))


def is_rule(parsed: Parsed, rule: str) -> TypeGuard[Rule]:
    """Whether it is what a rule of that name matched."""
    return isinstance(parsed, Rule) and parsed.data == rule


def is_token(parsed: Parsed, kind: str) -> bool:
    """Whether it is a token of that kind."""
    return isinstance(parsed, lark.Token) and parsed.type == kind


def place_of(parts: Sequence[Parsed], kind: str) -> int:
    """The place of the first token of a kind."""
    return next(i for i, part in enumerate(parts) if is_token(part, kind))


def read_integer(text: str, span: Span) -> int:
    """The value of a whole number, `K`, `M` or `G` at its end included."""
    if len(text) > _MOST_DIGITS:
        raise _too_large(span)
    return int(text.rstrip("KMG")) * _SUFFIXES.get(text[-1], 1)


def _too_large(span: Span) -> CompileError:
    return CompileError(Diagnostic("G126", "this number is too large", span))


def unquote(text: str) -> str:
    """What stands between the quotes of a string.

    >>> print(unquote(r'"a \\"b\\""'))
    a "b"
    """
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
