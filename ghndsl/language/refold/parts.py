"""A part of a folded graph goes in; its literals, what is left without them, or the part changed, comes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from ghndsl.language.refold.expressions import Literal

Whole = TypeVar("Whole")

_NAMES: dict[type, tuple[str, ...]] = {}
"""The names of the fields of each kind of part."""


class Part:
    """A frozen dataclass that may have literals in it. What is read off it is kept, as parts are used many times."""

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        """Its literals, in order.

        >>> from ghndsl.language.refold.expressions import Turn, plus, About
        >>> [one.text for one in plus(Turn(0, 0, "i"), 3, About("label")).literals]
        ['3']
        """
        return _literals(self._fields)

    @cached_property
    def skeleton(self) -> Hashable:
        """What is left without its literals: only their kinds stay, and values that no parameter takes."""
        return (type(self), *[_skeleton(one) for one in self._fields])

    @property
    def _fields(self) -> tuple[object, ...]:
        kind = type(self)
        if kind not in _NAMES:
            _NAMES[kind] = tuple([declared.name for declared in fields(cast("type[Literal]", kind))])
        return tuple([getattr(self, name) for name in _NAMES[kind]])

    def mapped(self, change: Callable[[object], object]) -> object:
        """The part with each part of it changed, in order, the inner ones first."""
        return change(type(self)(*[_mapped(one, change) for one in self._fields]))


def mapped(part: Whole, change: Callable[[object], object]) -> Whole:
    """A part, or some of them, with each part changed, in order, the inner ones first."""
    return cast("Whole", _mapped(part, change))


def _literals(part: object) -> tuple[Literal, ...]:
    if isinstance(part, Part):
        return part.literals
    if not isinstance(part, tuple):
        return ()
    return tuple([literal for one in cast("tuple[object, ...]", part) for literal in _literals(one)])


def _skeleton(part: object) -> Hashable:
    if isinstance(part, tuple):
        return tuple([_skeleton(one) for one in cast("tuple[object, ...]", part)])
    return part.skeleton if isinstance(part, Part) else part


def _mapped(part: object, change: Callable[[object], object]) -> object:
    if isinstance(part, tuple):
        return tuple([_mapped(one, change) for one in cast("tuple[object, ...]", part)])
    return part.mapped(change) if isinstance(part, Part) else change(part)
