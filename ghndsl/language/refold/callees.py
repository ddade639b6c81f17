"""A part of a graph goes in; what it is written as, an operator, sign, block, stage or chain of them, comes out."""

from __future__ import annotations

from typing import TypeAlias

from ghndsl.language.refold.expressions import Expression, Label
from ghndsl.language.refold.parts import Part
from ghndsl.ops import Operator
from ghndsl.records import record


@record
class Operation(Part):
    """An operator with its attributes, in the order of its fields."""

    cls: type[Operator]
    attributes: tuple[Expression, ...]


@record
class Sign(Part):
    """`a + b`, `x * 2`, `2 - x` when the number is first, or `-x` without a number: it takes no number as a part."""

    sign: str
    number: Expression | None = None
    is_number_first: bool = False


@record
class Index(Part):
    """`x[...]`: for each dimension an index, or a start, a stop and a step: it takes no number as a part."""

    subscripts: tuple[Expression | tuple[Expression, ...], ...]


@record
class Given(Part):
    """An operator without its tensor that a parameter may give."""

    operator: Expression


@record
class BlockCall(Part):
    """A use of a definition, with an argument for each of its parameters."""

    definition: int
    arguments: tuple[Expression, ...]


@record
class StageValue(Part):
    """The stage that the item has as its first input: one set of weights, used again."""


@record
class Sequential(Part):
    """Stages in a chain; each is numbered by its position unless it has a label."""

    parts: tuple[tuple[Callee, Label | None], ...]


@record
class Repeated(Part):
    """Stages in a chain, again and again; they are numbered by their position in the whole."""

    times: Expression
    parts: tuple[Callee, ...]


Callee: TypeAlias = Operation | Sign | Index | Given | BlockCall | StageValue | Sequential | Repeated
