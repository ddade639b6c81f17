"""What a class holds and does, and what it is given: the data of the classes of a file."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import field
from functools import cached_property

from ghndsl.emit.source.modules import Holder, Unit
from ghndsl.emit.source.pieces import Text
from ghndsl.emit.source.steps import Steps
from ghndsl.language.refold.expressions import Expression, Literal
from ghndsl.language.refold.parts import Part
from ghndsl.records import record


@record
class Child(Part):
    """What a module holds: its name, the text that makes it, and what it is: a `module`, `parameter` or `buffer`.

    `word` is what to call it where its name says nothing. With a `count` it is so many, made in turns of a loop.
    `around` is what it is put into.
    """

    name: str
    made: Text
    kind: str
    word: str = ""
    count: Expression | None = None
    around: str = "self"


@record
class Body(Part):
    """What a class holds and does; without steps it only holds. A `chain` does one after the other."""

    children: tuple[Child, ...]
    steps: Steps | None
    is_chain: bool

    @cached_property
    def key(self) -> Hashable:
        """What all uses of one class have in common: all but how its members are made."""
        names = tuple([(child.around, child.name, child.kind) for child in self.children])
        return names, self.steps and self.steps.skeleton, self.is_chain


@record
class Parameter:
    """A parameter of a class: its type in Python, and its default, if it has one."""

    name: str
    kind: str
    default: Literal | None = None


@record
class ClassDefinition:
    """A class; `first` is the module that it was first found as."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    first: Unit | Holder = field(compare=False)
