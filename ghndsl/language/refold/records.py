"""The items of a use go in; its shape comes out, apart from what may differ from use to use: literals and values."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ghndsl.language.refold.bodies import closed
from ghndsl.language.refold.expressions import Literal
from ghndsl.language.refold.program import Body, Item
from ghndsl.language.refold.uses import Use
from ghndsl.records import record


@dataclass(frozen=True, eq=False)
class Record:
    """A use and what it does; values in `escaping` are needed outside of it."""

    use: Use
    items: tuple[Item, ...]
    escaping: Collection[int]

    @cached_property
    def given(self) -> tuple[int, ...]:
        """The values that its items take from outside, again and again where they do, in order."""
        made = set(self.made)
        return tuple([value for item in self.items for value in item.inputs if value not in made])

    @cached_property
    def made(self) -> tuple[int, ...]:
        """The values that its items make, in order."""
        return tuple([value for item in self.items for value in item.results])

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        """The literals of its items, in order."""
        return tuple([literal for item in self.items for literal in item.action.literals])

    @cached_property
    def shape(self) -> Hashable:
        """What all uses of one definition have in common."""
        place = {value: number for number, value in enumerate(self.made)}
        actions = tuple([item.action.skeleton for item in self.items])
        wires = tuple([tuple([place.get(v, -2 if v < 0 else -1) for v in item.inputs]) for item in self.items])
        return self.use.scope.name, actions, wires, tuple([len(item.results) for item in self.items])


@record
class Interface:
    """The places among `given` of the values that a definition takes, one for each: tensors, then stages.

    `results` are the places among `made` of those that it gives back.
    """

    places: tuple[int, ...]
    classes: tuple[int, ...]
    tensors: int
    results: tuple[int, ...]

    def inputs(self, record: Record) -> tuple[int, ...]:
        """The values that a use is given."""
        return tuple([record.given[place] for place in self.places])

    def outputs(self, record: Record) -> tuple[int, ...]:
        """The values that a use gives back."""
        return tuple([record.made[place] for place in self.results])


def interface(group: Sequence[Record]) -> Interface:
    """The interface that fits all uses: two values are told apart when they differ in one of the uses."""
    columns = list(zip(*[record.given for record in group], strict=True))
    first: dict[tuple[int, ...], int] = {}
    for place, column in enumerate(columns):
        first.setdefault(column, place)
    order = sorted(first, key=lambda column: column[0] < 0)
    number = {column: i for i, column in enumerate(order)}
    needed = sorted({place for record in group for place, v in enumerate(record.made) if v in record.escaping})
    return Interface(
        tuple([first[column] for column in order]),
        tuple([number[column] for column in columns]),
        sum(column[0] >= 0 for column in order),
        tuple(needed),
    )


def body_of(record: Record, face: Interface) -> Body:
    """The body of a definition, as one of its uses has it."""
    numbers = iter(face.classes)
    made = set(record.made)
    # Each class stands for what all uses tell apart; a value of this use may have several.
    items = [
        Item(item.action, tuple([v if v in made else _GIVEN - next(numbers) for v in item.inputs]), item.results)
        for item in record.items
    ]
    inputs = [_GIVEN - number for number in range(len(face.places))]
    return closed(inputs, items, face.outputs(record))


_GIVEN = -(2**40)
"""Below the numbers of stages."""
