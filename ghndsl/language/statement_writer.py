"""A statement's tree goes in; its words come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ghndsl.language import tree
from ghndsl.language.expression_writer import (
    SUM,
    TEST,
    bracket,
    comprehension_clause,
    expression,
    label,
    listed,
)
from ghndsl.language.layout.pieces import Arms, Body, Piece, Row, Word

WIDEST_LABEL = 24
"""Columns up to which the values of branches stand below each other; a longer label moves its own value alone."""


def body(statements: Sequence[tree.Statement]) -> Body:
    """Statements in braces."""
    lines = [_STATEMENTS[type(statement)](statement) for statement in statements]
    return _braces(lines, is_simple=len(lines) == 1 and not any(isinstance(p, Body | Arms) for p in _parts(lines[0])))


def _braces(lines: Sequence[Piece], *, is_simple: bool) -> Body:
    return Body(Word("{"), tuple(lines), Word("}"), is_simple)


def _parts(piece: Piece) -> tuple[Piece, ...]:
    return piece.parts if isinstance(piece, Row) else (piece,)


def _assign(node: tree.Assign) -> Piece:
    names = listed([Word(name.id) for name in node.names])
    return Row((*names, *of_type(node.type), " ", Word("="), " ", *_values(node.values)))


def _values(values: Sequence[tree.Expression]) -> list[Piece]:
    return listed([expression(value) for value in values])


def _input(node: tree.Input) -> Piece:
    return Row((Word("input"), " ", Word(node.name.id), *of_type(node.type)))


def _output(node: tree.Output) -> Piece:
    word = Word("exit" if node.is_exit else "output")
    return Row((word, " ", label(node.label), " ", Word("="), " ", expression(node.value)))


def _return(node: tree.Return) -> Piece:
    return Row((Word("return"), " ", *_values(node.values)))


def _for(node: tree.For) -> Piece:
    return Row((comprehension_clause(node.names, node.iterable), " ", body(node.body)))


def _if(node: tree.If) -> Piece:
    arms = [Row((Word("if"), " ", expression(node.test, TEST), " ", body(node.then)))]
    rest = node.otherwise
    while len(rest) == 1 and isinstance(only := rest[0], tree.If):
        arms.append(Row((Word("else"), " ", Word("if"), " ", expression(only.test, TEST), " ", body(only.then))))
        rest = only.otherwise
    if rest:
        arms.append(Row((Word("else"), " ", body(rest))))
    return Arms(tuple(arms))


def _choose(node: tree.Choose) -> Piece:
    parts: list[Piece] = [Word("choose"), " ", *_count(node.count), *listed([Word(name.id) for name in node.names])]
    if node.domain is not None:
        parts += [" ", Word("from"), " ", expression(node.domain, TEST)]
    if node.branches is not None:
        parts += [" ", _braces(_branches(node.branches), is_simple=len(node.branches) == 1)]
    return Row(tuple(parts))


def _count(count: tuple[int, int] | None) -> list[Piece]:
    if count is None:
        return []
    fewest, most = count
    if fewest == most:
        return [Word(str(fewest)), " "]
    return [Word(str(fewest)), Word(".."), Word(str(most)), " "]


def _branches(branches: Sequence[tree.Branch]) -> list[Piece]:
    column = max((len(branch.label) for branch in branches if len(branch.label) <= WIDEST_LABEL), default=0)
    rows: list[Piece] = []
    for branch in branches:
        blanks = " " * max(1, column - len(branch.label) + 1)
        rows.append(Row((Word(branch.label), Word(":"), blanks, expression(branch.value))))
    return rows


def _where(node: tree.Where) -> Piece:
    return Row((Word("where"), " ", expression(node.test, TEST)))


def of_type(node: tree.TypeSyntax | None) -> list[Piece]:
    """`: type`, or nothing."""
    if node is None:
        return []
    if isinstance(node, tree.WordType):
        return [Word(":"), " ", Word(node.word)]
    sizes = bracket("[", [expression(size, SUM) for size in node.sizes], "]")
    return [Word(":"), " ", *([Word(node.dtype)] if node.dtype else []), sizes]


_STATEMENTS: dict[type, Callable[..., Piece]] = {
    tree.Assign: _assign,
    tree.Input: _input,
    tree.Output: _output,
    tree.Return: _return,
    tree.For: _for,
    tree.If: _if,
    tree.Choose: _choose,
    tree.Where: _where,
}
