"""Calls, loops, labels and blocks with parameters go in; a program comes out, without a word of syntax.

Values are numbers. In a body its inputs are 0, 1, ...; what its items make takes the next numbers, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from ghndsl.language.refold.callees import Callee
from ghndsl.language.refold.expressions import Expression, Label, Turn
from ghndsl.language.refold.parts import Part
from ghndsl.records import record
from ghndsl.types import TensorType


@record
class Apply(Part):
    """A callee applied to the inputs of the item; without a label it takes the next number."""

    callee: Callee
    label: Label | None


@record
class Make(Part):
    """A stage with one set of weights, which is the item's result."""

    callee: Callee
    label: Label


@record
class Output(Part):
    """The item's input is an output of the graph, or an exit."""

    label: Label
    is_exit: bool


@record
class Count(Part):
    """Turns that count from `start`."""

    start: Expression
    turns: Expression


@record
class Table(Part):
    """A row of values for the variables of each turn."""

    rows: tuple[tuple[Expression, ...], ...]


@record
class Loop(Part):
    """A body that is run again and again.

    The first `carried` inputs of the body are what the first results were in the turn before; in the first turn they
    are inputs of the item, as are the others in every turn. The item's results are the body's, after the last turn.
    """

    variables: tuple[Turn, ...]
    turns: Count | Table
    body: Body
    carried: int


Action: TypeAlias = Apply | Make | Loop | Output


@record
class Item(Part):
    """What is done, what for, and the values that it makes."""

    action: Action
    inputs: tuple[int, ...]
    results: tuple[int, ...]


@record
class Body(Part):
    """Items in order; the first `inputs` values are given."""

    inputs: int
    items: tuple[Item, ...]
    results: tuple[int, ...]


@record
class Parameter:
    """A static parameter; `word` is its type in the language, `default` its default, if it has one."""

    name: str
    word: str
    default: Expression | None = None


@record
class Definition:
    """A block: its first `tensors` inputs are tensors, the others are stages.

    `sizes` names the sizes of a tensor where the body uses them, `stages` the stages as well as it can.
    """

    name: str
    tensors: int
    sizes: Mapping[int, tuple[str, ...]]
    parameters: tuple[Parameter, ...]
    body: Body
    stages: tuple[str, ...] = ()


@record
class Program:
    """A graph folded: its inputs, its body, and the blocks by number, each after those it uses."""

    name: str
    inputs: tuple[tuple[str, TensorType], ...]
    body: Body
    definitions: Mapping[int, Definition] = field(default_factory=dict[int, Definition])
