"""The parts of a text go in; its tree comes out, of frozen nodes that are equal when they say the same anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields
from functools import cached_property
from typing import TypeAlias, cast

from ghndsl.diagnostics import Span
from ghndsl.records import record

DEFINITIONS = ("arch", "block", "motif", "space")
"""The words that begin a definition."""
STATEMENTS = ("input", "output", "exit", "return", "for", "if", "choose", "where")
"""The words that begin a statement."""
WORD_OPERATORS = ("in", "and", "or", "not")
"""The operators that are words."""
CONSTANTS = ("true", "false", "none")
"""The words that are values."""
KEYWORDS = frozenset((*DEFINITIONS, *STATEMENTS, *WORD_OPERATORS, *CONSTANTS, "use", "else", "from", "as"))
"""The words that the language keeps for itself."""


@record
class Syntax:
    """What every node has: its place, which does not count when trees are compared."""

    span: Span = field(compare=False, repr=False)


@record
class Name(Syntax):
    """A word that stands for a value."""

    id: str


@record
class Constant(Syntax):
    """A number, a string, `true`, `false` or `none`."""

    value: int | float | bool | str | None


@record
class Sequence(Syntax):
    """A list `[a, b]` or a tuple `(a, b)`; both are the same kind of value."""

    items: tuple[Expression, ...]
    bracket: str


@record
class Comprehension(Syntax):
    """`[item for names in iterable if test]`."""

    item: Expression
    names: tuple[Name, ...]
    iterable: Expression
    test: Expression | None


@record
class Argument(Syntax):
    """An argument of a call, by position when it has no name."""

    name: str | None
    value: Expression

    @property
    def name_span(self) -> Span:
        """The place of the name; of an argument without one, its beginning."""
        return Span(self.span.source, self.span.start, self.span.start + len(self.name or ""))


@record
class Call(Syntax):
    """`callee(arguments)`."""

    callee: Expression
    arguments: tuple[Argument, ...]


@record
class Slice(Syntax):
    """`start:stop:step` in an index."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


@record
class Index(Syntax):
    """`value[subscripts]`."""

    value: Expression
    subscripts: tuple[Expression | Slice, ...]


@record
class Member(Syntax):
    """`value.name`."""

    value: Expression
    name: str


@record
class Unary(Syntax):
    """`-operand`, `+operand` or `not operand`."""

    operator: str
    operand: Expression


@record
class Binary(Syntax):
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


@record
class Conditional(Syntax):
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression


@record
class Label(Syntax):
    """A dotted path; each part is made of words and computed expressions."""

    parts: tuple[tuple[str | Expression, ...], ...]

    @property
    def word(self) -> str | None:
        """The label itself, when it is one plain word."""
        first = self.parts[0][0] if len(self.parts) == len(self.parts[0]) == 1 else None
        return first if isinstance(first, str) else None


@record
class Labelled(Syntax):
    """`value as label`."""

    value: Expression
    label: Label


@record
class Chain(Syntax):
    """`a -> b -> c`."""

    links: tuple[Expression, ...]


Expression: TypeAlias = (
    Name | Constant | Sequence | Comprehension | Call | Index | Member | Unary | Binary | Conditional | Labelled | Chain
)


@record
class WordType(Syntax):
    """The type of a static parameter: `int`, `op`, ..."""

    word: str


@record
class ShapeType(Syntax):
    """The type of a tensor, `f32[N, 3]`, a pattern of sizes, `[N, C]`, or a list of a static type, `[int]`."""

    dtype: str | None
    sizes: tuple[Expression, ...]


TypeSyntax: TypeAlias = WordType | ShapeType


@record
class Assign(Syntax):
    """`names: type = values`."""

    names: tuple[Name, ...]
    type: TypeSyntax | None
    values: tuple[Expression, ...]


@record
class Input(Syntax):
    """`input name: type`."""

    name: Name
    type: TypeSyntax


@record
class Output(Syntax):
    """`output label = value`, or `exit label = value`."""

    label: Label
    value: Expression
    is_exit: bool


