"""Uses of blocks and what they do go in; the definitions that say it once, and the calls of each use, come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import MISSING
from typing import cast

from ghndsl.ir import Node
from ghndsl.language.refold.callees import BlockCall
from ghndsl.language.refold.columns import Column, Columns
from ghndsl.language.refold.dimensions import Dimensions
from ghndsl.language.refold.expressions import About, Expression, Label, Literal, filled
from ghndsl.language.refold.operators import callee_of
from ghndsl.language.refold.program import Apply, Body, Definition, Item, Parameter
from ghndsl.language.refold.records import Interface, Record, body_of, interface
from ghndsl.language.refold.uses import Call, Use
from ghndsl.language.refold.words import type_word
from ghndsl.ops import Static
from ghndsl.types import TensorType

_MOST_NEW = 5
"""Parameters that a definition may have beside those that its block had."""
_FEW = 3
"""Uses that are rather defined apart than called with more parameters than that."""


class Definitions:
    """Makes definitions. `stages` names what stages are of, `variants` tells in how many ways a name's uses differ."""

    def __init__(self, types: Mapping[int, TensorType], stages: Mapping[int, str], variants: Mapping[str, int]) -> None:
        self.types = types
        self.stages = stages
        self.variants = variants
        self.made: dict[int, Definition] = {}
        self.uses: Counter[int] = Counter()

    def add(self, records: Iterable[Record]) -> None:
        """Gives each use its call, or dissolves it; all uses that it makes must have theirs."""
        groups: dict[Hashable, list[Record]] = {}
        for record in records:
            groups.setdefault(record.shape, []).append(record)
        for group in groups.values():
            if self._is_short(group):
                for record in group:
                    record.use.is_dissolved = True
            else:
                self._define(group)

    def weight(self, node: Node) -> BlockCall:
        """A block for a node that takes no tensor: as a stage, it is given one that it does not use."""
        item = Item(Apply(callee_of(node), Label((("self",),))), (), (1,))
        number = len(self.made)
        self.made[number] = Definition("Weight", 1, {}, (), Body(1, (item,), (1,)))
        self.uses[number] = 1
        return BlockCall(number, ())

    def _is_short(self, group: Sequence[Record]) -> bool:
        """Whether uses are better read in place: a name of many things for one, or one more turn of a recursion."""
        if any(record.use.stage for record in group):
            return False
        name = group[0].use.scope.name
        single = len(group[0].items) == 1 and self.variants[name] > 1
        return single or (len(group) == 1 and _is_in(group[0].use.parent, name))

    def _define(self, group: Sequence[Record]) -> None:
        face = interface(group)
        taken = set[str]()
        types = [[self.types[value] for value in face.inputs(record)[: face.tensors]] for record in group]
        dimensions = Dimensions(list(zip(*types, strict=True)), taken)
        columns = Columns([dict(record.use.scope.arguments) for record in group], dimensions, taken)
        places: list[Column] = list(zip(*[record.literals for record in group], strict=True))
        found = [columns.expression(column, may_add=column[0].about.name != "label") for column in places]
        if any(one is None for one in found):
            self._split(group, [place for place, one in enumerate(found) if one is None])
            return
        new = [place for place, one in enumerate(found) if one in columns.new]
        if len(columns.new) > _MOST_NEW and len({_texts(record, new) for record in group}) <= _FEW:
            self._split(group, new)
            return
        self._finish(group, face, columns, cast("list[Expression]", found))

    def _split(self, group: Sequence[Record], places: Sequence[int]) -> None:
        """Defines apart what differs at places that no parameter may give."""
        groups: dict[Hashable, list[Record]] = {}
        for record in group:
            groups.setdefault(_texts(record, places), []).append(record)
        for part in groups.values():
            self._define(part)

    def _finish(self, group: Sequence[Record], face: Interface, columns: Columns, found: Sequence[Expression]) -> None:
        names = columns.sorted_parameters()
        parameters = [_parameter(name, columns.parameters[name]) for name in names]
        order = sorted(range(len(names)), key=lambda place: parameters[place].default is not None)
        body = filled(body_of(group[0], face), found)
        number = len(self.made)
        self.made[number] = Definition(
            group[0].use.scope.name,
            face.tensors,
            columns.dimensions.names,
            tuple([parameters[place] for place in order]),
            body,
            tuple([self._stage(group[0].use, value) for value in face.inputs(group[0])[face.tensors :]]),
        )
        self.uses[number] = len(group)
        for at, record in enumerate(group):
            arguments = [self._argument(parameters[p], columns.parameters[names[p]][at]) for p in order]
            record.use.call = Call(BlockCall(number, tuple(arguments)), face.inputs(record), face.outputs(record))

    def _stage(self, use: Use, stage: int) -> str:
        """The name of the argument that a stage was given as."""
        text = self.stages.get(stage, "")
        return next((name for name, given in use.scope.arguments if given.partition("(")[0] == text), "stage")

    def _argument(self, parameter: Parameter, literal: Literal) -> Literal:
        default = parameter.default.value if isinstance(parameter.default, Literal) else MISSING
        return Literal(literal.value, About(parameter.name, default))


def _texts(record: Record, places: Sequence[int]) -> tuple[str, ...]:
    return tuple([record.literals[place].text for place in places])


def _parameter(name: str, column: Column) -> Parameter:
    """A parameter, with the default of the attribute that it is for when some use leaves that at its default."""
    word = type_word([literal.value for literal in column])
    default = column[0].about.default
    if default is MISSING:
        return Parameter(name, word)
    known = Literal(cast("Static", default), About(name))
    return Parameter(name, word, known if any(one.text == known.text for one in column) else None)


def _is_in(use: Use | None, name: str) -> bool:
    while use is not None:
        if use.scope.name == name and use.parent is not None:
            return True
        use = use.parent
    return False
