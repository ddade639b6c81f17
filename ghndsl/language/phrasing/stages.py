"""Callees of a folded graph go in; the stages and calls that say them come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghndsl.language import tree
from ghndsl.language.phrasing.expressions import (
    NOWHERE,
    Turns,
    attributes,
    called,
    expression,
    label,
    name,
)
from ghndsl.language.refold.callees import BlockCall, Callee, Given, Operation, Repeated, Sequential, StageValue
from ghndsl.language.refold.expressions import Label
from ghndsl.language.refold.program import Definition


class Stages:
    """Says callees, for loop variables of these names."""

    def __init__(self, blocks: Mapping[int, Definition]) -> None:
        self.blocks = blocks

    def stages_of(self, callee: Callee) -> slice:
        """Which inputs of a callee are stages that it takes beside tensors."""
        return slice(self.blocks[callee.definition].tensors, None) if isinstance(callee, BlockCall) else slice(0, 0)

    def is_link(self, callee: Callee, tensors: int) -> bool:
        """Whether a callee can stand in a chain when it is given its first tensor by that."""
        if tensors == 0:
            return False
        if isinstance(callee, Operation):
            return tensors == 1 or (callee.cls.tensors == tensors and callee.cls.optional == 0)
        return tensors == 1 or isinstance(callee, BlockCall)

    def call(
        self, callee: Callee, turns: Turns, tensors: Sequence[tree.Expression], stages: Sequence[str]
    ) -> tree.Expression:
        """A callee with tensors, and stages, that it is given."""
        given = [tree.Argument(NOWHERE, None, name(stage)) for stage in stages]
        if isinstance(callee, Operation):
            return called(callee.cls.name, tensors, attributes(callee.cls, callee.attributes, turns))
        if isinstance(callee, BlockCall):
            return called(self.blocks[callee.definition].name, tensors, [*given, *self._arguments(callee, turns)])
        if isinstance(callee, StageValue):
            return called(stages[0], tensors, ())
        if isinstance(callee, Sequential):
            links = [labelled(self.call(part, turns, (), ()), one, turns) for part, one in callee.parts]
            return tree.Chain(NOWHERE, tuple(links))
        if isinstance(callee, Repeated):
            parts = tuple([self.call(part, turns, (), ()) for part in callee.parts])
            whole = parts[0] if len(parts) == 1 else tree.Chain(NOWHERE, parts)
            given = [tree.Argument(NOWHERE, None, one) for one in (expression(callee.times, turns), whole)]
            return tree.Call(NOWHERE, name("repeat"), tuple(given))
        assert isinstance(callee, Given)
        return expression(callee.operator, turns)

    def _arguments(self, callee: BlockCall, turns: Turns) -> list[tree.Argument]:
        found: list[tree.Argument] = []
        for parameter, value in zip(self.blocks[callee.definition].parameters, callee.arguments, strict=True):
            word = None if parameter.default is None else parameter.name
            if parameter.default is None or value != parameter.default:
                found.append(tree.Argument(NOWHERE, word, expression(value, turns)))
        return found


def labelled(node: tree.Expression, part: Label | None, turns: Turns) -> tree.Expression:
    """An expression with its label, if it has one."""
    return node if part is None else tree.Labelled(NOWHERE, node, label(part, turns))
