"""Callees and the phrases of what they are given go in; the phrases of what they make come out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.language import tree
from ghndsl.language.phrasing.expressions import NOWHERE, Turns, constant, expression
from ghndsl.language.phrasing.lines import Lines
from ghndsl.language.phrasing.names import Names
from ghndsl.language.phrasing.phrase import Phrase, joined
from ghndsl.language.phrasing.stages import Stages, labelled
from ghndsl.language.refold.callees import Index, Operation, Sign, StageValue
from ghndsl.language.refold.expressions import Expression, Literal
from ghndsl.language.refold.program import Apply, Body, Item


class Calls(Lines):
    """Says what is applied to what."""

    def __init__(self, body: Body, names: Names, stages: Stages, turns: Turns) -> None:
        super().__init__(body, names)
        self.stages = stages
        self.turns = turns

    def phrase(self, at: int, item: Item, action: Apply) -> Phrase:
        callee = action.callee
        if isinstance(callee, Sign):
            return self._sign(callee, self.operands(item.inputs, 0))
        if isinstance(callee, Index):
            (operand,) = self.operands(item.inputs, 0)
            subscripts = tuple([self._subscript(one) for one in callee.subscripts])
            return joined(tree.Index(NOWHERE, operand.node, subscripts), [operand])
        given = slice(0, 1) if isinstance(callee, StageValue) else self.stages.stages_of(callee)
        stages = item.inputs[given]
        tensors = [value for value in item.inputs if value not in stages]
        is_link = self.stages.is_link(callee, len(tensors))
        is_plain = len(tensors) > 1 and not isinstance(callee, Operation)
        operands = self.operands(tensors, int(is_link), is_plain=is_plain)
        names = [self.names.of[stage] for stage in stages]
        if is_link and (len(operands) == 1 or len(operands[0].links) > 1):
            link = self.stages.call(callee, self.turns, [one.node for one in operands[1:]], names)
            return operands[0].then(labelled(link, action.label, self.turns), item.results[0], at, operands[1:])
        call = self.stages.call(callee, self.turns, [one.node for one in operands], names)
        return joined(labelled(call, action.label, self.turns), operands)

    def _sign(self, sign: Sign, operands: Sequence[Phrase]) -> Phrase:
        nodes = [one.node for one in operands]
        if sign.number is None and len(nodes) == 1:
            return joined(tree.Unary(NOWHERE, sign.sign, nodes[0]), operands)
        if sign.number is not None:
            number = self._number(sign.number)
            nodes = [number, nodes[0]] if sign.is_number_first else [nodes[0], number]
        return joined(tree.Binary(NOWHERE, sign.sign, nodes[0], nodes[1]), operands)

    def _number(self, part: Expression) -> tree.Expression:
        """A number beside a sign: there whole ones need no point."""
        value = part.value if isinstance(part, Literal) else None
        if isinstance(value, float) and value.is_integer() and 0 < abs(value) < _LARGEST_WHOLE:
            return constant(int(value))
        return expression(part, self.turns)

    def _subscript(self, part: Expression | tuple[Expression, ...]) -> tree.Expression | tree.Slice:
        if not isinstance(part, tuple):
            return expression(part, self.turns)
        bounds = [None if isinstance(p, Literal) and p.value is None else expression(p, self.turns) for p in part]
        return tree.Slice(NOWHERE, *bounds)


_LARGEST_WHOLE = 2.0**53
