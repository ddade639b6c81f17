"""A space and a candidate go in; its flow comes out, in which one box stands for each block that chooses.

The box takes what the block is given and makes what it returns, whatever is chosen in it. What the candidate has inside
such blocks is kept beside, once for each use.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from ghndsl.diagnostics import CompileError, Span
from ghndsl.emit.outline.grouping import entering
from ghndsl.ir import Graph, Node, Port, Value
from ghndsl.language import tree
from ghndsl.language.context import Frame
from ghndsl.language.elaborate import Elaborator
from ghndsl.language.values import BlockName, Result
from ghndsl.ops import Operator
from ghndsl.records import record
from ghndsl.space.candidate import Candidate
from ghndsl.space.replaying.pieces import key_of
from ghndsl.space.space import Space
from ghndsl.types import TensorType

_LEAST, _MOST = 3, 16
"""How many candidates are compared for what they have in common."""
_STEPS, _MOST_STEPS = 60_000, 100_000
"""Steps of work after which it is few of them, and for one of them at most."""


@record
class StandIn(Operator):
    """Stands for a use of a block with choices; it has no name, so no text can call it."""

    tensors: ClassVar[int | None] = None
    results: ClassVar[int | None] = None
    block: str
    kind: str
    kinds: tuple[TensorType, ...]

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        return self.kinds


@record
class Sketch:
    """The flow of a space, and by the place of a definition's name the flow inside each of its uses."""

    whole: Graph
    insides: Mapping[Span, tuple[Graph, ...]]


def sketches(space: Space, hidden: frozenset[Span]) -> list[Sketch]:
    """A few well-formed candidates with boxes for the definitions whose names are there, that with most in it first.

    They are drawn by chance, as many as there is time for; where all of those are too large, the first candidate.

    >>> import ghndsl
    >>> from ghndsl.space.drawing.asked import chapters
    >>> space = ghndsl.load_space("nasbench201")
    >>> _, cell, op = [chapter.definition.name_span for chapter in chapters(space)]
    >>> found = sketches(space, frozenset([cell, op]))
    >>> [node.op.block for node in found[0].insides[cell][0].nodes if isinstance(node.op, StandIn)]
    ['Op', 'Op', 'Op', 'Op', 'Op', 'Op']
    """
    found: list[Sketch] = []
    steps = 0
    for number, candidate in enumerate(space.draws(_MOST, random.Random(0)), start=1):
        run = _Sketching(space, candidate, hidden)
        found += run.sketch()
        steps += run.steps
        if number >= _LEAST and steps > _STEPS:
            break
    return sorted(
        found or _Sketching(space, space.candidate(0), hidden).sketch(), key=lambda one: -len(one.whole.nodes)
    )


class _Sketching(Elaborator):
    """Elaborates a candidate, and puts stand-ins where blocks choose."""

    def __init__(self, space: Space, candidate: Candidate, hidden: frozenset[Span]) -> None:
        limits = replace(space.limits, steps=min(space.limits.steps, _MOST_STEPS))
        super().__init__(space.module, space.definition, space.settings, dict(candidate.texts), limits)
        self.hidden = hidden
        self.insides: dict[Span, list[Graph]] = {}
        self.motifs: dict[object, Result] = {}

    def sketch(self) -> list[Sketch]:
        """The one sketch; none of a candidate that is ill-formed, or large."""
        try:
            whole = self.graph()
        except CompileError:
            return []
        return [Sketch(whole, {place: tuple(found) for place, found in self.insides.items()})]

    def require(self, node: tree.Where, holds: bool) -> None:
        """A sketch is of all candidates, those that a condition leaves out too."""

    def postpone(self, node: tree.Where) -> None:
        """As `require`."""

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        if block.definition.name_span not in self.hidden:
            return super().run_block(block, frame, span)
        # The body may give its parameters other values.
        given = list(_tensors(tuple([frame.names[name] for name in block.tensor_names])))
        # A motif makes the same of equal arguments: its uses are elaborated once.
        found = key_of(block, frame.names) if block.definition.kind == "motif" else None
        if found is None:
            result = self._inside(block, frame, span)
        else:
            key = found[0]
            if key not in self.motifs:
                self.motifs[key] = self._inside(block, frame, span)
            result = self.motifs[key]
        return self._stand_in(block, result, given, span)

    def _inside(self, block: BlockName, frame: Frame, span: Span) -> Result:
        """What a use of a block returns; its nodes are kept beside."""
        before = len(self.builder.nodes)
        result = super().run_block(block, frame, span)
        made = list(_tensors(result))
        if made:
            inside = self.builder.nodes[before:]
            del self.builder.nodes[before:]
            self.insides.setdefault(block.definition.name_span, []).append(_graph(block.name, inside, made))
        return result

    def _stand_in(self, block: BlockName, result: Result, given: Sequence[Value], span: Span) -> Result:
        """The tensors of a result replaced by those of one node."""
        kinds = tuple([value.type for value in _tensors(result)])
        if not kinds:
            return result
        taken, scope = {value.id: value for value in given}, self.frame.scope
        op = StandIn(block.name, block.definition.kind, kinds)
        return _put(result, iter(self.builder.add(op, list(taken.values()), scope.path, scope, span)))


def _tensors(value: Result) -> Iterator[Value]:
    """The tensors in a value, in order."""
    if isinstance(value, Value):
        yield value
    for item in value if isinstance(value, tuple) else ():
        yield from _tensors(item)


def _put(value: Result, tensors: Iterator[Value]) -> Result:
    """The value with other tensors in it, in order."""
    if isinstance(value, Value):
        return next(tensors)
    return tuple([_put(item, tensors) for item in value]) if isinstance(value, tuple) else value


def _graph(name: str, nodes: Sequence[Node], made: Sequence[Value]) -> Graph:
    """Some nodes as a graph of their own."""
    own = {value.id for node in nodes for value in node.results}
    taken = {value.id: value for value in (*entering(nodes), *[value for value in made if value.id not in own])}
    arguments = tuple([Port(f"in{i}", value) for i, value in enumerate(taken.values())])
    return Graph(name, arguments, tuple(nodes), tuple([Port(f"out{i}", value) for i, value in enumerate(made)]))
