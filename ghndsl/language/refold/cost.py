"""A part of a folded graph goes in; how many words it takes to say comes out, as a measure of what is short to read."""

from __future__ import annotations

import re
from typing import cast

from ghndsl.language.refold.callees import BlockCall, Callee, Given, Index, Operation, Repeated, Sequential, Sign
from ghndsl.language.refold.expressions import Binary, Expression, Label, Literal, Sizes
from ghndsl.language.refold.program import Count, Item, Loop, Output
from ghndsl.ops import Operator

_LOOP = 5
"""What a loop takes beside its body: `for`, a name, `in`, how often, and a line more."""
_COMPUTED = 2
"""What a computed part of a label takes beside its expression."""


def cost(item: Item) -> int:
    """The words of an item.

    >>> from ghndsl import ops
    >>> from ghndsl.ops import Operator
    >>> from ghndsl.language.refold.program import Apply
    >>> cost(Item(Apply(Operation(ops.Relu, ()), None), (0,), (1,)))
    2
    """
    action = item.action
    if isinstance(action, Loop):
        return _loop(action)
    if isinstance(action, Output):
        return 2 + _label(action.label)
    return callee_cost(action.callee) + _label(action.label) + max(1, len(item.inputs))


def _loop(loop: Loop) -> int:
    inner = _LOOP + sum(map(cost, loop.body.items))
    if isinstance(loop.turns, Count):
        return inner + _expression(loop.turns.start) + _expression(loop.turns.turns) - 1
    return inner + len(loop.variables) + sum(_expressions(row) for row in loop.turns.rows)


def callee_cost(callee: Callee) -> int:
    """The words of a callee."""
    if isinstance(callee, Operation):
        return 1 + _expressions(callee.attributes)
    if isinstance(callee, BlockCall):
        return 1 + _expressions(callee.arguments)
    if isinstance(callee, Given):
        return _expression(callee.operator)
    if isinstance(callee, Sequential):
        return sum(callee_cost(part) + _label(label) for part, label in callee.parts)
    if isinstance(callee, Repeated):
        return 1 + _expression(callee.times) + sum(map(callee_cost, callee.parts))
    if isinstance(callee, Sign):
        return 1 + (_expression(callee.number) if callee.number else 0)
    if isinstance(callee, Index):
        return sum(_expressions(one) if isinstance(one, tuple) else _expression(one) for one in callee.subscripts)
    return 1


def _label(label: Label | None) -> int:
    if label is None:
        return 0
    computed = [piece for part in label.parts for piece in part if not isinstance(piece, str | Literal)]
    return 2 + sum(_COMPUTED - 1 + _expression(cast("Expression", piece)) for piece in computed)


def _expressions(parts: tuple[Expression, ...]) -> int:
    return sum(_expression(part) for part in parts)


def _expression(part: Expression) -> int:
    if isinstance(part, Literal) and isinstance(part.value, Operator):
        return 1 + len(re.findall(r"[(,]", part.text))
    if isinstance(part, Literal):
        return int(part.value is not None and part.value != part.about.default)
    if isinstance(part, Binary):
        return 1 + max(1, _expression(part.left)) + max(1, _expression(part.right))
    return _expressions(part.items) if isinstance(part, Sizes) else 1
