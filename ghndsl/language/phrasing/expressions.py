"""Expressions of a folded graph go in; the syntax trees that say them come out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import cast

from ghndsl import ops
from ghndsl.diagnostics import Source, Span
from ghndsl.language import tree
from ghndsl.language.parse import parse_expression
from ghndsl.language.refold.expressions import Binary, Expression, Label, Literal, Sizes, Turn, Variable
from ghndsl.ops import Operator
from ghndsl.types import SymbolicSize, TensorType

NOWHERE = Span(Source("", ""), 0, 0)
"""The place of what no one wrote."""

Turns = Mapping[Turn, str]
"""The names of loop variables."""


def name(word: str) -> tree.Name:
    """A name."""
    return tree.Name(NOWHERE, word)


def constant(value: object) -> tree.Expression:
    """A settled value: a number, a word, a size, or a list of these.

    >>> from ghndsl.language.writer import write_expression
    >>> write_expression(constant((1, -2, None, (0.5, "same"))))
    '(1, -2, none, (0.5, "same"))'
    """
    if isinstance(value, tuple):
        items = tuple([constant(item) for item in cast("tuple[object, ...]", value)])
        return tree.Sequence(NOWHERE, items, "(" if items else "[")
    if isinstance(value, SymbolicSize):
        return size(str(value))
    if isinstance(value, int | float) and not isinstance(value, bool) and math.copysign(1, value) < 0:
        return tree.Unary(NOWHERE, "-", tree.Constant(NOWHERE, -value))
    return tree.Constant(NOWHERE, cast("int | float | bool | str | None", value))


@lru_cache(maxsize=1024)
def size(text: str) -> tree.Expression:
    """A size with names in it."""
    return parse_expression(Source("size", text))


def tensor_type(kind: TensorType) -> tree.ShapeType:
    """The type of an input."""
    return tree.ShapeType(NOWHERE, str(kind.dtype), tuple([constant(one) for one in kind.shape]))


def expression(part: Expression, turns: Turns) -> tree.Expression:
    """An expression with the names of its loop variables."""
    if isinstance(part, Literal):
        return operator(part.value) if isinstance(part.value, Operator) else constant(part.value)
    if isinstance(part, Variable):
        return name(part.name)
    if isinstance(part, Turn):
        return name(turns[part])
    if isinstance(part, Binary):
        return _binary(part, turns)
    return tree.Sequence(NOWHERE, tuple([expression(item, turns) for item in part.items]), "(")


def _binary(part: Binary, turns: Turns) -> tree.Expression:
    right = part.right
    if part.sign == "+" and isinstance(right, Binary) and right.sign in ("+", "-"):
        # a + (b - c) needs no brackets.
        return _binary(Binary(right.sign, Binary("+", part.left, right.left), right.right), turns)
    return tree.Binary(NOWHERE, part.sign, expression(part.left, turns), expression(right, turns))


def label(part: Label, turns: Turns) -> tree.Label:
    """A label; settled numbers are part of its words."""
    return tree.Label(NOWHERE, tuple([tuple(_pieces(pieces, turns)) for pieces in part.parts]))


def _pieces(pieces: Iterable[str | Expression], turns: Turns) -> list[str | tree.Expression]:
    found: list[str | tree.Expression] = []
    for piece in pieces:
        spelled = piece if isinstance(piece, str) else piece.text if isinstance(piece, Literal) else None
        if spelled is None:
            found.append(expression(cast("Expression", piece), turns))
        elif found and isinstance(found[-1], str):
            found[-1] += spelled
        else:
            found.append(spelled)
    around = zip([None, *found], found, [*found[1:], None], strict=False)
    return [
        one if _is_plain(before, one, after) else tree.Constant(NOWHERE, cast("str", one))
        for before, one, after in around
    ]


def _is_plain(
    before: str | tree.Expression | None, one: str | tree.Expression, after: str | tree.Expression | None
) -> bool:
    """Whether a piece can stand as it is: what was computed may hold signs that do not, as -1 does at a beginning."""
    if not isinstance(one, str):
        return True
    return _WORD.fullmatch(f"{'}' if before else ''}{one}{'{' if after else ''}") is not None


_WORD = re.compile(r"\}?(?:\w|(?<=[\w}])-(?=[\w{]))+\{?")


def operator(op: Operator) -> tree.Expression:
    """An operator with its attributes, without tensors."""
    values = [Literal(getattr(op, one.name)) for one in ops.attributes(type(op))]
    return called(op.name, (), attributes(type(op), values, {}))


def called(callee: str, tensors: Sequence[tree.Expression], given: Sequence[tree.Argument]) -> tree.Expression:
    """A call, or the name alone when there is nothing to give."""
    arguments = (*[tree.Argument(NOWHERE, None, tensor) for tensor in tensors], *given)
    return tree.Call(NOWHERE, name(callee), arguments) if arguments else name(callee)


def attributes(cls: type[Operator], values: Sequence[Expression], turns: Turns) -> list[tree.Argument]:
    """The arguments that give an operator its attributes, those at their defaults left out."""
    found: list[tree.Argument] = []
    positional = True
    for declared, value in zip(ops.attributes(cls), values, strict=True):
        if declared.name == cls.rest:
            found += [tree.Argument(NOWHERE, None, one) for one in _spread(value, turns)]
            continue
        positional = positional and declared.required and declared.positional
        is_default = not declared.required and isinstance(value, Literal) and _is(value, declared.default)
        if not is_default:
            found.append(tree.Argument(NOWHERE, None if positional else declared.name, expression(value, turns)))
    return found


def _is(value: Literal, default: object) -> bool:
    return type(value.value) is type(default) and value.value == default


def _spread(value: Expression, turns: Turns) -> list[tree.Expression]:
    """The arguments that an attribute takes which takes all the rest; a sole list would be read as the whole."""
    if isinstance(value, Sizes):
        return [expression(item, turns) for item in value.items]
    items = value.value if isinstance(value, Literal) else None
    if not isinstance(items, tuple) or not items or (len(items) == 1 and isinstance(items[0], tuple)):
        return [expression(value, turns)]
    return [constant(item) for item in items]
