"""Settled values, parameters and loop variables go in; the expressions of a folded graph come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, field
from functools import cached_property
from typing import TypeAlias, TypeVar, cast

from ghndsl.language.refold.parts import Part, mapped
from ghndsl.ops import Operator, Static, show, written
from ghndsl.records import record
from ghndsl.types import SymbolicSize

Whole = TypeVar("Whole")


@record
class About:
    """What a value is for: the name of the attribute or parameter, and its default, if it has one."""

    name: str
    default: object = field(default_factory=lambda: MISSING)


@record
class Literal(Part):
    """A settled value: a number, a word, sizes, or an operator with its attributes."""

    value: Static | Operator
    about: About = field(default_factory=lambda: About(""), compare=False)

    @cached_property
    def text(self) -> str:
        """The value as it is written; only equal values of one kind have one text.

        >>> Literal(1).text, Literal(1.0).text, Literal(True).text
        ('1', '1.0', 'true')
        """
        return written(self.value) if isinstance(self.value, Operator) else show(self.value)

    @cached_property
    def kind(self) -> str:
        """Its kind: a parameter can tell two of one kind apart."""
        if is_size(self.value):
            return "size"
        if isinstance(self.value, Operator):
            return "op"
        return _KINDS.get(type(self.value)) or f"fixed {self.text}"

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        return (self,)

    @cached_property
    def skeleton(self) -> str:
        return self.kind

    def mapped(self, change: Callable[[object], object]) -> object:
        return change(self)


_KINDS: dict[type, str] = {bool: "bool", float: "float", str: "str"}


def is_size(value: object) -> bool:
    """Whether it is a size, or a list of sizes."""
    if isinstance(value, tuple):
        return all(is_size(item) and not isinstance(item, tuple) for item in cast("tuple[object, ...]", value))
    return isinstance(value, int | SymbolicSize) and not isinstance(value, bool)


@record
class Variable:
    """A parameter, or the size of a tensor that a block names."""

    name: str


@record
class Turn:
    """A variable of a loop: how many loops are nested in it, which of its variables it is, and a name to begin with."""

    level: int
    column: int
    stem: str = field(compare=False)


@record
class Binary(Part):
    """`left sign right`."""

    sign: str
    left: Expression
    right: Expression


@record
class Sizes(Part):
    """A list of sizes, some of them computed."""

    items: tuple[Expression, ...]


Expression: TypeAlias = Literal | Variable | Turn | Binary | Sizes


@record
class Label(Part):
    """A dotted path below the enclosing one; each part is made of words and computed numbers."""

    parts: tuple[tuple[str | Expression, ...], ...]


def plus(left: Expression, number: int, about: About) -> Expression:
    """`left + number`, without a sum where it is none."""
    if number == 0:
        return left
    return Binary("+" if number > 0 else "-", left, Literal(abs(number), about))


def times(number: int, right: Expression, about: About) -> Expression:
    """`number * right`, without a product where it is none."""
    return right if number == 1 else Binary("*", Literal(number, about), right)


def filled(part: Whole, values: Sequence[Expression]) -> Whole:
    """A part with others in the places of its literals."""
    rest: Iterator[Expression] = iter(values)
    return mapped(part, lambda one: next(rest) if isinstance(one, Literal) else one)
