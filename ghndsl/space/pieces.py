"""What a block made of its arguments and choices goes in; a piece that can be put elsewhere in a graph comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.ir import Node, Scope, Value
from ghndsl.language.choices import Domain
from ghndsl.language.values import BlockName, ChosenGraph, Composite, Named, OperatorName, Pending, Result, static
from ghndsl.records import record
from ghndsl.space.states import exact


@record
class Reading:
    """A choice that a block reads: its path, below the block's own unless a motif in it makes it absolute."""

    path: str
    is_absolute: bool
    in_motif: bool
    domain: Domain
    span: Span


@record
class Inner:
    """A scope inside of a block: its parent's place among the block's scopes (0 is the block), and its path there."""

    scope: Scope
    parent: int
    path: str
    use: int


@record
class Made:
    """A node inside of a block: its inputs are places among the block's tensors, the arguments first."""

    node: Node
    inputs: tuple[int, ...]
    path: str
    scope: int


@record
class Piece:
    """What a block makes: nodes, scopes, uses counted by definition, blocks nested so deep, and its result."""

    nodes: tuple[Made, ...]
    scopes: tuple[Inner, ...]
    uses: tuple[tuple[str, int], ...]
    depth: int
    result: Shape


@record
class Place:
    """A tensor, by its place among the block's tensors."""

    number: int


Shape: TypeAlias = "Place | Result | tuple[Shape, ...]"
"""A result with places instead of tensors."""


@dataclass
class Fork:
    """Pieces by choice: what comes next is the piece, when there is one, or a reading and what follows each text."""

    piece: Piece | None = None
    reading: Reading | None = None
    after: dict[str, Fork] = field(default_factory=dict[str, "Fork"])


def key_of(block: BlockName, names: Mapping[str, Result]) -> tuple[object, tuple[Value, ...]] | None:
    """What a call's outcome depends on beside its choices, and its tensors; None for arguments not to be kept."""
    tensors: dict[int, Value] = {}
    parts: list[object] = [id(block.definition)]
    for name, value in names.items():
        if not _is_plain(value):
            return None
        parts += (name, _spelled(value, tensors))
    return tuple(parts), tuple(tensors.values())


def _is_plain(value: Result) -> bool:
    """Whether a value is made of settled values, tensors, and stages that hold no tensor and no weights."""
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    if isinstance(value, Composite | ChosenGraph):
        return all(map(_is_plain, value.stages))
    if isinstance(value, Pending):
        return not value.tensors and all(map(_is_bare, (*value.positional, *[item for _, item in value.named])))
    if isinstance(value, Named):
        return _is_plain(value.stage)
    return isinstance(value, Value | OperatorName | BlockName) or static(value)


def _is_bare(value: Result) -> bool:
    """Whether a value is plain and holds no tensor."""
    return not _holds_tensor(value) and _is_plain(value)


def _holds_tensor(value: Result) -> bool:
    return any(map(_holds_tensor, value)) if isinstance(value, tuple) else isinstance(value, Value)


def _spelled(value: Result, tensors: dict[int, Value]) -> object:
    if isinstance(value, Value):
        tensors.setdefault(value.id, value)
        return list(tensors).index(value.id), value.type
    if isinstance(value, tuple):
        return tuple([_spelled(item, tensors) for item in value])
    return exact(value)


@record
class Work:
    """A block's own work: its scope, its tensors, the nodes it made and what it returned.

    `uses` are the uses of definitions counted before and after, `depth` how deep it called.
    """

    scope: Scope
    tensors: Sequence[Value]
    nodes: Sequence[Node]
    result: Result
    uses: tuple[Mapping[str, int], Mapping[str, int]]
    depth: int


def cut(work: Work) -> Piece | None:
    """The piece that a block made, or None when it holds what depends on where it is."""
    before, after = work.uses
    places = {value.id: place for place, value in enumerate(work.tensors)}
    scopes = _Scopes(work.scope, before)
    nodes: list[Made] = []
    for node in work.nodes:
        path, scope = below(work.scope.path, node.path), scopes.place(node.scope)
        if path is None or scope is None or any(value.id not in places for value in node.inputs):
            return None
        nodes.append(Made(node, tuple([places[value.id] for value in node.inputs]), path, scope))
        for value in node.results:
            places[value.id] = len(places)
    shape = _shape(work.result, places)
    uses = [(name, count - before.get(name, 0)) for name, count in after.items()]
    counted = tuple([(name, count) for name, count in uses if count])
    return shape and Piece(tuple(nodes), tuple(scopes.inner), counted, work.depth, shape[0])


class _Scopes:
    """The scopes inside of a block, numbered as they are met; the block's own is 0."""

    def __init__(self, top: Scope, uses: Mapping[str, int]) -> None:
        self.top = top
        self.uses = uses
        self.places = {top: 0}
        self.inner: list[Inner] = []

    def place(self, scope: Scope) -> int | None:
        """The number of a scope, it and those around it added when they are new; None when it is elsewhere."""
        if scope in self.places:
            return self.places[scope]
        path = below(self.top.path, scope.path)
        parent = None if scope.parent is None else self.place(scope.parent)
        if path is None or parent is None:
            return None
        self.inner.append(Inner(scope, parent, path, scope.use - self.uses.get(scope.name, 0)))
        self.places[scope] = len(self.places)
        return self.places[scope]


def below(base: str, path: str) -> str | None:
    """The rest of a path below a base, empty for the base itself; None when it is elsewhere."""
    if not base or path == base:
        return path[len(base) :]
    return path[len(base) + 1 :] if path.startswith(f"{base}.") else None


def under(base: str, rest: str) -> str:
    """The path that has this rest below a base."""
    return f"{base}.{rest}" if base and rest else base or rest


def _shape(result: Result, places: Mapping[int, int]) -> tuple[Shape] | None:
    """The result with places for tensors; None when it holds a stage."""
    if isinstance(result, Value):
        return (Place(places[result.id]),) if result.id in places else None
    if isinstance(result, tuple):
        items = [_shape(item, places) for item in result]
        return None if any(item is None for item in items) else (tuple([item[0] for item in items if item]),)
    return (result,) if static(result) else None


def filled(shape: Shape, tensors: Sequence[Value]) -> Result:
    """The result that a shape stands for."""
    if isinstance(shape, Place):
        return tensors[shape.number]
    if isinstance(shape, tuple):
        return tuple([filled(item, tensors) for item in shape])
    return shape
