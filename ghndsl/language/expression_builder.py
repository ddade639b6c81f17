"""What the parser found of an expression goes in; our tree of it, with spans and numbers read, comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeGuard, cast

from ghndsl.diagnostics import CompileError, Diagnostic, Source, Span
from ghndsl.language import tree
from ghndsl.language.parsed import Parsed, Rule, Token
from ghndsl.language.spelling import SUFFIXES

_MOST_DIGITS = 100
_DEEP = "each operator in a row is a level: `sum` and `add` take lists; `--limit syntax=1K` allows more"


class ExpressionBuilder:
    """One method a rule of the grammar, named after it and given all the parts.

    The methods that begin with `rule` are given the place too and make a node of the tree; those that begin with `list`
    make what a node has several of. What is wrong though it can be parsed is kept, the first of it, until the whole
    text is known to have no error of syntax.
    """

    def __init__(self, source: Source, depth: int) -> None:
        self.source = source
        self.depth = depth
        self.fault: Diagnostic | None = None
        self.nodes: dict[str, Callable[[Span, list[Parsed]], object]] = _methods(self, "rule_")
        self.lists: dict[str, Callable[[list[Parsed]], object]] = _methods(self, "list_")

    def build(self, rule: str, parts: list[Parsed]) -> Rule:
        """What a rule stands for."""
        start, end = (parts[0].start, parts[-1].end) if parts else (0, 0)
        height = 0
        for part in parts:
            if part.height > height:  # noqa: PLR1730
                height = part.height
        node = self.nodes.get(rule)
        if node is None:
            return Rule(rule, start, end, self.lists[rule](parts), height)
        span = Span(self.source, start, end)
        if height >= self.depth:
            self.refuse("G004", f"this is more than {self.depth:,} levels deep", span, _DEEP)
        return Rule(rule, start, end, node(span, parts), height + 1)

    def refuse(self, code: str, message: str, span: Span, help: str | None = None) -> None:  # noqa: A002
        """Keeps what is wrong, if nothing was before."""
        self.fault = self.fault or Diagnostic(code, message, span, help=help)

    def finished(self, parsed: Parsed) -> object:
        """What was built of a whole text; raises `CompileError` when something in it is wrong."""
        if self.fault is not None:
            raise CompileError(self.fault)
        return parsed.value

    def rule_conditional(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        then, test, otherwise = expressions(parts)
        return tree.Conditional(span, test, then, otherwise)

    def rule_chain(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        links = expressions(parts)
        return links[0] if len(links) == 1 else tree.Chain(span, links)

    def rule_labelled(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Labelled(span, expression(parts[0]), cast("tree.Label", parts[2].value))

    def rule_label(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Label(span, tuple([cast("_Pieces", part.value) for part in parts if isinstance(part, Rule)]))

    def list_part(self, parts: list[Parsed]) -> _Pieces:
        pieces: list[str | tree.Expression] = []
        for part in parts:
            if isinstance(part, Token):
                pieces.append(part.text)
            else:
                pieces += cast("_Pieces", part.value)
        return tuple(pieces)

    list_computed_tail = list_part

    def list_computed(self, parts: list[Parsed]) -> _Pieces:
        return (expression(parts[1]),)

    def rule_binary(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        operator = " ".join(part.text for part in parts[1:-1]) if len(parts) > 3 else parts[1].text
        return tree.Binary(span, operator, expression(parts[0]), expression(parts[-1]))

    def rule_unary(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Unary(span, parts[0].text, expression(parts[1]))

    def rule_name(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        name = parts[0].text
        if name in tree.KEYWORDS:
            hint = "a choice is a statement of its own: `choose k from [1, 3]`" if name == "choose" else None
            self.refuse("G101", f"`{name}` is a keyword, which cannot be a name", span, hint)
        return tree.Name(span, name)

    def rule_integer(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, self.integer(parts[0]))

    def integer(self, parsed: Parsed) -> int:
        """The value of a whole number, `K`, `M` or `G` at its end included."""
        text = parsed.text
        if len(text) > _MOST_DIGITS:
            self.refuse("G126", "this number is too large", Span(self.source, parsed.start, parsed.end))
            return 0
        return int(text.rstrip("KMG")) * SUFFIXES.get(text[-1], 1)

    def rule_float(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        text = parts[0].text
        number = float(text.rstrip("KMG")) * SUFFIXES.get(text[-1], 1)
        if not math.isfinite(number):
            self.refuse("G126", "this number is too large", span)
        return tree.Constant(span, number)

    def rule_string(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, unquote(parts[0].text))

    def rule_true(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, True)

    def rule_false(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, False)

    def rule_none(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Constant(span, None)

    def rule_group(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return expression(parts[1])

    def rule_tuple(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Sequence(span, expressions(parts), "(")

    def rule_list(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Sequence(span, expressions(parts), "[")

    def rule_comprehension(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        at = place_of(parts, "IN")
        test = expression(parts[at + 3]) if is_token(parts[at + 2], "IF") else None
        return tree.Comprehension(span, expression(parts[1]), names(parts[3:at]), expression(parts[at + 1]), test)

    def rule_call(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        given = tuple([cast("tree.Argument", part.value) for part in parts[1:] if isinstance(part, Rule)])
        return tree.Call(span, expression(parts[0]), given)

    def rule_positional(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Argument(span, None, expression(parts[0]))

    def rule_named(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Argument(span, parts[0].text, expression(parts[2]))

    def rule_index(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        given = [cast("tree.Expression | tree.Slice", part.value) for part in parts[1:] if isinstance(part, Rule)]
        return tree.Index(span, expression(parts[0]), tuple(given))

    def rule_slice(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        bounds: list[tree.Expression | None] = [None, None, None]
        place = 0
        for part in parts:
            if isinstance(part, Rule):
                bounds[place] = expression(part)
            else:
                place += 1
        return tree.Slice(span, *bounds)

    def rule_member(self, span: Span, parts: list[Parsed]) -> tree.Syntax:
        return tree.Member(span, expression(parts[0]), parts[2].text)


_Pieces: TypeAlias = "tuple[str | tree.Expression, ...]"
"""What one part of a label is made of."""


def _methods(builder: object, prefix: str) -> dict[str, Callable[..., object]]:
    """The methods of a builder whose names begin so, by the rest of the name."""
    found = [name for name in dir(builder) if name.startswith(prefix)]
    return {name.removeprefix(prefix): getattr(builder, name) for name in found}


def expression(parsed: Parsed) -> tree.Expression:
    """The expression that was built of a rule."""
    return cast("tree.Expression", parsed.value)


def expressions(parts: Sequence[Parsed]) -> tuple[tree.Expression, ...]:
    """The expressions among the parts of a rule."""
    return tuple([cast("tree.Expression", part.value) for part in parts if isinstance(part, Rule)])


def names(parts: Sequence[Parsed]) -> tuple[tree.Name, ...]:
    """The names among the parts of a rule."""
    return tuple([cast("tree.Name", part.value) for part in parts if isinstance(part, Rule) and part.data == "name"])


def is_rule(parsed: Parsed, rule: str) -> TypeGuard[Rule]:
    """Whether it is what a rule of that name matched."""
    return isinstance(parsed, Rule) and parsed.data == rule


def is_token(parsed: Parsed, kind: str) -> bool:
    """Whether it is a token of that kind."""
    return isinstance(parsed, Token) and parsed.type == kind


def place_of(parts: Sequence[Parsed], kind: str) -> int:
    """The place of the first token of a kind."""
    return next(i for i, part in enumerate(parts) if is_token(part, kind))


def unquote(text: str) -> str:
    """What stands between the quotes of a string.

    >>> print(unquote(r'"a \\"b\\""'))
    a "b"
    """
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
