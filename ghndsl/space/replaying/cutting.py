"""What was recorded of a body and the nodes made meanwhile go in; one way through its script comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ghndsl.ir import Node, Scope, Value
from ghndsl.language.values import Result, static
from ghndsl.space.planning.states import exact
from ghndsl.space.replaying.pieces import Place, Shape, below
from ghndsl.space.replaying.recording import Began, Called, Event, Read, Recording, Took
from ghndsl.space.replaying.script import Call, End, Entered, Leg, Made, Opened, Outcome, Reading, Scripts, Step, Way


class FixedError(Exception):
    """A body made what depends on where it is."""


class Cutting:
    """Makes a way through a script of what was recorded while `nodes`, the whole graph so far, were made."""

    def __init__(self, recording: Recording, nodes: Sequence[Node], scripts: Scripts) -> None:
        self.recording = recording
        self.scripts = scripts
        self.nodes = nodes
        self.places = {value.id: place for place, value in enumerate(recording.tensors)}
        self.scopes: dict[Scope | None, int] = {recording.scope: 0}
        self.steps: list[Step] = []
        self.legs: list[Leg] = []
        self.made = 0

    def way(self, result: Result) -> Way:
        """The way to a result; raises `FixedError`."""
        done = self.recording.first
        for event in self.recording.events:
            self._make(done, event.at)
            self._follow(event)
            done = event.end if isinstance(event, Called) else event.at
        self._make(done, len(self.nodes))
        shape = shape_of(result, self.places)
        told, fresh = told_of(result, self.recording.tensors, made=len(self.nodes) > self.recording.first)
        depth = self.recording.deepest - self.recording.depth
        outcome = self.scripts.outcome(told)
        end = End(shape, self._tensors(fresh), outcome, self.made, depth)
        return Way(tuple(self.legs), tuple(self.steps), end)

    def _make(self, first: int, last: int) -> None:
        for node in self.nodes[first:last]:
            path, scope = self._below(node.path), self._scope(node.scope)
            if node.weights and self.recording.bases.touch(node.path):
                raise FixedError
            self.steps.append(Made(node, self._tensors(node.inputs), path, scope))
            self._place(node.results)
            self.made += 1

    def _follow(self, event: Event) -> None:
        if isinstance(event, Began):
            self.steps.append(self._opened(event.scope))
            self.scopes[event.scope] = len(self.scopes)
        elif isinstance(event, Took):
            self.steps.append(Entered(event.port))
            self._place([event.port.value])
        elif isinstance(event, Read):
            path = event.path if event.in_motif else self._chosen(event.path)
            self._ask(Reading(path, event.in_motif, event.domain, event.span), event.text)
        else:
            is_absolute = event.in_motif or event.scope.kind == "motif"
            choices = event.choices if is_absolute else self._chosen(event.choices)
            opened, tensors = self._opened(event.scope), self._tensors(event.tensors)
            depth = event.depth - self.recording.depth
            self._ask(Call(event.key, tensors, opened, choices, is_absolute, depth), event.outcome)
            self._place(event.fresh)

    def _ask(self, asks: Reading | Call, answer: str | Outcome) -> None:
        self.legs.append((tuple(self.steps), asks, answer))
        self.steps = []

    def _place(self, values: Iterable[Value]) -> None:
        for value in values:
            self.places[value.id] = len(self.places)

    def _tensors(self, values: Sequence[Value]) -> tuple[int, ...]:
        if any(value.id not in self.places for value in values):
            raise FixedError
        return tuple([self.places[value.id] for value in values])

    def _scope(self, scope: Scope | None) -> int:
        if scope not in self.scopes:
            raise FixedError
        return self.scopes[scope]

    def _opened(self, scope: Scope) -> Opened:
        return Opened(scope, self._scope(scope.parent), self._below(scope.path))

    def _below(self, path: str) -> str:
        rest = below(self.recording.scope.path, path)
        if rest is None:
            raise FixedError
        return rest

    def _chosen(self, path: str) -> str:
        rest = below(self.recording.choices, path)
        if rest is None:
            raise FixedError
        return rest


def told_of(result: Result, tensors: Sequence[Value], *, made: bool) -> tuple[object, list[Value]]:
    """What callers can tell of a result: its numbers, which tensors it hands on, the types of new ones, and these.

    Whether nodes were made counts too, since a block that makes none takes no number among its caller's parts.
    """
    places = {value.id: place for place, value in enumerate(tensors)}
    fresh: list[Value] = []

    def told(value: Result) -> object:
        if isinstance(value, tuple):
            return tuple([told(item) for item in value])
        if not isinstance(value, Value):
            return exact(value)
        if value.id not in places:
            places[value.id] = len(places)
            fresh.append(value)
        return Place(places[value.id])

    return (told(result), tuple([value.type for value in fresh]), made), fresh


def shape_of(result: Result, places: Mapping[int, int]) -> Shape:
    """A result with places for tensors; raises `FixedError` for stages, which may hold what is elsewhere."""
    if isinstance(result, Value) and result.id in places:
        return Place(places[result.id])
    if isinstance(result, tuple):
        return tuple([shape_of(item, places) for item in result])
    if not static(result):
        raise FixedError
    return result
