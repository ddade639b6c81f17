"""A block and its arguments go in; the diagram of the choices in it, a result for each group of ways, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.language import tree
from ghndsl.language.context import Frame
from ghndsl.language.exits import late_exit
from ghndsl.language.limits import Limits
from ghndsl.language.values import POISON, At, BlockName, Result
from ghndsl.records import record
from ghndsl.space.measures.costs import Way
from ghndsl.space.planning.growth import Vertex, finish
from ghndsl.space.planning.paying import Paying
from ghndsl.space.planning.sharing import Made
from ghndsl.space.planning.states import Motifs, MotifUse, State, exact
from ghndsl.space.planning.tallies import tallied
from ghndsl.space.ways.diagram import Diagram, Diagrams, Fault


@record
class Group:
    """Ways through a body that are alike to whoever called it: one result, one state of the motifs."""

    result: Result
    motifs: Motifs


@record
class Plan:
    """All ways through the choices of one call; no diagram when there is none.

    `way` has what they cost, in the same groups, where that is asked for.
    """

    diagram: Diagram | None
    groups: Sequence[Group]
    way: Way | None = None


class Bodies(Paying):
    """Plans the bodies of blocks, each once for one set of arguments and one state of the motifs."""

    def __init__(self, limits: Limits, frame: Frame, definition: tree.Definition, *, feasible: bool) -> None:
        super().__init__(limits, frame, definition, feasible=feasible)
        # Ways are told apart by what no input leads to only where that may be refused.
        self.tells_idle = any(isinstance(part, tree.Output) and part.is_exit for part in tree.walk(definition.body))
        self.make = Diagrams()
        self._plans: dict[object, Plan] = {}
        self.made_by_plan: dict[object, Made] = {}
        self._planned = 0
        self._open: list[tuple[object, tree.Definition]] = []

    def exhausted(self, code: str, message: str, span: Span, help: str | None = None) -> Exception:  # noqa: A002
        if code == "G125" and self._is_endless():
            name, deep = self._open[-1][1].name, self.limits.depth
            message = f"this space never ends: `{name}` can lead to itself again and again, more than {deep} deep"
            help = "pass on how deep it may still go, `n - 1`, and choose only `if n > 0`"  # noqa: A001
        if code == "G125" and not self.feasible:
            # Candidates that meet every `where` were planned before; this depth is met by none of them.
            return self.refuse(code, message, span, (), help)
        return super().exhausted(code, message, span, help)

    def _is_endless(self) -> bool:
        """Whether the call at work stands, by choices, in one that was given the same."""
        keys = [key for key, _ in self._open]
        if not keys or keys[-1] not in keys[:-1]:
            return False
        between = self._open[keys.index(keys[-1]) :]
        return any(isinstance(part, tree.Choose) for _, one in between for part in tree.walk(one))

    def whole(self) -> Plan:
        """The plan of the definition itself, run in the frame at hand."""
        start = Vertex()
        for end in self._ends(self.definition, start, {}):
            end.vertex.itself.group = 0
        return self._finished(start, ())

    def _finished(self, start: Vertex, groups: Sequence[Group]) -> Plan:
        diagram = finish(start.itself, self.make)
        return Plan(diagram, groups, None if self.ledger is None else tallied(start.itself))

    def plan_of(self, block: BlockName, frame: Frame, motifs: Motifs, span: Span) -> Plan:
        """The plan of a call, from memory when the same call was planned before."""
        names = tuple([(name, exact(value)) for name, value in frame.names.items()])
        key = (id(block.definition), names, frozenset(motifs.items()))
        if key not in self._plans:
            outer = self.current, self.motifs, self.frame, self.shared, self.places, self.ports, self.body, self.token
            late, weights, made, self.made = self.late, self.weights, self.made, set()
            self._planned += 1
            self._open.append((key, block.definition))
            self.shared, self.body, self.token = [], block.definition, self._planned
            self.homes[self.token] = id(block.definition)
            self.frame = replace(frame, at=At("", ""), turns=[], calls={}, numbered=0)
            try:
                self._plans[key] = self._plan(block.definition, motifs)
            finally:
                self._open.pop()
                self.made_by_plan[key], self.made, self.weights = frozenset(self.made), made, weights
                self.late = late
                self.current, self.motifs, self.frame, self.shared, self.places, self.ports, self.body, self.token = (
                    outer
                )
        self.share_block(block.definition, frame.at.path, self.made_by_plan[key], span)
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
        return self._finished(start, found)

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
                return True
            for name, span in sorted(self.late, key=lambda late: late[1].start):
                self.mark(Fault(late_exit(name, span)))
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
