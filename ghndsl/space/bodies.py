"""A block and its arguments go in; the diagram of the choices in it, a result for each group of ways, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.language import tree
from ghndsl.language.context import Frame
from ghndsl.language.limits import Limits
from ghndsl.language.values import POISON, At, BlockName, Result, Shared
from ghndsl.records import record
from ghndsl.space.diagram import Diagram, Diagrams, Fault
from ghndsl.space.exploration import Exploration
from ghndsl.space.growth import Vertex, finish
from ghndsl.space.states import Motifs, MotifUse, State, exact


@record
class Group:
    """Ways through a body that are alike to whoever called it: one result, one state of the motifs."""

    result: Result
    motifs: Motifs


@record
class Plan:
    """All ways through the choices of one call; no diagram when there is none."""

    diagram: Diagram | None
    groups: Sequence[Group]


class Bodies(Exploration):
    """Plans the bodies of blocks, each once for one set of arguments and one state of the motifs."""

    def __init__(self, limits: Limits, frame: Frame, definition: tree.Definition, *, feasible: bool) -> None:
        super().__init__(limits, frame, feasible=feasible)
        self.definition = definition
        self.make = Diagrams()
        self.body = definition
        self.token = 0
        self.shared: list[Shared] = []
        self._plans: dict[object, Plan] = {}
        self._planned = 0

    def new_key(self) -> int:
        # One number a body: states must not differ by which run of a statement labelled a stage.
        return self.token

    def enter_shared(self, stage: Shared) -> None:
        self.shared.append(stage)

    def leave_shared(self) -> None:
        self.shared.pop()

    def exhausted(self, code: str, message: str, span: Span, help: str | None = None) -> Exception:  # noqa: A002
        if code == "G125" and not self.feasible:
            # Candidates that meet every `where` were planned before; this depth is met by none of them.
            return self.refuse(code, message, span, (), help)
        return super().exhausted(code, message, span, help)

    def whole(self) -> Diagram | None:
        """The diagram of the definition itself, run in the frame at hand."""
        start = Vertex()
        for end in self._ends(self.definition, start, {}):
            end.vertex.itself.group = 0
        return finish(start.itself, self.make)

    def plan_of(self, block: BlockName, frame: Frame, motifs: Motifs) -> Plan:
        """The plan of a call, from memory when the same call was planned before."""
        names = tuple([(name, exact(value)) for name, value in frame.names.items()])
        key = (id(block.definition), names, frozenset(motifs.items()))
        if key not in self._plans:
            outer = self.current, self.motifs, self.frame, self.shared, self.places, self.ports, self.body, self.token
            self._planned += 1
            self.shared, self.body, self.token = [], block.definition, self._planned
            self.frame = replace(frame, at=At("", ""), turns=[], calls={}, numbered=0)
            try:
                self._plans[key] = self._plan(block.definition, motifs)
            finally:
                self.current, self.motifs, self.frame, self.shared, self.places, self.ports, self.body, self.token = (
                    outer
                )
        return self._plans[key]

    def _plan(self, definition: tree.Definition, motifs: Motifs) -> Plan:
        start = Vertex()
        groups: dict[object, int] = {}
        found: list[Group] = []
        for end in self._ends(definition, start, motifs):
            left = carried(end.motifs)
            group = groups.setdefault((exact(end.result), frozenset(left.items())), len(groups))
            if group == len(found):
                found.append(Group(end.result, left))
            end.vertex.itself.group = group
        return Plan(finish(start.itself, self.make), found)

    def _ends(self, definition: tree.Definition, start: Vertex, motifs: Motifs) -> list[State]:
        """The states in which a body, run in the frame at hand, leaves."""
        state = State(start, dict(self.frame.names), {}, dict(motifs))
        ends: list[State] = []
        for end in self.states_after(definition.body, [state], frozenset()):
            ends += self.explore(end, partial(self._left, definition, end))
        return ends

    def _left(self, definition: tree.Definition, end: State) -> bool:
        """Reports what is missing where a body ends."""
        self.frame.result = end.result
        if definition is self.definition:
            lacking = self._lacking_port()
            if lacking:
                message = f"`{definition.name}` has no {lacking}"
                self.mark(Fault(Diagnostic("G131", message, definition.name_span), is_consequence=True))
        elif not end.returned:
            message = f"`{definition.name}` returns nothing"
            refused = self.refuse("G131", message, definition.name_span)
            self.mark(Fault(refused.diagnostic, is_consequence=True))
            self.frame.result = POISON
        return True

    def _lacking_port(self) -> str | None:
        kinds = {kind for kind, _ in self.ports}
        if "input" not in kinds:
            return "input"
        return None if "output" in kinds else "output"


def carried(motifs: Motifs) -> Mapping[str, MotifUse]:
    """The motifs that a called block may use too; labelled stages are known to the body that labelled them alone."""
    return {name: use for name, use in motifs.items() if not name.startswith("%")}