@record
class Return(Syntax):
    """`return values`."""

    values: tuple[Expression, ...]


@record
class For(Syntax):
    """`for names in iterable { body }`."""

    names: tuple[Name, ...]
    iterable: Expression
    body: tuple[Statement, ...]


@record
class If(Syntax):
    """`if test { then } else { otherwise }`."""

    test: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@record
class Branch(Syntax):
    """A labelled branch of a choice."""

    label: str
    value: Expression


@record
class Choose(Syntax):
    """`choose names from domain`, `choose 1..3 names from domain` or `choose name { label: branch ... }`, or both."""

    names: tuple[Name, ...]
    count: tuple[int, int] | None
    domain: Expression | None
    branches: tuple[Branch, ...] | None

    @property
    def dags(self) -> Call | None:
        """The call `dags(...)` after `from`, by which a graph is chosen."""
        call = self.domain
        is_dags = isinstance(call, Call) and isinstance(call.callee, Name) and call.callee.id == "dags"
        return call if isinstance(call, Call) and is_dags else None


@record
class Where(Syntax):
    """`where test`."""

    test: Expression


Statement: TypeAlias = Assign | Input | Output | Return | For | If | Choose | Where


@record
class Parameter(Syntax):
    """A parameter of a definition."""

    name: str
    type: TypeSyntax | None
    default: Expression | None

    @property
    def name_span(self) -> Span:
        """The place of the name."""
        return Span(self.span.source, self.span.start, self.span.start + len(self.name))

    @cached_property
    def is_tensor(self) -> bool:
        """Whether it takes a tensor: it has no type, or a shape."""
        return self.type is None or (isinstance(self.type, ShapeType) and self.element_type is None)

    @property
    def element_type(self) -> str | None:
        """The word inside of a list type such as `[int]`."""
        if not isinstance(self.type, ShapeType) or self.type.dtype or len(self.type.sizes) != 1:
            return None
        (only,) = self.type.sizes
        return only.id if isinstance(only, Name) and only.id in STATIC_TYPES else None


STATIC_TYPES = ("int", "float", "bool", "str", "size", "op", "dag")


@record
class Definition(Syntax):
    """An architecture, space, block or motif; `name_span` is the place of its name."""

    kind: str
    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    doc: str = field(compare=False)
    name_span: Span = field(compare=False, repr=False)

    @cached_property
    def tensor_names(self) -> tuple[str, ...]:
        """The names of the parameters that take tensors."""
        return tuple([parameter.name for parameter in self.parameters if parameter.is_tensor])


@record
class Use(Syntax):
    """`use source (names)`; the source is a dotted name of a shipped spec or, when `is_file`, a path."""

    source: str
    is_file: bool
    names: tuple[Name, ...]


@record
class File(Syntax):
    """A whole text."""

    uses: tuple[Use, ...]
    definitions: tuple[Definition, ...]


def names_size(word: str) -> bool:
    """Whether a word may name a size that nothing has settled: capital ones do, but for Python's constants.

    >>> [names_size(word) for word in ("N", "_Width", "width", "None")]
    [True, True, False, False]
    """
    return word.lstrip("_")[:1].isupper() and word not in ("None", "True", "False")


ANY_SIZE = "_"
"""The word in the shape of a stated type or of a parameter that any size fits."""


def walk(node: object) -> Iterator[Syntax]:
    """Every node of a tree, the root first."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Syntax):
            yield item
            stack += [getattr(item, name) for name in parts(type(item))]
        elif isinstance(item, tuple):
            stack += reversed(cast("tuple[object, ...]", item))


def statements(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """Every statement of a body, those in loops and conditions too."""
    stack = list(reversed(body))
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, For):
            stack += reversed(item.body)
        elif isinstance(item, If):
            stack += reversed((*item.then, *item.otherwise))


_PARTS: dict[type[Syntax], tuple[str, ...]] = {}


def parts(cls: type[Syntax]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold others, the last first."""
    if cls not in _PARTS:
        _PARTS[cls] = tuple(part.name for part in reversed(fields(cls)) if part.name not in ("span", "name_span"))
    return _PARTS[cls]
