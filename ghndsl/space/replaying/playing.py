"""The plan of a candidate goes in; its nodes, scopes and ports are added to the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ghndsl.ir import Scope, Value
from ghndsl.language.elaborate import Elaborator
from ghndsl.records import altered
from ghndsl.space.replaying.pieces import under
from ghndsl.space.replaying.plans import Plan
from ghndsl.space.replaying.script import Final, Made, Opened, Step


class Playing(Elaborator):
    """Makes what scripts say, in place of what elaboration would make of the text."""

    def play_all(self, plan: Plan, final: Final) -> None:
        """Makes what a plan of the whole space says. No two parts of it can name the same weights."""
        self.frame.scope = replace(final.scope)
        values = self.play(plan, [self.frame.scope], "", ())
        for gate in final.gates:
            port = gate.port
            self.builder.output(port.name, values[gate.place], is_exit=port.is_exit, span=port.span)
        self.measures += final.measures
        self.frame.names.update(final.names)

    def play(self, plan: Plan, scopes: list[Scope], base: str, tensors: Sequence[Value]) -> list[Value]:
        """Makes what a plan says below a path; gives its tensors, and adds the scopes that it opens to the body's."""
        values = [*tensors]
        for steps, call, inner in plan.calls:
            self._make(steps, values, scopes, base)
            scope = self._opened(call.opened, scopes, base)
            given = [values[place] for place in call.tensors]
            made = self.play(inner, [scope], scope.path, given)
            values += [made[place] for place in inner.end.fresh]
        self._make(plan.steps, values, scopes, base)
        return values

    def _make(self, steps: Sequence[Step], values: list[Value], scopes: list[Scope], base: str) -> None:
        for step in steps:
            if isinstance(step, Made):
                inputs = tuple([values[place] for place in step.inputs])
                values += self.builder.again(step.node, inputs, under(base, step.path), scopes[step.scope]).results
            elif isinstance(step, Opened):
                scopes.append(self._opened(step, scopes, base))
            else:
                values.append(self.builder.input(step.port.name, step.port.value.type, step.port.span))

    def _opened(self, opened: Opened, scopes: Sequence[Scope], base: str) -> Scope:
        scope, parent = opened.scope, scopes[opened.parent]
        use = self.uses.get(scope.name, 0)
        self.uses[scope.name] = use + 1
        return altered(scope, path=under(base, opened.path), parent=parent, use=use)
