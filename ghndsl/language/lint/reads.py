"""A part of the tree goes in; the names it reads and the names it gives a value come out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ghndsl.diagnostics import Span
from ghndsl.language import tree
from ghndsl.records import record
from ghndsl.types import DTYPES


def reads(node: object) -> Iterator[tree.Name]:
    """The names that an expression, or several, read; a comprehension's own names are left out.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.parse import parse_expression
    >>> [name.id for name in reads(parse_expression(Source("a", "[f(i, k) for i in l] + [i]")))]
    ['l', 'f', 'k', 'i']
    """
    stack: list[tuple[object, frozenset[str]]] = [(node, frozenset())]
    while stack:
        item, hidden = stack.pop()
        if isinstance(item, tree.Name):
            if item.id not in hidden:
                yield item
        elif isinstance(item, tree.Comprehension):
            inner = hidden.union(name.id for name in item.names)
            stack += [(item.test, inner), (item.item, inner), (item.iterable, hidden)]
        elif isinstance(item, tree.Syntax):
            stack += [(getattr(item, name), hidden) for name in tree.parts(type(item))]
        elif isinstance(item, tuple):
            stack += [(one, hidden) for one in reversed(cast("tuple[object, ...]", item))]


@record
class Pattern:
    """The names in a stated type: `sizes` are bound unless they have a value already, `read` are computed with."""

    sizes: tuple[tree.Name, ...] = ()
    read: tuple[tree.Name, ...] = ()

    @property
    def names(self) -> tuple[tree.Name, ...]:
        """All of them."""
        return self.sizes + self.read


def pattern(kind: tree.TypeSyntax | None, *, of_input: bool = False) -> Pattern:
    """The names in a type; in an input's, every capital name is a symbolic size."""
    if not isinstance(kind, tree.ShapeType) or (kind.dtype is not None and kind.dtype not in DTYPES):
        return Pattern()
    if tree.Parameter(kind.span, "", kind, None).element_type or any(isinstance(s, tree.Sequence) for s in kind.sizes):
        return Pattern()
    if of_input:
        names = tuple(reads(kind.sizes))
        capital = tuple(name for name in names if tree.names_size(name.id))
        return Pattern(capital, tuple(name for name in names if not tree.names_size(name.id)))
    sizes = tuple(size for size in kind.sizes if isinstance(size, tree.Name) and tree.names_size(size.id))
    others = tuple(size for size in kind.sizes if size not in sizes)
    return Pattern(sizes, tuple(name for name in reads(others) if name.id != tree.ANY_SIZE))


def expressions(node: tree.Statement) -> object:
    """The expressions that a statement itself evaluates, not those of the statements in it."""
    if isinstance(node, tree.Assign | tree.Return):
        return node.values
    if isinstance(node, tree.Output):
        return node.label, node.value
    if isinstance(node, tree.For):
        return node.iterable
    if isinstance(node, tree.If | tree.Where):
        return node.test
    if isinstance(node, tree.Choose):
        return (node.dags.arguments if node.dags else node.domain), node.branches
    return ()


def given(node: tree.Statement) -> tuple[tree.Name, ...]:
    """The names that a statement gives a value; the sizes that a stated type binds are not among them."""
    if isinstance(node, tree.Assign | tree.For | tree.Choose):
        return node.names
    return (node.name,) if isinstance(node, tree.Input) else ()


def stated(node: tree.Statement) -> Pattern:
    """The names in the type that a statement states."""
    if isinstance(node, tree.Assign | tree.Input):
        return pattern(node.type, of_input=isinstance(node, tree.Input))
    return Pattern()


def own_names(definition: tree.Definition) -> dict[str, Span]:
    """Every name that a definition binds anywhere, comprehensions included, with the first place."""
    found: dict[str, Span] = {}

    def add(*names: tree.Name) -> None:
        for name in names:
            found.setdefault(name.id, name.span)

    for parameter in definition.parameters:
        found.setdefault(parameter.name, parameter.name_span)
        add(*pattern(parameter.type).sizes)
    for node in tree.walk(definition.body):
        if isinstance(node, tree.Comprehension):
            add(*node.names)
        elif isinstance(node, tree.Assign | tree.For | tree.Choose | tree.Input):
            add(*given(node), *stated(node).sizes)
    return found
