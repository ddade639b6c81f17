"""A space's definition goes in; the plan of its choices comes out, found by elaborating all candidates at once.

Statements run on states instead of values: a choice splits a state, and states that no later statement can tell apart
are joined again. Tensors are their types, so a shape that is wrong for some candidate is found here, unbuilt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ghndsl import ops
from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.choices import Domain
from ghndsl.language.context import Frame, PoisonedError, RefusalError
from ghndsl.language.elaborate import TWO_CHOICES, bind_settings, top_frame
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.modules import Module
from ghndsl.language.statements import Statements
from ghndsl.language.values import POISON, At, BlockName, Result, Shared
from ghndsl.space.liveness import live_after
from ghndsl.space.plan import Group, MotifUse, Pick, Plan, Step, Sub, Vertex
from ghndsl.types import TensorType

MOST_STATES = 20_000
"""States of one block that are told apart at a time, and ways of one choice, before a plan is called impossible."""

_TEST, _ITEMS = "%test", "%items"


@dataclass
class _State:
    """What later statements can see: names, how often blocks were called here, the motifs made, what was returned."""

    vertex: Vertex
    names: dict[str, Result]
    calls: dict[str, int]
    motifs: dict[str, MotifUse]
    returned: bool = False
    result: Result = None
    example: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()

    def key(self, live: frozenset[str]) -> tuple[object, ...]:
        """Equal for states that nothing later can tell apart."""
        motifs = tuple(sorted(self.motifs.items(), key=lambda item: item[0]))
        if self.returned:
            return (True, exact(self.result), motifs)
        names = tuple((n, exact(v)) for n, v in sorted(self.names.items()) if n in live or n[0] == "%")
        return (False, names, tuple(sorted(self.calls.items())), motifs)


@dataclass
class _Work:
    """One run of one statement: which way to go at each fork, the forks met so far, the choices made."""

    script: tuple[int, ...] = ()
    trail: list[int] = field(default_factory=list[int])
    widths: list[int] = field(default_factory=list[int])
    steps: list[Step] = field(default_factory=list[Step])


class _DeadError(Exception):
    """No candidate goes this way."""


def exact(value: Result) -> object:
    """A key that tells 1, 1.0 and true apart."""
    if isinstance(value, tuple):
        return tuple(map(exact, value))
    return (type(value).__name__, value) if isinstance(value, bool | float) else value


class Planner(Statements):
    """Plans one space; with `feasible`, only what every `where` over choices lets through."""

    def __init__(
        self,
        module: Module,
        definition: tree.Definition,
        settings: Mapping[str, Result],
        *,
        feasible: bool,
        limits: Limits = DEFAULT,
    ) -> None:
        super().__init__(limits, top_frame(module, definition))
        self.definition = definition
        self.settings = settings
        self.feasible = feasible
        self.motifs: dict[str, MotifUse] = {}
        self.work = _Work()
        self.example: tuple[str, ...] = ()
        self.paths: frozenset[str] = frozenset()
        self.plans: dict[object, Plan] = {}
        self.signatures: dict[object, int] = {}
        self.level = 0
        self.shared: list[Shared] = []
        self.is_filtered = False
        self.is_measured = False

    def plan(self) -> Plan:
        """The plan of the space; raises `CompileError` when no plan can be made."""
        try:
            bind_settings(self, self.definition, self.settings)
            return self._body(self.definition, merge_all=True)
        except (RefusalError, OutOfBoundsError) as refused:
            raise CompileError(*self.faults, refused.diagnostic) from None

    # Bodies

    def _body(self, definition: tree.Definition, *, merge_all: bool = False) -> Plan:
        """The plan of a body, run in the frame at hand."""
        start = Vertex()
        state = _State(start, dict(self.frame.names), {}, dict(self.motifs))
        states = self._run(definition.body, [state], frozenset())
        ends: dict[object, Group] = {}
        for end in states:
            motifs = {name: use for name, use in end.motifs.items() if not name.startswith("%")}
            result = end.result if end.returned or merge_all else POISON
            key = () if merge_all else (exact(result), tuple(sorted(motifs.items(), key=lambda item: item[0])))
            if key not in ends:
                ends[key] = Group(result, motifs, end.vertex)
            elif ends[key].end is not end.vertex:
                ends[key] = self._joined(ends[key], end.vertex)
        return Plan(start, list(ends.values()))

    def _joined(self, group: Group, vertex: Vertex) -> Group:
        """The group with one more end: all lead, without a choice, to a vertex after them."""
        joint = Vertex()
        group.end.edges.append(((), joint))
        vertex.edges.append(((), joint))
        return replace(group, end=joint)

    def _run(
        self, statements: Sequence[tree.Statement], states: list[_State], live_out: frozenset[str]
    ) -> list[_State]:
        done: list[_State] = []
        for statement, live in zip(statements, live_after(statements, live_out), strict=True):
            after: list[_State] = []
            for state in self._one(statement, states, live):
                (done if state.returned else after).append(state)
            states = self._merge(after, live, statement)
            if not states:
                break
        return self._merge(done, frozenset(), None) + states

    def _one(self, node: tree.Statement, states: list[_State], live: frozenset[str]) -> list[_State]:
        if isinstance(node, tree.If):
            return self._branch(node, states, live)
        if isinstance(node, tree.For):
            return self._loop(node, states, live)
        return [after for state in states for after in self._explore(state, lambda: self.attempt(node))]

    def _branch(self, node: tree.If, states: list[_State], live: frozenset[str]) -> list[_State]:
        sides: dict[object, list[_State]] = {True: [], False: [], POISON: []}
        for state in states:
            for after in self._explore(state, lambda: self._remember(_TEST, node, lambda: self.truth(node.test))):
                sides[after.names.pop(_TEST)].append(after)
        for state in sides[POISON]:
            self._poison_state(state, node)
        then = self._run(node.then, sides[True], live) if sides[True] else []
        otherwise = self._run(node.otherwise, sides[False], live) if sides[False] else []
        return then + otherwise + sides[POISON]

    def _loop(self, node: tree.For, states: list[_State], live: frozenset[str]) -> list[_State]:
        lists: dict[object, tuple[Result, list[_State]]] = {}
        for state in states:
            for after in self._explore(state, lambda: self._remember(_ITEMS, node, lambda: self.items(node.iterable))):
                items = after.names.pop(_ITEMS)
                lists.setdefault(exact(items), (items, []))[1].append(after)
        done: list[_State] = []
        names = frozenset(part.id for part in tree.walk(node.body) if isinstance(part, tree.Name))
        for items, group in lists.values():
            if not isinstance(items, tuple):
                for state in group:
                    self._poison_state(state, node)
                done += group
                continue
            done += self._turns(node, items, group, live | names)
        return done

    def _turns(
        self, node: tree.For, items: tuple[Result, ...], states: list[_State], live: frozenset[str]
    ) -> list[_State]:
        returned: list[_State] = []
        for number, item in enumerate(items):
            for state in states:
                self.frame.names = state.names
                self.bind(node.names, item, node.iterable.span)
            self.frame.turns.append(self.turn(number, node.names))
            try:
                after = self._run(node.body, states, live)
            finally:
                self.frame.turns.pop()
            returned += [state for state in after if state.returned]
            states = [state for state in after if not state.returned]
            if not states:
                break
        return returned + states

    def _remember(self, name: str, node: tree.Statement, compute: Callable[[], Result]) -> bool:
        """Keeps what a header evaluates to under a name no text can write; poison when it is refused."""
        self.frame.names[name] = POISON
        holder = self.frame

        def keep(_: tree.Statement) -> bool:
            holder.names[name] = compute()
            return False

        return self._guarded(node, keep)

    def _guarded(self, node: tree.Statement, action: Callable[[tree.Statement], bool]) -> bool:
        try:
            return action(node)
        except RefusalError as refused:
            self.report(refused.diagnostic)
        except PoisonedError:
            pass
        return False

    def _poison_state(self, state: _State, node: tree.Statement) -> None:
        for inner in tree.walk(node):
            if isinstance(inner, tree.Assign | tree.For | tree.Choose):
                state.names |= dict.fromkeys((name.id for name in inner.names), POISON)

    def _explore(self, state: _State, action: Callable[[], bool]) -> list[_State]:
        """The states after an action, one for each way through the forks it meets, in order."""
        found: list[tuple[tuple[int, ...], _State]] = []
        scripts: list[tuple[int, ...]] = [()]
        outer = self.work, self.example
        while scripts:
            script = scripts.pop()
            self.work, self.example = _Work(script), state.example
            self.frame.names, self.frame.calls = dict(state.names), dict(state.calls)
            self.motifs, self.frame.result = dict(state.motifs), None
            self.paths = state.paths
            dead = returned = False
            try:
                returned = action()
            except _DeadError:
                dead = True
            trail, widths = tuple(self.work.trail), self.work.widths
            for place in range(len(script), len(trail)):
                scripts += [(*trail[:place], other) for other in range(1, widths[place])]
            if len(scripts) + len(found) > MOST_STATES:
                raise self._impossible("one statement")
            if not dead:
                found.append((trail, self._after(state, returned)))
        self.work, self.example = outer
        return [after for _, after in sorted(found, key=lambda item: item[0])]

    def _after(self, before: _State, returned: bool) -> _State:
        steps = tuple(self.work.steps)
        vertex = before.vertex
        if steps or self.work.trail:
            vertex = Vertex()
            before.vertex.edges.append((steps, vertex))
        return _State(
            vertex,
            self.frame.names,
            self.frame.calls,
            self.motifs,
            returned,
            self.frame.result,
            self.example,
            self.paths,
        )

    def _merge(self, states: list[_State], live: frozenset[str], node: tree.Statement | None) -> list[_State]:
        """States that later statements cannot tell apart become one."""
        joined: dict[object, _State] = {}
        for state in states:
            key = state.key(live)
            known = joined.setdefault(key, state)
            if known.vertex is not state.vertex:
                joint = Vertex()
                known.vertex.edges.append(((), joint))
                state.vertex.edges.append(((), joint))
                joined[key] = replace(known, vertex=joint, paths=known.paths | state.paths)
        if len(joined) > MOST_STATES:
            raise self._impossible("the choices so far", node.span if node else None)
        return list(joined.values())

    def _impossible(self, what: str, span: Span | None = None) -> OutOfBoundsError:
        message = f"{what} can end in more than {MOST_STATES:,} different ways here, so the space cannot be counted"
        return OutOfBoundsError(self.refuse("G306", message, span or self.definition.name_span).diagnostic)

    def report(self, fault: Diagnostic) -> None:
        """Keeps a fault with the choices that lead to it; only what a candidate can meet is a fault."""
        if self.feasible:
            note = (f"when {', '.join(self.example)}",) if self.example else ()
            super().report(replace(fault, notes=(*note, *fault.notes)))

    # What statements become

    def fork(self, width: int) -> int:
        """Which of `width` ways to go in this run."""
        place = len(self.work.trail)
        way = self.work.script[place] if place < len(self.work.script) else 0
        self.work.trail.append(way)
        self.work.widths.append(width)
        return way

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        if domain.size > MOST_STATES:
            raise self._impossible("this choice", node.span)
        self._once(path, node.span)
        number = self.fork(domain.size)
        self.work.steps.append(Pick(path, domain, number))
        picks = domain.picks(number)
        self.example = (*self.example, f"{path} = {domain.show(picks)}")
        return picks

    def _once(self, path: str, span: Span) -> None:
        """Refuses a second choice of one path: a candidate's line could not tell them apart."""
        if path in self.paths:
            raise self.refuse("G134", f"two choices would have the path `{path}`", span, help=TWO_CHOICES)
        self.paths = self.paths | {path}

    def require(self, node: tree.Where, holds: bool) -> None:
        self.is_filtered = True
        if self.feasible and not holds:
            raise _DeadError

    def postpone(self, node: tree.Where) -> None:
        self.is_measured = True

    def add_input(self, name: str, kind: TensorType, span: Span) -> Value:
        return Value(0, kind)

    def add_output(self, name: str, value: Value, *, is_exit: bool, span: Span) -> None:
        pass

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        types = [tensor.type for tensor in tensors]
        results = op.infer(*types)
        op.weights(*types)
        return tuple(Value(0, kind) for kind in results)

    # What calls become

    def new_key(self) -> int:
        return self.level

    def enter_shared(self, stage: Shared) -> None:
        self.shared.append(stage)

    def leave_shared(self) -> None:
        self.shared.pop()

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        prefix = frame.at.choices
        is_motif = block.definition.kind == "motif"
        key = prefix if is_motif else f"%{prefix}" if self.shared else ""
        made = self.motifs.get(key) if key else None
        before = dict(made.before) if made else dict(self.motifs)
        plan = self._plan_of(block, frame, before)
        if not plan.groups:
            raise _DeadError
        if made is not None:
            return self._again(block, plan, made, span)
        group = self.fork(len(plan.groups)) if len(plan.groups) > 1 else 0
        if plan.has_choices:
            if self.shared and self.shared[-1].key != self.level and not is_motif:
                message = "a labelled stage with choices is used outside of the block that labelled it"
                raise self.refuse("G306", message, span, help="make it a `motif`: its choices are shared by all uses")
            if not is_motif:
                self._once(f"{prefix}.", span)
            self.work.steps.append(Sub(prefix, plan, group, is_motif))
        self.motifs = {**self.motifs, **plan.groups[group].motifs}
        if key and plan.has_choices:
            frozen = tuple(sorted(before.items(), key=lambda item: item[0]))
            use = MotifUse(self._signature(plan, True), self._signature(plan, False), group, frozen)
            self.motifs[key] = use
        return plan.groups[group].result

    def _again(self, block: BlockName, plan: Plan, made: MotifUse, span: Span) -> Result:
        """A later use of a motif: its choices are made; the result is that of the same ways."""
        if self._signature(plan, False) != made.shape:
            message = f"the choices of `{block.name}` have other options here than at its first use"
            raise self.refuse("G305", message, span)
        if self._signature(plan, True) != made.signature:
            message = f"which choices of `{block.name}` give which shape differs between its uses; it cannot be counted"
            raise OutOfBoundsError(self.refuse("G306", message, span).diagnostic)
        return plan.groups[made.group].result

    def _plan_of(self, block: BlockName, frame: Frame, motifs: dict[str, MotifUse]) -> Plan:
        """The plan of a call, from memory when the same call was planned before."""
        names = tuple((name, exact(value)) for name, value in frame.names.items())
        key = (block.identity, names, tuple(sorted(motifs.items(), key=lambda item: item[0])))
        if key not in self.plans:
            outer = self.work, self.motifs, self.frame, self.shared, self.paths
            self.work, self.motifs, self.shared = _Work(), motifs, []
            self.frame = replace(frame, at=At("", ""), turns=[], calls={}, numbered=0)
            self.level += 1
            try:
                self.plans[key] = self._body(block.definition)
            finally:
                self.level -= 1
                self.work, self.motifs, self.frame, self.shared, self.paths = outer
        return self.plans[key]

    def _signature(self, plan: Plan, with_groups: bool) -> int:
        """A number equal for plans that offer the same choices in the same order (and end in the same groups)."""
        order = {vertex: number for number, vertex in enumerate(plan.order())}
        edges = tuple(
            tuple((self._steps(steps, with_groups), order[target]) for steps, target in vertex.edges)
            for vertex in order
        )
        ends = tuple(order[group.end] for group in plan.groups) if with_groups else ()
        return self.signatures.setdefault((edges, ends), len(self.signatures))

    def _steps(self, steps: tuple[Step, ...], with_groups: bool) -> tuple[object, ...]:
        return tuple(
            step if isinstance(step, Pick) else (step.prefix, self._signature(step.plan, with_groups), step.group)
            for step in steps
        )
