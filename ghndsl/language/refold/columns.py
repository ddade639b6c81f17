"""The literals at one place in all uses of a block go in; what gives them comes out: a parameter, a size, a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from ghndsl.language.refold.dimensions import Dimensions
from ghndsl.language.refold.expressions import About, Expression, Literal, Sizes, Variable
from ghndsl.language.refold.rules import rule
from ghndsl.language.refold.words import free, short
from ghndsl.ops import Static
from ghndsl.records import record
from ghndsl.types import SymbolicSize, symbols

Column: TypeAlias = Sequence[Literal]

_SMALL_FACTOR = 4
"""Up to this factor, a multiple of an argument is taken for what was written; beyond it, a size is that is equal."""
_LARGE_FACTOR = 16


@record
class _Argument:
    """What the uses were given for one name when the graph was made, as text."""

    name: str
    texts: tuple[str, ...]

    @property
    def numbers(self) -> list[int] | None:
        """The numbers that they are, if they all are."""
        is_whole = all(re.fullmatch(r"-?\d{1,18}", text) for text in self.texts)
        return [int(text) for text in self.texts] if is_whole else None


class Columns:
    """Finds expressions for columns, and takes down the parameters that they need."""

    def __init__(self, arguments: Sequence[Mapping[str, str]], dimensions: Dimensions, taken: set[str]) -> None:
        self.dimensions = dimensions
        self.taken = taken
        names = [name for name in arguments[0] if all(name in given for given in arguments)]
        self.arguments = [_Argument(name, tuple([given[name] for given in arguments])) for name in names]
        self.parameters: dict[str, Column] = {}
        self.new: list[Expression] = []
        self._of_argument: dict[str, str] = {}

    def expression(self, column: Column, *, may_add: bool = True) -> Expression | None:
        """What gives a column; None when that would take a new parameter and there may be none."""
        texts = {literal.text for literal in column}
        if len(texts) == 1:
            found = _symbols(column[0].value)
            if not found or self.dimensions.has_symbols(found):
                return column[0]
        is_label = column[0].about.name == "label"
        known = self._equal(column) or self._ruled(column)
        known = known or (None if is_label else self._by_size(column) or self._part_by_part(column))
        if known is None and may_add:
            known = self._parameter(short(column[0].about.name) or "n", column)
            self.new.append(known)
        return known

    def sorted_parameters(self) -> list[str]:
        """The names of the parameters: first those that the uses were given, in order, then others."""
        first = [self._of_argument[one.name] for one in self.arguments if one.name in self._of_argument]
        return first + [name for name in self.parameters if name not in first]

    def _equal(self, column: Column) -> Expression | None:
        """An argument or parameter that is equal."""
        texts = tuple([literal.text for literal in column])
        for argument in self.arguments:
            if argument.texts == texts:
                return self._argument(argument, column)
        for name, known in self.parameters.items():
            if tuple([literal.text for literal in known]) == texts:
                return Variable(name)
        return None

    def _ruled(self, column: Column, largest: int = _SMALL_FACTOR) -> Expression | None:
        """An argument that the column follows from."""
        numbers = _numbers(column)
        for argument in self.arguments if numbers else ():
            if argument.numbers and (found := rule(numbers, argument.numbers, column[0].about, largest)):
                literals = [Literal(number, About(argument.name)) for number in argument.numbers]
                return found(self._argument(argument, literals))
        return None

    def _by_size(self, column: Column) -> Expression | None:
        """A size that is equal, or else an argument, parameter or size that the column follows from."""
        found = self.dimensions.equal([literal.value for literal in column]) or self._ruled(column, _LARGE_FACTOR)
        numbers, about = _numbers(column), column[0].about
        if found or not numbers:
            return found
        for name, known in self.parameters.items():
            if ruled := rule(numbers, [literal.value for literal in known], about, _LARGE_FACTOR):
                return ruled(Variable(name))
        for tensor, axis, sizes in self.dimensions.axes():
            if ruled := rule(numbers, sizes, about, _LARGE_FACTOR):
                return ruled(self.dimensions.name(tensor, axis))
        return None

    def _part_by_part(self, column: Column) -> Expression | None:
        """A list of sizes of which each can be given without a new parameter."""
        lists = [literal.value for literal in column if isinstance(literal.value, tuple)]
        if len(lists) != len(column) or len(set(map(len, lists))) != 1:
            return None
        about = About(column[0].about.name)
        parts = [[Literal(cast("Static", one), about) for one in part] for part in zip(*lists, strict=True)]
        found = [self.expression(part, may_add=False) for part in parts]
        known = tuple([one for one in found if one is not None])
        return Sizes(known) if len(known) == len(found) else None

    def _argument(self, argument: _Argument, column: Column) -> Variable:
        if argument.name not in self._of_argument:
            self._of_argument[argument.name] = self._parameter(argument.name, column).name
        return Variable(self._of_argument[argument.name])

    def _parameter(self, stem: str, column: Column) -> Variable:
        name = free(stem, self.taken)
        self.taken.add(name)
        self.parameters[name] = column
        return Variable(name)


def _numbers(column: Column) -> list[int]:
    """The whole numbers of a column, none unless all are such."""
    numbers = [literal.value for literal in column if type(literal.value) is int]
    return numbers if len(numbers) == len(column) else []


def _symbols(value: object) -> frozenset[str]:
    parts: Iterator[object] = iter(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else iter([value])
    return symbols(*(part for part in parts if isinstance(part, SymbolicSize)))
