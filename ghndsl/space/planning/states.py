"""What statements did to the names of a body goes in; states that nothing later can tell apart come out as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.language.owners import Owner
from ghndsl.language.values import BlockName, ChosenGraph, Composite, Named, Pending, Result, Shared, is_stage
from ghndsl.space.planning.growth import Vertex
from ghndsl.space.planning.places import Places
from ghndsl.space.ways.diagram import Diagram


@dataclass(frozen=True, eq=False)
class MotifUse:
    """A motif whose choices are made: all the ways they can be, and the group of those that lead here.

    `before` are the motifs that were made before it; `definition` is the identity of its definition.
    """

    definition: int
    ways: Diagram
    group: int
    before: Mapping[str, MotifUse]


Motifs: TypeAlias = Mapping[str, MotifUse]
Port: TypeAlias = tuple[str, str]
"""The kind and the name of an input or output."""
LateExit: TypeAlias = "tuple[str, Span]"
"""The name of an exit that no output has followed yet, and its place."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Weights of a labelled stage: what made them, an operator or a block, and their shapes; where, by which node."""

    maker: object
    shapes: object
    span: Span
    owner: Owner | None = None


@dataclass
class State:
    """Where some ways through a body have come to, and what later statements can see of them.

    That is the names, how often blocks were called, the motifs made, the ports, which of them are `late`, and what was
    returned. `places` are the choices made so far; they serve to refuse a second one at a path. `weights` are those of
    labelled stages, by path, as far as they are followed.
    """

    vertex: Vertex
    names: dict[str, Result]
    calls: dict[str, int]
    motifs: dict[str, MotifUse]
    ports: frozenset[Port] = frozenset()
    late: frozenset[LateExit] = frozenset()
    places: Places = field(default_factory=Places)
    returned: bool = False
    result: Result = None
    weights: dict[str, Kept] = field(default_factory=dict[str, "Kept"])


_NOTHING = object()


class Merging:
    """Joins states that nothing later can tell apart. Remembers what tells lists and stages apart, by identity."""

    def __init__(self) -> None:
        self._exact: dict[int, tuple[Result, object]] = {}
        self._sorted: dict[frozenset[str], list[str]] = {}

    def merged(self, states: list[State], live: frozenset[str]) -> list[State]:
        """The states, one for all that are equal in the names that are live."""
        joined: dict[object, State] = {}
        for state in states:
            key = self._key(state, live)
            known = joined.get(key)
            if known is None:
                joined[key] = state
            elif known.vertex is not state.vertex:
                state.vertex.same = known.vertex
                joined[key] = replace(known, places=known.places | state.places)
        return list(joined.values())

    def _key(self, state: State, live: frozenset[str]) -> tuple[object, ...]:
        motifs = frozenset(state.motifs.items())
        if state.returned:
            return (exact(state.result), motifs, state.ports, state.late)
        order = self._sorted.get(live)
        if order is None:
            order = self._sorted[live] = sorted(live)
        names = state.names
        seen = [self._of(names[name]) if name in names else _NOTHING for name in order]
        made = _made(state, live) if state.weights else None
        return (tuple(seen), _counters(state, live), motifs, state.ports, state.late, made)

    def _of(self, value: Result) -> object:
        if not isinstance(value, tuple | Pending | Composite | Shared | ChosenGraph):
            return exact(value)
        known = self._exact.get(id(value))
        if known is None:
            known = self._exact[id(value)] = value, exact(value)
        return known[1]


def _made(state: State, live: frozenset[str]) -> frozenset[tuple[object, ...]]:
    """The weights that were made for stages that may be used again."""
    paths = [path for name, value in state.names.items() if name in live for path in _shared_paths(value)]
    return frozenset(
        (at, kept.maker, kept.shapes)
        for at, kept in state.weights.items()
        if any(at == path or at.startswith(f"{path}.") for path in paths)
    )


def _shared_paths(value: Result) -> list[str]:
    """Where the labelled stages in a value have their weights."""
    if isinstance(value, Shared):
        return [value.at.path]
    parts: tuple[Result, ...] = ()
    if isinstance(value, tuple):
        parts = value
    elif isinstance(value, Composite | ChosenGraph):
        parts = value.stages
    elif isinstance(value, Named):
        parts = (value.stage,)
    elif isinstance(value, Pending):
        parts = (*value.tensors, *value.positional, *[item for _, item in value.named])
    return [path for part in parts for path in _shared_paths(part)]


def _counters(state: State, live: frozenset[str]) -> frozenset[tuple[str, int]]:
    """How often blocks were called that may be called again, which is what numbers them."""
    if not state.calls:
        return frozenset()
    if any(_holds_stage(value) for name, value in state.names.items() if name in live):
        return frozenset(state.calls.items())
    return frozenset((base, n) for base, n in state.calls.items() if base.rpartition(".")[2] in live)


def exact(value: Result) -> object:
    """A key that tells 1, 1.0 and true apart, in lists and arguments too.

    >>> exact((1, 2)) == exact((True, 2.0)), exact((1, 2)) == exact((1, 2))
    (False, True)
    """
    if isinstance(value, tuple):
        return tuple([exact(item) for item in value])
    if isinstance(value, bool | float):
        return (type(value), value)
    if isinstance(value, BlockName):
        return BlockName, id(value.definition)
    if isinstance(value, Pending):
        named = tuple([(name, exact(item)) for name, item in value.named])
        return Pending, exact(value.callee), exact(value.tensors), exact(value.positional), named
    if isinstance(value, Composite):
        return Composite, exact(value.stages)
    if isinstance(value, Named):
        return Named, exact(value.stage), value.label
    if isinstance(value, ChosenGraph):
        return ChosenGraph, value.dag, exact(value.stages)
    return (Shared, exact(value.stage), value.at, value.key) if isinstance(value, Shared) else value


def _holds_stage(value: Result) -> bool:
    if isinstance(value, ChosenGraph):
        return bool(value.stages)
    return any(map(_holds_stage, value)) if isinstance(value, tuple) else is_stage(value)
