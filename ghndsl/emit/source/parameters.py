"""Values that differ from use to use go in; the parameters of a class that take them, and the arguments, come out."""

from __future__ import annotations

from dataclasses import MISSING
from typing import cast

from ghndsl.emit.source.modules import Holder, Unit
from ghndsl.emit.source.parts import Parameter
from ghndsl.emit.source.pieces import Argument, Piece, Text
from ghndsl.emit.source.variants import NOTHING
from ghndsl.language.refold.columns import Column
from ghndsl.language.refold.expressions import About, Literal
from ghndsl.ops import Operator, Static


def arguments(module: Unit | Holder) -> tuple[tuple[str, str], ...]:
    """What the block of a module was given when the graph was made, as text."""
    return module.scope.arguments if isinstance(module, Unit) and module.scope is not None else ()


def parameter(name: str, column: Column) -> Parameter:
    """A parameter, with the default of the attribute that it is for when some use leaves that at its default."""
    kind = _kind(column)
    default = column[0].about.default
    if default is MISSING:
        return Parameter(name, kind)
    known = Literal(cast("Static", default), About(name))
    return Parameter(name, kind, known if any(one.text == known.text for one in column) else None)


def argument(given: Parameter, literal: Literal, *, by_place: bool) -> Argument:
    """What a parameter is given in one use."""
    default = MISSING if given.default is None else given.default.value
    return Argument(given.name, Literal(literal.value, About(given.name, default)), default, by_place)


def module_argument(given: Parameter, made: Text, *, by_place: bool) -> list[Piece]:
    """The module that a parameter is given in one use."""
    if given.default is not None and made == NOTHING:
        return []
    return [", " if by_place else f", {given.name}=", made]


def _kind(column: Column) -> str:
    words = dict.fromkeys(_type_word(literal.value) for literal in column)
    if "float" in words:
        words.pop("int", None)
    return " | ".join(sorted(words))


def _type_word(value: Static | Operator) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join([_type_word(item) for item in value]) or '()'}]"
    return "None" if value is None else type(value).__name__
