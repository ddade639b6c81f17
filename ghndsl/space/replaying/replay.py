"""A space's candidates go in one by one; their graphs come out, by scripts of what was elaborated alike before.

A body is elaborated once for each way that its choices, and the blocks that it calls, can go as far as it can tell.
What it made is remembered as a script, which makes the same nodes under other labels, and for other choices inside of
the blocks that it calls, without reading the text again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ghndsl.diagnostics import Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.choices import Domain
from ghndsl.language.context import Frame
from ghndsl.language.limits import Limits
from ghndsl.language.modules import Module
from ghndsl.language.values import BlockName, Result, Shared, static
from ghndsl.space.replaying.cutting import Cutting, FixedError, told_of
from ghndsl.space.replaying.pieces import filled, key_of
from ghndsl.space.replaying.plans import Plan, Planning
from ghndsl.space.replaying.playing import Playing
from ghndsl.space.replaying.recording import Began, Called, Read, Recording, Took
from ghndsl.space.replaying.script import End, Final, Gate, Scripts
from ghndsl.types import TensorType

_WHOLE = "the space"
"""The key of the space's own script; those of blocks are tuples."""


class Replaying(Playing):
    """Elaborates one candidate of a space whose scripts it follows and adds to."""

    def __init__(
        self,
        module: Module,
        definition: tree.Definition,
        settings: Mapping[str, Result],
        choices: Mapping[str, str],
        limits: Limits,
        scripts: Scripts,
    ) -> None:
        super().__init__(module, definition, settings, choices, limits)
        self.scripts = scripts
        self.open: list[Recording] = []

    # What is run

    def _run_all(self) -> None:
        planning = Planning(self.scripts, self.made, self.domains)
        plan = None if self.faults else planning.plan(_WHOLE, "", in_motif=False)
        if plan is not None and plan.end.final is not None and self._fits(plan):
            self.domains.update(planning.known)
            self.play_all(plan, plan.end.final)
            return
        recording = Recording(self.frame.scope, "", (), 0, 0, 0)
        self.open.append(recording)
        super()._run_all()
        self.open.pop()
        recording.scope = self.frame.scope
        if not self.faults:
            self._keep(_WHOLE, recording, None)

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        for recording in self.open:
            recording.deepest = max(recording.deepest, self.depth)
        # A `where` over measures may call a block when all is made.
        known = None if self.owners.is_sharing or not self.open else key_of(block, frame.names)
        if known is None:
            self._fix()
            return super().run_block(block, frame, span)
        key, tensors = known
        planning = Planning(self.scripts, self.made, self.domains)
        plan = planning.plan(key, frame.at.choices, in_motif=frame.scope.motif is not None)
        if plan is None or not self._may_put(plan, frame):
            return self._recorded(block, frame, span, key, tensors)
        for path, domain in planning.known.items():
            self.domains.setdefault(path, domain)
        return self._put(plan, frame, key, tensors)

    # Recording

    def _recorded(self, block: BlockName, frame: Frame, span: Span, key: object, tensors: tuple[Value, ...]) -> Result:
        caller, faults = self.open[-1], len(self.faults)
        recording = Recording(frame.scope, frame.at.choices, tensors, self.nodes_made(), self.depth, self.depth)
        self.open.append(recording)
        try:
            result = super().run_block(block, frame, span)
        finally:
            self.open.pop()
        end = self._keep(key, recording, result) if len(self.faults) == faults else None
        if end is not None and recording.is_varied and caller.stands_apart(frame.at.path):
            fresh = told_of(result, tensors, made=True)[1]
            self._called(end, frame, key, tensors, recording.first, fresh)
        else:
            caller.take(recording)
        return result

    def _keep(self, key: object, recording: Recording, result: Result) -> End | None:
        """Keeps what was recorded, where it can be put elsewhere."""
        if not recording.is_movable:
            return None
        try:
            cutting = Cutting(recording, self.builder.nodes, self.scripts)
            way = cutting.way(result)
            if key is _WHOLE:
                way = replace(way, end=replace(way.end, final=self._final(cutting)))
        except FixedError:
            return None
        self.scripts.keep(key, way)
        return way.end

    def _called(
        self, end: End, frame: Frame, key: object, tensors: Sequence[Value], first: int, fresh: Sequence[Value]
    ) -> None:
        """Tells the caller of a block that the script of the block forks."""
        event = Called(
            first, self.nodes_made(), key, tensors, frame.scope, frame.at.choices, self.depth, fresh, end.outcome
        )
        self.open[-1].events.append(event)
        self.open[-1].bases.add(frame.at.path)

    def _final(self, cutting: Cutting) -> Final:
        """What the space has beside nodes; raises `FixedError` when a condition reads what is no settled value."""
        read = {part.id for node in self.measures for part in tree.walk(node.test) if isinstance(part, tree.Name)}
        names = {name: value for name, value in self.frame.names.items() if name in read}
        if not all(map(static, names.values())):
            raise FixedError
        gates = [Gate(port, cutting.places[port.value.id]) for port in self.builder.results]
        return Final(self.frame.scope, tuple(gates), tuple(self.measures), names)

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        picks = super().pick(path, domain, node)
        self.open[-1].events.append(Read(self.nodes_made(), path, domain, node.span, self.made[path]))
        return picks

    def add_input(self, name: str, kind: TensorType, span: Span) -> Value:
        value = super().add_input(name, kind, span)
        self.open[-1].events.append(Took(self.nodes_made(), self.builder.arguments[-1]))
        return value

    def new_key(self) -> int:
        self._fix()
        return super().new_key()

    def enter_shared(self, stage: Shared) -> None:
        self._fix()
        super().enter_shared(stage)

    def postpone(self, node: tree.Where) -> None:
        for recording in self.open[1:]:
            recording.is_movable = False
        super().postpone(node)

    def _fix(self) -> None:
        """Keeps what is at work from being put elsewhere."""
        for recording in self.open:
            recording.is_movable = False

    # Replaying

    def _fits(self, plan: Plan) -> bool:
        """Whether what a plan makes is within the limits."""
        nodes, depth = self.nodes_made() + plan.nodes, self.depth + plan.depth
        return nodes <= self.limits.nodes and depth <= self.limits.depth

    def _may_put(self, plan: Plan, frame: Frame) -> bool:
        """Whether a plan can be followed in a frame, with the weights that are there already."""
        base = frame.at.path
        if not self._fits(plan) or (plan.is_varied and not self.open[-1].stands_apart(base)):
            return False
        return self.owners.is_free(base) or not any(path in self.owners for path in plan.weighed(base))

    def _put(self, plan: Plan, frame: Frame, key: object, tensors: tuple[Value, ...]) -> Result:
        """Makes what a plan says under the path of a call."""
        for recording in self.open:
            recording.deepest = max(recording.deepest, self.depth + plan.depth)
        scopes, first = [frame.scope], self.nodes_made()
        values = self.play(plan, scopes, frame.at.path, tensors)
        self._own_all(frame.at.path, first)
        if plan.is_varied:
            self._called(plan.end, frame, key, tensors, first, [values[place] for place in plan.end.fresh])
        else:
            self.open[-1].events += [Began(first, scope) for scope in scopes]
        return filled(plan.end.result, values)

    def _own_all(self, base: str, first: int) -> None:
        """Takes the weights of the nodes from a first one on, all under a path."""
        nodes, last = self.builder.nodes, self.nodes_made()
        weighed = [node for node in nodes[first:] if node.weights]
        if weighed and base and self.owners.is_free(base):
            self.owners.add_whole(base, lambda: nodes[first:last])
            return
        for node in weighed:
            assert node.span is not None, "what was elaborated knows its place"
            self._own(node.path, node.op, node.weights, node.span)
