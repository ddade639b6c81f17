"""Items with loops go in; the same items come out, without the loops that are no shorter than what they stand for."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import cast

from ghndsl import ops
from ghndsl.language.refold.bodies import closed
from ghndsl.language.refold.callees import Operation
from ghndsl.language.refold.cost import cost
from ghndsl.language.refold.expressions import About, Binary, Expression, Label, Literal, Turn, plus, times
from ghndsl.language.refold.parts import mapped
from ghndsl.language.refold.program import Action, Body, Count, Item, Loop
from ghndsl.language.refold.repeats import repeated

Row = Mapping[Turn, Expression]

_LARGEST = 200
"""Words of a body, times its turns, from which on a loop is shorter for certain."""


def settled(items: Iterable[Item], fresh: Iterator[int]) -> list[Item]:
    """The items, those loops written out that it does not take more words to write out; `fresh` numbers new values."""
    found: list[Item] = []
    for item in items:
        if not isinstance(item.action, Loop):
            found.append(item)
            continue
        loop = _settled_body(item.action)
        whole = Item(loop, item.inputs, item.results)
        whole = min(filter(None, (whole, repeated(whole, loop))), key=cost)
        rows = _rows(loop)
        if rows is None or len(rows) * sum(map(cost, loop.body.items)) > _LARGEST:
            found.append(whole)
            continue
        unrolled = _unrolled(whole, loop, rows, fresh)
        found += unrolled if sum(map(cost, unrolled)) <= cost(whole) else [whole]
    return found


def _settled_body(loop: Loop) -> Loop:
    body = loop.body
    inner = settled(body.items, count(10 * len(body.items) * _LARGEST))
    return Loop(loop.variables, loop.turns, closed(range(body.inputs), inner, body.results), loop.carried)


def _rows(loop: Loop) -> list[Row] | None:
    """What the variables are in each turn; None when that is not settled."""
    if isinstance(loop.turns, Count):
        start, turns = loop.turns.start, loop.turns.turns
        if not isinstance(start, Literal) or not isinstance(turns, Literal):
            return None
        first, (variable,) = cast("int", start.value), loop.variables
        return [{variable: Literal(first + turn, About("i"))} for turn in range(cast("int", turns.value))]
    rows = loop.turns.rows
    if not all(isinstance(one, Literal) for row in rows for one in row):
        return None
    return [dict(zip(loop.variables, row, strict=True)) for row in rows]


def _unrolled(item: Item, loop: Loop, rows: Sequence[Row], fresh: Iterator[int]) -> list[Item]:
    body = loop.body
    given = list(item.inputs)
    found: list[Item] = []
    names: list[int] = []
    for row in rows:
        names = [*given, *_fresh(body, fresh)]
        for one in body.items:
            inputs, results = [names[v] for v in one.inputs], [names[v] for v in one.results]
            found.append(Item(_in_turn(one.action, row), tuple(inputs), tuple(results)))
        given[: loop.carried] = [names[value] for value in body.results[: loop.carried]]
    last = dict(zip([names[value] for value in body.results], item.results, strict=True))
    return [Item(one.action, _renamed(one.inputs, last), _renamed(one.results, last)) for one in found]


def _fresh(body: Body, fresh: Iterator[int]) -> list[int]:
    return [next(fresh) for one in body.items for _ in one.results]


def _renamed(values: Sequence[int], names: Mapping[int, int]) -> tuple[int, ...]:
    return tuple([names.get(value, value) for value in values])


def _in_turn(action: Action, row: Row) -> Action:
    """An action with the variables of its loop as they are in one turn."""

    def change(part: object) -> object:
        if isinstance(part, Turn):
            return row.get(part, part)
        if isinstance(part, Binary):
            return _computed(part)
        if isinstance(part, Label):
            return Label(tuple([tuple(map(_as_label, pieces)) for pieces in part.parts]))
        return _as_attributes(part) if isinstance(part, Operation) else part

    return mapped(action, change)


def _as_label(piece: str | Expression) -> str | Expression:
    return Literal(piece.value, About("label")) if isinstance(piece, Literal) else piece


def _as_attributes(part: Operation) -> Operation:
    """An operator whose settled attributes know again which they are."""
    abouts = [About(one.name, one.default) for one in ops.attributes(part.cls)]
    values = [
        Literal(v.value, a) if isinstance(v, Literal) else v for v, a in zip(part.attributes, abouts, strict=True)
    ]
    return Operation(part.cls, tuple(values))


_SIGNS: Mapping[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "**": operator.pow,
}


def _computed(part: Binary) -> Expression:
    """An expression of numbers as far as they are known."""
    left, right = part.left, part.right
    first = left.value if isinstance(left, Literal) and type(left.value) is int else None
    last = right.value if isinstance(right, Literal) and type(right.value) is int else None
    if first is not None and last is not None:
        about = left.about if isinstance(left, Literal) else About("")
        return Literal(_SIGNS[part.sign](first, last), about)
    if part.sign == "+" and first is not None:
        return plus(right, first, About(""))
    if part.sign == "*" and first is not None:
        return times(first, right, About("")) if first else part
    return left if part.sign in ("+", "-") and last == 0 else part
