"""One statement and a state go in; the states after it come out, one for each way through the choices it meets.

A statement is run again for each way: a run follows a script of which way to go at each fork and takes the first way at
further ones, which gives the scripts of the runs to come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.choices import Domain
from ghndsl.language.context import Frame
from ghndsl.language.elaborate import TWO_CHOICES
from ghndsl.language.exits import idle_exit, may_output
from ghndsl.language.graph_choices import GraphDomain
from ghndsl.language.limits import Limits
from ghndsl.language.statements import Statements
from ghndsl.language.values import Result
from ghndsl.space.planning.clashes import Place, common_path
from ghndsl.space.planning.places import Places
from ghndsl.space.planning.run import Run
from ghndsl.space.planning.skipped import may_choose
from ghndsl.space.planning.states import Kept, LateExit, MotifUse, Port, State
from ghndsl.space.planning.unmet import Unmet
from ghndsl.space.ways.diagram import Fault, Pick, Question
from ghndsl.types import TensorType

MOST_STATES = 10_000
"""States of one body that are told apart at a time, and ways of one choice, before a plan is called impossible."""
MOST_GRAPHS = 300
"""Graphs of one choice that are planned one by one; of more, some are tried, and all must lead on alike."""
GRAPHS_TRIED = 48
"""About how many those are."""
_LED, _IDLE = 0, 1
"""The ids of tensors: of those that some input leads to, and of the others."""
_PLACES_A_STEP = 200
"""Choices that are kept anew with a further one in the time of a step."""
_STEPS_A_WAY = 10
"""What each way through a statement counts for in the limit of steps, by the time and memory that it takes."""


class DeadError(Exception):
    """No candidate goes this way."""


class Runs(Statements):
    """Runs statements on states; with `feasible`, only where every `where` over choices holds."""

    def __init__(self, limits: Limits, frame: Frame, *, feasible: bool) -> None:
        super().__init__(limits, frame)
        self.feasible = feasible
        self.is_filtered = False
        self.is_measured = False
        self.is_cut = False
        self.unmet = Unmet()
        self.current = Run()
        self.motifs: dict[str, MotifUse] = {}
        self.places = Places()
        self.ports: frozenset[Port] = frozenset()
        self.late: frozenset[LateExit] = frozenset()
        self.tells_idle = False
        self.weights: dict[str, Kept] = {}
        self._inferred: dict[tuple[ops.Operator, tuple[TensorType, ...], int], tuple[Value, ...]] = {}
        self.weights_of: dict[tuple[ops.Operator, tuple[TensorType, ...]], tuple[tuple[ops.Weight, ...], int]] = {}
        self._shapes: dict[tuple[ops.Weight, ...], int] = {}
        self._counted: set[GraphDomain] = set()
        self.bundles: dict[Span, Pick] = {}
        self._options: dict[tuple[int, ...], tuple[tuple[Result, ...], Domain]] = {}

    # States

    def explore(self, state: State, action: Callable[[], bool]) -> list[State]:
        """The states after an action that says whether it returned, one for each way through the forks it meets."""
        found: list[tuple[tuple[int, ...], State]] = []
        scripts: list[tuple[int, ...]] = [()]
        outer = self.current, self._options
        self._options = {}
        while scripts:
            self.current = run = Run(scripts.pop())
            self.steps += _STEPS_A_WAY
            self._enter(state)
            try:
                returned = action()
                found.append((tuple(run.trail), self._leave(state, run, returned)))
            except DeadError:
                pass
            for place in range(len(run.script), len(run.trail)):
                scripts += [(*run.trail[:place], other) for other in range(1, run.widths[place])]
            if len(scripts) + len(found) > MOST_STATES:
                raise self.impossible("one statement", None)
        self.current, self._options = outer
        return [after for _, after in sorted(found, key=lambda item: item[0])]

    def _enter(self, state: State) -> None:
        self.frame.names, self.frame.calls, self.frame.result = dict(state.names), dict(state.calls), None
        self.motifs, self.places, self.ports = dict(state.motifs), state.places, state.ports
        self.late, self.weights = state.late, dict(state.weights)

    def _leave(self, before: State, run: Run, returned: bool) -> State:
        vertex = before.vertex.itself.along(run.told())
        frame = self.frame
        ports = self.ports, self.late
        left = (frame.names, frame.calls, self.motifs, *ports, self.places, returned, frame.result, self.weights)
        return State(vertex, *left)

    def impossible(self, what: str, span: Span | None) -> OutOfBoundsError:
        """A refusal of a space that has no plan within bounds."""
        message = f"{what} can end in more than {MOST_STATES:,} different ways here, so the space cannot be counted"
        hint = "fewer options, or several choices of fewer each, are counted apart"
        return OutOfBoundsError(self.refuse("G306", message, span or self.frame.scope.span, help=hint).diagnostic)

    def report(self, fault: Diagnostic) -> None:
        """Marks the way at hand as faulty; it is a fault of the space if a candidate goes it to its end."""
        self.mark(Fault(fault))

    def mark(self, fault: Fault) -> None:
        """Marks the way at hand, when faults are looked for."""
        if self.feasible:
            self.current.answers.append((fault, 0))

    def passed_over(self, node: tree.Statement) -> None:
        """Notes that what a statement might have chosen is not known, since it is faulty or needs what is."""
        asked = [question for question, _ in self.current.answers if isinstance(question, Pick)]
        is_made = isinstance(node, tree.Choose) and any(pick.span == node.span for pick in asked)
        self.is_cut = self.is_cut or may_choose(node, self.lookup, is_made=is_made)

    def _poison(self, node: tree.Statement) -> None:
        self.passed_over(node)
        self.late = frozenset() if may_output(node) else self.late
        super()._poison(node)

    # What statements become

    def ask(self, question: Question, ways: Sequence[int]) -> int:
        """The answer to a question in this run, one of `ways`."""
        run, way = self.current, ways[0]
        if len(ways) > 1:
            place = len(run.trail)
            taken = run.script[place] if place < len(run.script) else 0
            run.trail.append(taken)
            run.widths.append(len(ways))
            way = ways[taken]
        run.told().append((question, way))
        return way

    def options(self, node: tree.Choose) -> tuple[tuple[Result, ...], Domain]:
        key = (id(node), *self.current.trail)
        if key not in self._options:
            told = self.current.state
            calls = dict(self.frame.calls)
            found = super().options(node)
            if self.current.state != told or self.frame.calls != calls:
                return found
            self._options[key] = found
        return self._options[key]

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        tried = None
        if isinstance(domain, GraphDomain):
            self._charge_counting(domain)
            tried = domain.dags.spread(GRAPHS_TRIED) if domain.size > MOST_GRAPHS else None
        elif domain.size > MOST_STATES:
            raise self.impossible("this choice", node.span)
        self.once((path, None), node.span)
        question = Pick(path, domain, tried=tried, span=node.span)
        if tried is not None:
            self.bundles[node.span] = question
        return domain.picks(question.way(self.ask(question, range(question.width))))

    def _charge_counting(self, domain: GraphDomain) -> None:
        """Counts the work of counting graphs, which is done once for each choice of them."""
        if domain not in self._counted:
            self._counted.add(domain)
            self.steps += domain.dags.work

    def once(self, place: Place, span: Span) -> None:
        """Refuses a second choice of one path: a candidate's line could not tell them apart."""
        self.steps += len(self.places) // _PLACES_A_STEP
        for other in self.places.near(place[0]):
            path = common_path(other, place)
            if path is not None:
                hint = "give one of the two another name" if path == place[0] else TWO_CHOICES
                raise self.refuse("G134", f"two choices would have the path `{path}`", span, help=hint)
        self.places = self.places.with_one(place)

    def require(self, node: tree.Where, holds: bool) -> None:
        self.is_filtered = True
        self.unmet.saw(node, self.frame.names, holds=holds)
        if self.feasible and not holds:
            raise DeadError

    def postpone(self, node: tree.Where) -> None:
        self.is_measured = True

    def nodes_made(self) -> int:
        # Numbers are for the paths of weights, which no plan has.
        return 0

    def claim(self, name: str, word: str, span: Span) -> None:
        if any((kind, name) in self.ports for kind in ("input", "output", "exit")):
            raise self.refuse("G111", f"there are two inputs or outputs named `{name}`", span)
        self.ports |= {(word, name)}
        if word == "output":
            self.late = frozenset()

    def add_input(self, name: str, kind: TensorType, span: Span) -> Value:
        return Value(_LED, kind)

    def add_output(self, name: str, value: Value, *, is_exit: bool, span: Span) -> None:
        if is_exit:
            self.late |= {(name, span)}
            if value.id == _IDLE:
                self.mark(Fault(idle_exit(name, span)))

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        types = tuple([tensor.type for tensor in tensors])
        led = _IDLE if self.tells_idle and all(tensor.id == _IDLE for tensor in tensors) else _LED
        known = self._inferred.get((op, types, led))
        if known is None:
            known = tuple([Value(led, kind) for kind in op.infer(*types)])
            self._inferred[op, types, led] = known
            shapes = tuple(op.weights(*types))
            self.weights_of[op, types] = shapes, self._shapes.setdefault(shapes, len(self._shapes))
        return known
