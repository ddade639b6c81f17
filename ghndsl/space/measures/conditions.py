"""A `where` over measures goes in; a condition comes out that ranges of the measures may decide.

Measures are known exactly, or to lie in a range; what is compared is sums and products of them and of settled numbers.
Any other condition is opaque: only the built graph can tell.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

from ghndsl.language import tree
from ghndsl.language.context import PoisonedError, RefusalError
from ghndsl.language.tensor_syntax import MEASURES
from ghndsl.language.values import Result, is_number
from ghndsl.records import record

Number: TypeAlias = int | float
Range: TypeAlias = tuple[Number, Number]
"""The least and the greatest that something may be."""
Ranges: TypeAlias = Mapping[str, Range]
"""Measures by name; one that is missing may be anything."""


@record
class Measure:
    """A measure of the graph."""

    name: str


@record
class Sum:
    """Two terms joined by a sign."""

    sign: str
    left: Term
    right: Term


Term: TypeAlias = "Number | Measure | Sum"


@record
class Compared:
    """A comparison of two terms."""

    sign: str
    left: Term
    right: Term


@record
class Joined:
    """Two conditions, of which both are to be met, or one (`or`)."""

    sign: str
    left: Condition
    right: Condition


@record
class Negated:
    """A condition that is not to be met."""

    inner: Condition


Condition: TypeAlias = "bool | Compared | Joined | Negated | None"
"""What is asked; None is opaque."""


class _OpaqueError(Exception):
    """A term is made of something else than numbers and measures."""


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _is_equal(one: Range, other: Range) -> bool | None:
    if one[0] == one[1] == other[0] == other[1]:
        return True
    return None if one[0] <= other[1] and other[0] <= one[1] else False


_COMPARISONS: dict[str, Callable[[Range, Range], bool | None]] = {
    "<=": lambda one, other: True if one[1] <= other[0] else False if one[0] > other[1] else None,
    "<": lambda one, other: True if one[1] < other[0] else False if one[0] >= other[1] else None,
    ">=": lambda one, other: _COMPARISONS["<="](other, one),
    ">": lambda one, other: _COMPARISONS["<"](other, one),
    "==": _is_equal,
    "!=": lambda one, other: _not(_is_equal(one, other)),
}
_SIGNS: dict[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
}
# A conditional or a call may make choices, or stop before what is wrong.
_PLAIN = (tree.Name, tree.Constant, tree.Unary, tree.Binary)


def condition_of(
    node: tree.Expression, names: Mapping[str, Result], value: Callable[[tree.Expression], Result]
) -> Condition:
    """The condition that an expression asks, given the names in scope and what expressions without measures come to."""
    try:
        return _Reading(names, value).condition(node)
    except (_OpaqueError, RefusalError, PoisonedError):
        return None


class _Reading:
    def __init__(self, names: Mapping[str, Result], value: Callable[[tree.Expression], Result]) -> None:
        self.names = names
        self.value = value

    def condition(self, node: tree.Expression) -> Condition:
        if isinstance(node, tree.Unary) and node.operator == "not":
            return Negated(self.condition(node.operand))
        if isinstance(node, tree.Binary) and node.operator in ("and", "or"):
            return Joined(node.operator, self.condition(node.left), self.condition(node.right))
        if isinstance(node, tree.Binary) and node.operator in _COMPARISONS and self._measures(node):
            return Compared(node.operator, self.term(node.left), self.term(node.right))
        value = self._settled(node)
        if not isinstance(value, bool):
            raise _OpaqueError
        return value

    def term(self, node: tree.Expression) -> Term:
        if isinstance(node, tree.Name) and self._is_measure(node):
            return Measure(node.id)
        if isinstance(node, tree.Binary) and node.operator in _SIGNS and self._measures(node):
            return Sum(node.operator, self.term(node.left), self.term(node.right))
        value = self._settled(node)
        if not is_number(value):
            raise _OpaqueError
        return value

    def _is_measure(self, node: tree.Name) -> bool:
        return node.id in MEASURES and node.id not in self.names

    def _measures(self, node: tree.Expression) -> bool:
        return any(isinstance(part, tree.Name) and self._is_measure(part) for part in tree.walk(node))

    def _settled(self, node: tree.Expression) -> Result:
        if self._measures(node) or not all(isinstance(part, _PLAIN) for part in tree.walk(node)):
            raise _OpaqueError
        return self.value(node)


def decided(condition: Condition, ranges: Ranges) -> bool | None:
    """Whether a condition is met wherever measures lie in these ranges, or nowhere there; None when it depends.

    Where a measure is not known that a condition names anywhere, it is left to the graph, which is refused for that.

    >>> few = Compared("<=", Measure("params"), 100)
    >>> [decided(few, {"params": between}) for between in ((0, 100), (101, 200), (100, 101))]
    [True, False, None]
    >>> either = Joined("or", few, Compared(">", Measure("macs"), 7))
    >>> decided(either, {"macs": (8, 9)}), decided(either, {"macs": (8, 9), "params": (0, 200)})
    (None, True)
    """
    return _decided(condition, ranges) if _is_known(condition, ranges) else None


def _is_known(part: Condition | Term, ranges: Ranges) -> bool:
    """Whether each measure that is named is known."""
    if isinstance(part, Measure):
        return part.name in ranges
    if isinstance(part, Negated):
        return _is_known(part.inner, ranges)
    if isinstance(part, Joined | Compared | Sum):
        return _is_known(part.left, ranges) and _is_known(part.right, ranges)
    return True


def _decided(condition: Condition, ranges: Ranges) -> bool | None:
    if isinstance(condition, Compared):
        one, other = _range(condition.left, ranges), _range(condition.right, ranges)
        return None if one is None or other is None else _COMPARISONS[condition.sign](one, other)
    if isinstance(condition, Negated):
        return _not(_decided(condition.inner, ranges))
    if isinstance(condition, Joined):
        stops = condition.sign == "or"
        found = (_decided(condition.left, ranges), _decided(condition.right, ranges))
        return stops if stops in found else None if None in found else not stops
    return condition


def _range(term: Term, ranges: Ranges) -> Range | None:
    if isinstance(term, Measure):
        return ranges.get(term.name)
    if not isinstance(term, Sum):
        return term, term
    left, right = _range(term.left, ranges), _range(term.right, ranges)
    if left is None or right is None or ("/" in term.sign and right[0] <= 0 <= right[1]):
        return None
    try:
        corners = [_SIGNS[term.sign](one, other) for one in left for other in right]
    except OverflowError:
        return None
    return min(corners), max(corners)
