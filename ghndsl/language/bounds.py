"""A value goes in; how much of it there is comes out, and a refusal when that is more than any network needs."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ghndsl.language.values import ChosenGraph, Composite, Named, Pending, Result, Shared
from ghndsl.types import SymbolicSize

MOST_BITS = 128
"""Numbers beyond this many bits are refused: no size or count of a network comes near."""
MOST_NESTED = 50
"""Lists in lists, and stages in stages, beyond this depth are refused."""
MOST_CHARACTERS = 1000
"""Strings and the expressions of symbolic sizes beyond this length are refused."""


class ArithmeticFault(Exception):  # noqa: N818
    """The values cannot be joined so; the message says why."""

    def __init__(self, message: str, code: str = "G122", help: str | None = None) -> None:  # noqa: A002
        super().__init__(message)
        self.code = code
        self.help = help


def extent(value: Result, nesting: int = MOST_NESTED) -> int:
    """How many items a value is made of, those of its lists and stages included; refused when nested too deeply.

    >>> extent(3), extent((1, (2, 3), ()))
    (1, 4)
    """
    parts = _parts(value)
    if nesting == 0 and parts:
        raise ArithmeticFault(f"this is nested more than {MOST_NESTED} deep", "G126")
    nested = [part for part in parts if type(part) in _MADE_OF_PARTS]
    return len(parts) - len(nested) + sum([extent(part, nesting - 1) for part in nested]) or 1


def is_flat(values: Iterable[Result]) -> bool:
    """Whether none of the values is made of others."""
    return _MADE_OF_PARTS.isdisjoint(map(type, values))


_MADE_OF_PARTS = {tuple, Composite, Pending, Named, Shared, ChosenGraph}


def _parts(value: Result) -> tuple[Result, ...]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, Composite | ChosenGraph):
        return value.stages
    if isinstance(value, Named | Shared):
        return (value.stage,)
    if isinstance(value, Pending):
        return (*value.tensors, *value.positional, *[item for _, item in value.named])
    return ()


def bounded(value: Result, most_items: int) -> Result:
    """The value, when it is not too much: a list or stage of that many items, a number or size of a sane length."""
    if isinstance(value, int):
        large = value.bit_length() > MOST_BITS
    elif isinstance(value, float):
        large = not math.isfinite(value)
    elif isinstance(value, str):
        large = len(value) > MOST_CHARACTERS
    elif isinstance(value, SymbolicSize):
        large = len(str(value)) > MOST_CHARACTERS
    else:
        if extent(value) > most_items:
            kind = "list" if isinstance(value, tuple) else "stage"
            raise ArithmeticFault(f"this {kind} has more than {most_items:,} items", "G126")
        return value
    if large:
        kind = "string" if isinstance(value, str) else "number" if isinstance(value, int | float) else "size"
        raise ArithmeticFault(f"this {kind} is too {'long' if kind == 'string' else 'large'}", "G126")
    return value


def numbers(values: range, most_items: int) -> tuple[Result, ...]:
    """The numbers of a range as a list, when they are not too many.

    >>> numbers(range(3), 3)
    (0, 1, 2)
    """
    if values[most_items:]:
        raise ArithmeticFault(f"a list of more than {most_items:,} numbers is too long", "G126")
    return tuple(values)
