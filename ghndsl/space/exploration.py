"""The statements of a body go in; all states that candidates can leave it in come out, ill-formed ones reported.

Statements run on states instead of values: a choice splits a state, and states that no later statement can tell apart
are joined again. Tensors are their types, so a shape that is wrong for some candidate is found here, unbuilt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.choices import Domain
from ghndsl.language.context import Frame, PoisonedError, RefusalError
from ghndsl.language.elaborate import TWO_CHOICES
from ghndsl.language.limits import Limits
from ghndsl.language.statements import Statements
from ghndsl.language.values import POISON, Result
from ghndsl.space.clashes import Place, common_path
from ghndsl.space.diagram import Fault, Pick, Question
from ghndsl.space.liveness import Liveness
from ghndsl.space.states import Merging, MotifUse, Port, State, exact
from ghndsl.types import TensorType

MOST_STATES = 10_000
"""States of one body that are told apart at a time, and ways of one choice, before a plan is called impossible."""

_HEADER = "%header"
_Items = tuple[Result, list[State]]


@dataclass
class _Run:
    """One run of one statement: which way to go at each fork, the forks met so far, the answers given."""

    script: tuple[int, ...] = ()
    trail: list[int] = field(default_factory=list[int])
    widths: list[int] = field(default_factory=list[int])
    answers: list[tuple[Question, int]] = field(default_factory=list[tuple[Question, int]])


class DeadError(Exception):
    """No candidate goes this way."""


class Exploration(Statements):
    """Runs the statements of bodies on states; with `feasible`, only where every `where` over choices holds."""

    def __init__(self, limits: Limits, frame: Frame, *, feasible: bool) -> None:
        super().__init__(limits, frame)
        self.feasible = feasible
        self.is_filtered = False
        self.is_measured = False
        self.current = _Run()
        self.motifs: dict[str, MotifUse] = {}
        self.places: frozenset[Place] = frozenset()
        self.ports: frozenset[Port] = frozenset()
        self._liveness = Liveness()
        self._merging = Merging()
        self._inferred: dict[tuple[ops.Operator, tuple[TensorType, ...]], tuple[Value, ...]] = {}
        self._options: dict[tuple[int, ...], tuple[tuple[Result, ...], Domain]] = {}

    # Bodies

    def states_after(
        self, statements: Sequence[tree.Statement], states: list[State], live_out: frozenset[str]
    ) -> list[State]:
        """The states after statements; names in `live_out` are read later."""
        done: list[State] = []
        for statement, live in zip(statements, self._liveness.after(statements, live_out), strict=True):
            after = self._one(statement, states, live)
            done += [state for state in after if state.returned]
            states = self._merged([state for state in after if not state.returned], live, statement.span)
            if not states:
                break
        return self._merged(done, frozenset(), None) + states

    def _one(self, node: tree.Statement, states: list[State], live: frozenset[str]) -> list[State]:
        if isinstance(node, tree.If):
            return self._branch(node, states, live)
        if isinstance(node, tree.For):
            return self._loop(node, states, live)
        return [after for state in states for after in self.explore(state, lambda: self.attempt(node))]

    def _branch(self, node: tree.If, states: list[State], live: frozenset[str]) -> list[State]:
        sides: dict[object, list[State]] = {True: [], False: [], POISON: []}
        for state in states:
            for value, after in self._header(state, node, lambda: self.truth(node.test)):
                sides[value].append(after)
        then = self.states_after(node.then, sides[True], live) if sides[True] else []
        otherwise = self.states_after(node.otherwise, sides[False], live) if sides[False] else []
        return then + otherwise + sides[POISON]

    def _loop(self, node: tree.For, states: list[State], live: frozenset[str]) -> list[State]:
        lists: dict[object, _Items] = {}
        done: list[State] = []
        for state in states:
            for items, after in self._header(state, node, lambda: self.items(node.iterable)):
                if isinstance(items, tuple):
                    lists.setdefault(exact(items), (items, []))[1].append(after)
                else:
                    done.append(after)
        for items, alike in lists.values():
            done += self._turns(node, items, alike, live | self._liveness.names(node))
        return done

    def _turns(self, node: tree.For, items: Result, states: list[State], live: frozenset[str]) -> list[State]:
        done: list[State] = []
        for number, item in enumerate(items if isinstance(items, tuple) else ()):
            self.step(node.span)
            bound = [pair for state in states for pair in self._with_item(state, node, item)]
            done += [state for is_bound, state in bound if not is_bound]
            states = [state for is_bound, state in bound if is_bound]
            if not states:
                break
            self.frame.names = states[0].names
            self.frame.turns.append(self.turn(number, node.names))
            try:
                after = self.states_after(node.body, states, live)
            finally:
                self.frame.turns.pop()
            done += [state for state in after if state.returned]
            states = [state for state in after if not state.returned]
        return done + states

    def _with_item(self, state: State, node: tree.For, item: Result) -> list[tuple[bool, State]]:
        """The state with an item given to the loop's names; false where they do not fit."""
        if len(node.names) == 1:
            state.names[node.names[0].id] = item
            return [(True, state)]

        def bind() -> Result:
            self.bind(node.names, item, node.iterable.span)
            return True

        return [(value is True, after) for value, after in self._header(state, node, bind)]

    def _header(
        self, state: State, node: tree.If | tree.For, compute: Callable[[], Result]
    ) -> list[tuple[Result, State]]:
        """What a part of a statement's header stands for in each state after it; poison when it is refused."""

        def keep() -> bool:
            self.frame.names[_HEADER] = self._guarded(node, compute)
            return False

        pairs = [(after.names.pop(_HEADER), after) for after in self.explore(state, keep)]
        for value, after in pairs:
            if value is POISON:
                self._poison_names(node, after)
        return pairs

    def _guarded(self, node: tree.If | tree.For, compute: Callable[[], Result]) -> Result:
        try:
            return compute()
        except RefusalError as refused:
            self.report(refused.diagnostic)
        except PoisonedError:
            pass
        except RecursionError:
            self.report(self.refuse("G004", "this is nested too deeply", node.span).diagnostic)
        return POISON

    def _poison_names(self, node: tree.If | tree.For, state: State) -> None:
        for inner in tree.walk(node):
            if isinstance(inner, tree.Assign | tree.For | tree.Choose):
                state.names |= dict.fromkeys((name.id for name in inner.names), POISON)

    # States

    def explore(self, state: State, action: Callable[[], bool]) -> list[State]:
        """The states after an action that says whether it returned, one for each way through the forks it meets."""
        found: list[tuple[tuple[int, ...], State]] = []
        scripts: list[tuple[int, ...]] = [()]
        outer = self.current, self._options
        self._options = {}
        while scripts:
            self.current = run = _Run(scripts.pop())
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

    def _leave(self, before: State, run: _Run, returned: bool) -> State:
        vertex = before.vertex.itself.along(run.answers)
        frame = self.frame
        return State(vertex, frame.names, frame.calls, self.motifs, self.ports, self.places, returned, frame.result)

    def _merged(self, states: list[State], live: frozenset[str], span: Span | None) -> list[State]:
        joined = self._merging.merged(states, live) if len(states) > 1 else states
        if len(joined) > MOST_STATES:
            raise self.impossible("the choices so far", span)
        return joined

    def impossible(self, what: str, span: Span | None) -> OutOfBoundsError:
        """A refusal of a space that has no plan within bounds."""
        message = f"{what} can end in more than {MOST_STATES:,} different ways here, so the space cannot be counted"
        return OutOfBoundsError(self.refuse("G306", message, span or self.frame.scope.span).diagnostic)

    def report(self, fault: Diagnostic) -> None:
        """Marks the way at hand as faulty; it is a fault of the space if a candidate goes it to its end."""
        self.mark(Fault(fault))

    def mark(self, fault: Fault) -> None:
        """Marks the way at hand, when faults are looked for."""
        if self.feasible:
            self.current.answers.append((fault, 0))

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
        run.answers.append((question, way))
        return way

    def options(self, node: tree.Choose) -> tuple[tuple[Result, ...], Domain]:
        key = (id(node), *self.current.trail)
        if key not in self._options:
            asked = len(self.current.answers)
            calls = dict(self.frame.calls)
            found = super().options(node)
            if len(self.current.answers) > asked or self.frame.calls != calls:
                return found
            self._options[key] = found
        return self._options[key]

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        if domain.size > MOST_STATES:
            raise self.impossible("this choice", node.span)
        self.once((path, None), node.span)
        return domain.picks(self.ask(Pick(path, domain), range(domain.size)))

    def once(self, place: Place, span: Span) -> None:
        """Refuses a second choice of one path: a candidate's line could not tell them apart."""
        for other in self.places:
            path = common_path(other, place)
            if path is not None:
                hint = "give one of the two another name" if path == place[0] else TWO_CHOICES
                raise self.refuse("G134", f"two choices would have the path `{path}`", span, help=hint)
        self.places = self.places | {place}

    def require(self, node: tree.Where, holds: bool) -> None:
        self.is_filtered = True
        if self.feasible and not holds:
            raise DeadError

    def postpone(self, node: tree.Where) -> None:
        self.is_measured = True

    def add_input(self, name: str, kind: TensorType, span: Span) -> Value:
        if ("input", name) in self.ports:
            raise self.refuse("G111", f"there are two inputs named `{name}`", span)
        self.ports |= {("input", name)}
        return Value(0, kind)

    def add_output(self, name: str, value: Value, *, is_exit: bool, span: Span) -> None:
        if any(name == other for _, other in self.ports):
            raise self.refuse("G111", f"there are two inputs or outputs named `{name}`", span)
        self.ports |= {("exit" if is_exit else "output", name)}

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        types = tuple([tensor.type for tensor in tensors])
        known = self._inferred.get((op, types))
        if known is None:
            known = tuple([Value(0, kind) for kind in op.infer(*types)])
            op.weights(*types)
            self._inferred[op, types] = known
        return known
