"""What an expression came to goes in, a number, a tensor, a stage that lacks some; its kind and words come out."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias, TypeGuard, cast

from ghndsl.dags import Dag
from ghndsl.diagnostics import Span
from ghndsl.ir import Scope, Value
from ghndsl.ops import Operator
from ghndsl.records import record
from ghndsl.types import SymbolicSize

if TYPE_CHECKING:
    from ghndsl.language.modules import Module
    from ghndsl.language.tree import Definition

Number: TypeAlias = int | float
Result: TypeAlias = (
    "int | float | bool | str | SymbolicSize | Value | Stage | ChosenGraph | Poison | tuple[Result, ...] | None"
)
"""What an expression can stand for; lists and tuples are one kind."""


@record
class OperatorName:
    """An operator of the table, by its class."""

    cls: type[Operator]

    @property
    def name(self) -> str:
        """Its word."""
        return self.cls.name

    @property
    def tensors(self) -> int | None:
        """How many tensors it takes; None for one list, or several."""
        return self.cls.tensors

    @property
    def optional(self) -> int:
        """How many more it may be given."""
        return self.cls.optional


@record
class BlockName:
    """A block or motif, with the file that its own names are looked up in."""

    definition: Definition = field(compare=False)
    module: Module = field(compare=False, repr=False)
    identity: tuple[str, str] = ("", "")

    @property
    def name(self) -> str:
        """Its name."""
        return self.definition.name

    @property
    def tensors(self) -> int:
        """How many tensors it takes."""
        return len(self.tensor_names)

    @property
    def optional(self) -> int:
        """How many more it may be given: a block takes all that it names."""
        return 0

    @property
    def tensor_names(self) -> tuple[str, ...]:
        """The names of the parameters that take tensors."""
        return self.definition.tensor_names


@record
class Pending:
    """A call that still lacks its first tensors, such as `conv(64, 3)`: a recipe, fresh weights at each use."""

    callee: OperatorName | BlockName
    tensors: tuple[Result, ...] = ()
    positional: tuple[Result, ...] = ()
    named: tuple[tuple[str, Result], ...] = ()
    span: Span | None = field(default=None, compare=False)
    places: tuple[tuple[int | str, Span], ...] = field(default=(), compare=False)

    @property
    def lacking(self) -> int:
        """How many tensors are missing; at least one, the first."""
        wanted = self.callee.tensors
        if wanted is None:
            return 1
        named = {name for name, _ in self.named} if isinstance(self.callee, BlockName) else set[str]()
        by_name = len(named & set(self.callee.tensor_names)) if isinstance(self.callee, BlockName) else 0
        return wanted - len(self.tensors) - by_name


@record
class Composite:
    """A chain without a source: its stages in order."""

    stages: tuple[Stage, ...]


@record
class Named:
    """A link with a label inside of a chain without a source: the label counts from where the chain is used."""

    stage: Stage
    label: str


@record
class Shared:
    """A labelled stage: one set of weights wherever it is used, under the path of the place that named it.

    `key` tells apart two labellings that have one path; `home` is the call of a definition that labelled it, `label`
    the path below that, empty where it is that of the call itself.
    """

    stage: Stage
    at: At
    key: int
    home: Scope | None = field(default=None, compare=False, repr=False)
    label: str = field(default="", compare=False)


@record
class ChosenGraph:
    """A graph that was chosen; `stages` are what its inner vertices apply."""

    dag: Dag
    stages: tuple[Result, ...]

    @property
    def ops(self) -> tuple[Result, ...]:
        """What each vertex applies, nothing where it is an input or the output."""
        return (*[None] * self.dag.inputs, *self.stages, None)


@record
class At:
    """Where weights go: the path of the weights, and the path of the choices made on the way."""

    path: str
    choices: str

    def under(self, label: str) -> At:
        """The place of a label below this one; `self` is this place itself."""
        if label == "self":
            return self
        return At(join(self.path, label), join(self.choices, label))


def join(*parts: str) -> str:
    """Parts of a path, empty ones left out.

    >>> join("", "layer1", "conv")
    'layer1.conv'
    """
    return ".".join(filter(None, parts))


Stage: TypeAlias = OperatorName | BlockName | Pending | Composite | Named | Shared


class Poison:
    """Stands for a value whose making was refused already, so that one cause is reported once.

    Whatever asks for it is passed over, so that it is never part of a list or a stage.
    """

    def __repr__(self) -> str:
        return "POISON"


POISON = Poison()


def is_stage(value: Result) -> TypeGuard[Stage]:
    """Whether a value waits for tensors."""
    return type(value) in _STAGES


_STAGES = {OperatorName, BlockName, Pending, Composite, Named, Shared}


def is_number(value: Result) -> TypeGuard[Number]:
    """Whether a value is a known number; truth values are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_tensor(value: Result) -> bool:
    """Whether a value is a tensor or a list of tensors; an empty list counts as one."""
    if isinstance(value, tuple):
        return all(is_tensor(item) for item in value)
    return isinstance(value, Value)


def describe(value: Result) -> str:
    """A value in the words of a message: what kind it is, and which.

    >>> describe((1, True)), describe("same")
    ('the list [1, true]', 'the string "same"')
    """
    if isinstance(value, Value):
        return f"a tensor {value.type}"
    if isinstance(value, OperatorName):
        return f"the operator `{value.name}`"
    if isinstance(value, BlockName):
        return f"the {value.definition.kind} `{value.name}`"
    if is_stage(value):
        return f"the stage `{short(value)}`"
    if isinstance(value, bool) or value is None:
        return text(value)
    if isinstance(value, ChosenGraph):
        return f"the graph {short(value)}"
    if isinstance(value, tuple):
        return f"the list {short(value)}"
    kind = {str: "the string", SymbolicSize: "the size"}
    return f"{next((word for cls, word in kind.items() if isinstance(value, cls)), 'the number')} {short(value)}"


def short(value: Result) -> str:
    """A value as it is written, cut off where that is long."""
    whole = text(value)
    return whole if len(whole) <= _MOST_SHOWN else f"{whole[:_MOST_SHOWN]}..."


_MOST_SHOWN = 80


def text(value: Result) -> str:
    """A value as it is written in the language, as far as it can be."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(text, value))}]"
    if isinstance(value, Value):
        return str(value.type)
    if isinstance(value, OperatorName | BlockName):
        return value.name
    if isinstance(value, Pending):
        arguments = [text(item) for item in value.positional]
        arguments += [f"{name}={text(item)}" for name, item in value.named]
        return f"{value.callee.name}({', '.join(arguments)})" if arguments else value.callee.name
    if isinstance(value, Composite):
        return " -> ".join(map(text, value.stages))
    if isinstance(value, Named | Shared):
        return text(value.stage)
    return str(value.dag if isinstance(value, ChosenGraph) else value)


def static(value: Result) -> bool:
    """Whether a value is settled: made of numbers, sizes, strings, truth values and lists of them."""
    if isinstance(value, tuple):
        return all(map(static, value))
    return value is None or isinstance(value, int | float | bool | str | SymbolicSize)


def items_of(value: Result) -> tuple[Result, ...]:
    """The items of a list; the caller has made sure that it is one."""
    return cast("tuple[Result, ...]", value)
