"""The statements of a body go in; all states that candidates can leave it in come out, ill-formed ones reported.

Statements run on states instead of values: a choice splits a state, and states that no later statement can tell apart
are joined again. Tensors are their types, so a shape that is wrong for some candidate is found here, unbuilt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.language import tree
from ghndsl.language.context import Frame, PoisonedError, RefusalError
from ghndsl.language.exits import may_output
from ghndsl.language.limits import Limits
from ghndsl.language.values import POISON, Result
from ghndsl.space.planning.liveness import Liveness
from ghndsl.space.planning.runs import MOST_STATES, Runs
from ghndsl.space.planning.states import Merging, State, exact

_HEADER = "%header"
_Items: TypeAlias = tuple[Result, list[State]]


class Exploration(Runs):
    """Runs bodies, branches and loops on all states at once."""

    def __init__(self, limits: Limits, frame: Frame, *, feasible: bool) -> None:
        super().__init__(limits, frame, feasible=feasible)
        self._liveness = Liveness()
        self._merging = Merging()

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
            done += self._turns(node, items, alike, self._liveness.turning(node, live))
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
        self.passed_over(node)
        state.late = frozenset() if may_output(node) else state.late
        for inner in tree.walk(node):
            if isinstance(inner, tree.Assign | tree.For | tree.Choose):
                state.names |= dict.fromkeys((name.id for name in inner.names), POISON)

    def _merged(self, states: list[State], live: frozenset[str], span: Span | None) -> list[State]:
        joined = self._merging.merged(states, live) if len(states) > 1 else states
        if len(joined) > MOST_STATES:
            raise self.impossible("the choices so far", span)
        return joined
