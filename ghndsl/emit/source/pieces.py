"""Words, settled values and the places of tensors go in; the text of Python that they make comes out, with holes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, field
from typing import TypeAlias, cast

from ghndsl.language.refold.expressions import Binary, Expression, Literal, Sizes, Turn, Variable
from ghndsl.language.refold.parts import Part
from ghndsl.records import record


@record
class Slot(Part):
    """A tensor of the body that the text stands in, by its number."""

    value: int


@record
class Axis(Part):
    """The size of an input of the body along one axis; `stem` is what it is called."""

    tensor: int
    axis: int
    stem: str


@record
class Argument(Part):
    """`, name=value`, or `, value` by position; nothing where it is the default."""

    name: str
    value: Expression
    default: object = field(default_factory=lambda: MISSING)
    positional: bool = False


Piece: TypeAlias = "str | Slot | Axis | Argument | Text | Expression"


@record
class Text(Part):
    """A text of Python with values that may become parameters."""

    pieces: tuple[Piece, ...]


Show: TypeAlias = Callable[[object], str]


@record
class Names:
    """What things are called where a text is written: tensors, sizes, parameters and loop variables."""

    slot: Callable[[int], str]
    axis: Callable[[Axis], str]
    variable: Callable[[str], str]
    turn: Callable[[Turn], str]


def written(part: Piece, names: Names) -> str:
    """The text, each tensor and each computed value in brackets of its own.

    >>> nowhere = Names(str, str, str, str)
    >>> written(Text(("nn.Linear(", Argument("in_features", Literal(4), positional=True), ")")), nowhere)
    'nn.Linear(4)'
    """
    if isinstance(part, str):
        return part
    if isinstance(part, Text):
        return "".join([written(piece, names) for piece in part.pieces]).replace("(, ", "(")
    if isinstance(part, Argument):
        return _argument(part, names)
    if isinstance(part, Slot):
        return f"({names.slot(part.value)})"
    return names.axis(part) if isinstance(part, Axis) else _expression(part, names)


def _argument(part: Argument, names: Names) -> str:
    value = part.value
    if isinstance(value, Literal) and type(value.value) is type(part.default) and value.value == part.default:
        return ""
    text = _expression(value, names)
    return f", {text}" if part.positional else f", {part.name}={text}"


def _expression(part: Expression, names: Names) -> str:
    if isinstance(part, Literal):
        return python(part.value)
    if isinstance(part, Variable):
        return names.variable(part.name)
    if isinstance(part, Turn):
        return names.turn(part)
    if isinstance(part, Sizes):
        return _tuple([_expression(item, names) for item in part.items])
    assert isinstance(part, Binary)
    return f"({_expression(part.left, names)} {part.sign} {_expression(part.right, names)})"


def python(value: object) -> str:
    """A settled value as Python writes it.

    >>> python((1, -2.0, None, "same"))
    '(1, -2.0, None, "same")'
    """
    if isinstance(value, tuple):
        return _tuple([python(item) for item in cast("tuple[object, ...]", value)])
    if isinstance(value, float):
        return re.sub(r"e([-+])0(\d)$", r"e\1\2", repr(value))
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(word: str) -> str:
    """A string in double quotes, where Python would not rather have single ones.

    >>> print(quoted("a.b"), quoted('say "x"'))
    "a.b" 'say "x"'
    """
    text = repr(word)
    return text if '"' in text or text.startswith('"') else f'"{text[1:-1]}"'


def _tuple(items: Sequence[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
