"""A space's candidates go in one by one; their graphs come out, blocks that were elaborated alike before put in whole.

A block's nodes depend on its arguments and on the choices it reads. Both are remembered with what it made, so that the
next call that has them in common makes the same nodes under its own labels, without reading the text again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ghndsl.diagnostics import Span
from ghndsl.ir import Scope, Value
from ghndsl.language import tree
from ghndsl.language.choices import Domain
from ghndsl.language.context import Frame
from ghndsl.language.elaborate import Elaborator
from ghndsl.language.limits import Limits
from ghndsl.language.modules import Module
from ghndsl.language.values import BlockName, Result, Shared
from ghndsl.space.pieces import Fork, Piece, Reading, Work, below, cut, filled, key_of, under

_MOST_NODES = 20_000
"""Nodes in the pieces that are kept; when there are more, all are forgotten."""


@dataclass
class Pieces:
    """The pieces of one space."""

    forks: dict[object, Fork] = field(default_factory=dict[object, Fork])
    nodes: int = 0

    def keep(self, key: object, readings: list[tuple[Reading, str]], piece: Piece) -> None:
        """Keeps a piece under what it depends on."""
        self.nodes += len(piece.nodes) + 1
        if self.nodes > _MOST_NODES:
            self.forks.clear()
            self.nodes = 0
        fork = self.forks.setdefault(key, Fork())
        for reading, text in readings:
            fork.reading = reading
            fork = fork.after.setdefault(text, Fork())
        fork.piece = piece


@dataclass
class _Recording:
    """A block at work: what it reads, how deep calls go, and whether what it makes can be used elsewhere."""

    scope: Scope
    choices: str
    deepest: int
    readings: list[tuple[Reading, str]] = field(default_factory=list[tuple[Reading, str]])
    paths: set[str] = field(default_factory=set[str])
    is_movable: bool = True


class Replaying(Elaborator):
    """Elaborates one candidate of a space whose pieces it takes and adds to."""

    def __init__(
        self,
        module: Module,
        definition: tree.Definition,
        settings: Mapping[str, Result],
        choices: Mapping[str, str],
        limits: Limits,
        pieces: Pieces,
    ) -> None:
        super().__init__(module, definition, settings, choices, limits)
        self.pieces = pieces
        self.open: list[_Recording] = []

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        for recording in self.open:
            recording.deepest = max(recording.deepest, self.depth)
        known = None if self.owners.is_sharing else key_of(block, frame.names)
        if known is None:
            return self._unkept(block, frame, span)
        key, tensors = known
        found = self._piece(key, frame)
        if found is not None:
            return self._put(found[0], found[1], tensors, frame)
        return self._recorded(block, frame, span, key, tensors)

    def _unkept(self, block: BlockName, frame: Frame, span: Span) -> Result:
        for recording in self.open:
            recording.is_movable = False
        return super().run_block(block, frame, span)

    # Recording

    def _recorded(self, block: BlockName, frame: Frame, span: Span, key: object, tensors: tuple[Value, ...]) -> Result:
        recording = _Recording(frame.scope, frame.at.choices, self.depth)
        nodes, uses, faults = len(self.builder.nodes), dict(self.uses), len(self.faults)
        self.open.append(recording)
        try:
            result = super().run_block(block, frame, span)
        finally:
            self.open.pop()
        if recording.is_movable and len(self.faults) == faults:
            depth = recording.deepest - self.depth
            piece = cut(Work(frame.scope, tensors, self.builder.nodes[nodes:], result, (uses, self.uses), depth))
            if piece is not None:
                self.pieces.keep(key, recording.readings, piece)
        return result

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        picks = super().pick(path, domain, node)
        self._read(path, domain, node.span, in_motif=False)
        return picks

    def _read(self, path: str, domain: Domain, span: Span, *, in_motif: bool) -> None:
        """Tells the blocks at work, the innermost first, that a choice is read."""
        for recording in reversed(self.open):
            is_absolute = in_motif
            in_motif = in_motif or recording.scope.kind == "motif"
            shown = path if is_absolute else below(recording.choices, path)
            if shown is None:
                recording.is_movable = False
            elif path not in recording.paths:
                recording.paths.add(path)
                reading = Reading(shown, is_absolute, in_motif, domain, span)
                recording.readings.append((reading, self.made[path]))

    def new_key(self) -> int:
        for recording in self.open:
            recording.is_movable = False
        return super().new_key()

    def enter_shared(self, stage: Shared) -> None:
        for recording in self.open:
            recording.is_movable = False
        super().enter_shared(stage)

    # Replaying

    def _piece(self, key: object, frame: Frame) -> tuple[Piece, list[tuple[str, Reading]]] | None:
        """The piece for the choices at hand, with what it reads; None when there is none, or it would be refused."""
        fork = self.pieces.forks.get(key)
        read: list[tuple[str, Reading]] = []
        is_inside = fork is not None and frame.scope.motif is not None
        while fork is not None and fork.reading is not None:
            reading = fork.reading
            path = reading.path if reading.is_absolute else under(frame.at.choices, reading.path)
            known = self.domains.get(path)
            if known is not None and not ((reading.in_motif or is_inside) and known[0] == reading.domain):
                return None
            read.append((path, reading))
            fork = fork.after.get(self.made.get(path, ""))
        if fork is None or fork.piece is None:
            return None
        return (fork.piece, read) if self._fits(fork.piece, frame.at.path) else None

    def _fits(self, piece: Piece, base: str) -> bool:
        """Whether a piece can be put under a path, within the limits."""
        if len(self.builder.nodes) + len(piece.nodes) > self.limits.nodes:
            return False
        if self.depth + piece.depth > self.limits.depth:
            return False
        return not any(made.node.weights and under(base, made.path) in self.owners for made in piece.nodes)

    def _put(self, piece: Piece, read: list[tuple[str, Reading]], tensors: tuple[Value, ...], frame: Frame) -> Result:
        """Adds the nodes of a piece under the path of a call."""
        for path, reading in read:
            self.domains.setdefault(path, (reading.domain, reading.span))
            self._read(path, reading.domain, reading.span, in_motif=reading.in_motif)
        for recording in self.open:
            recording.deepest = max(recording.deepest, self.depth + piece.depth)
        scopes = self._scopes(piece, frame)
        values = [*tensors]
        base = frame.at.path
        for made in piece.nodes:
            inputs = [values[i] for i in made.inputs]
            node = self.builder.again(made.node, inputs, under(base, made.path), scopes[made.scope])
            values += node.results
            if node.weights and node.span is not None:
                self._own(node.path, node.op, node.weights, node.span)
        return filled(piece.result, values)

    def _scopes(self, piece: Piece, frame: Frame) -> list[Scope]:
        scopes = [frame.scope]
        for inner in piece.scopes:
            scope = inner.scope
            use = self.uses.get(scope.name, 0) + inner.use
            path = under(frame.at.path, inner.path)
            parent = scopes[inner.parent]
            scopes.append(Scope(scope.kind, scope.name, path, parent, scope.arguments, scope.loops, use, scope.span))
        for name, count in piece.uses:
            self.uses[name] = self.uses.get(name, 0) + count
        return scopes
