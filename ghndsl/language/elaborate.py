"""A definition, its settings and the choices made for it go in; the one graph they describe comes out.

This is the one door into the graph: what a person wrote and what a search sampled pass through it alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from ghndsl import ops
from ghndsl.diagnostics import CompileError, Diagnostic, Mark, Span
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.ir.measure import batch_symbol
from ghndsl.language import tree
from ghndsl.language.block_calls import are
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.choices import Domain
from ghndsl.language.collection import no_collection
from ghndsl.language.context import Frame, PoisonedError, RefusalError
from ghndsl.language.exits import exit_faults
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.modules import Module
from ghndsl.language.owners import ClashError, Owners
from ghndsl.language.recursion import deep_recursion
from ghndsl.language.settings import bind_settings
from ghndsl.language.statements import Statements
from ghndsl.language.tensor_syntax import MEASURES
from ghndsl.language.untold_sizes import untold_sizes
from ghndsl.language.values import At, BlockName, Result, Shared, is_number
from ghndsl.types import TensorType, symbols


def elaborate(
    module: Module,
    definition: tree.Definition,
    settings: Mapping[str, Result] | None = None,
    choices: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
) -> Graph:
    """The graph of an architecture, or of a space with its choices made (path of the choice to its text).

    Raises `CompileError` with every independent fault.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.modules import module_from_text
    >>> text = "arch a(k: int = 3) { input x: f32[N, 1, 8, 8]\\n output y = x -> conv(4, k) -> relu }"
    >>> module = module_from_text(Source("a.arch", text))
    >>> elaborate(module, module.main(("arch",)), {"k": 5}).outputs["y"].shape[2:]
    (4, 4)
    """
    run = Elaborator(module, definition, settings or {}, choices or {}, limits)
    return run.graph()


_MOST_NUMBERS = 2**63 - 1
"""What torch and ONNX count numbers and bytes with."""
TWO_CHOICES = "give the calls they are made in different labels, with `as`"
"""The help line of two choices with one path."""
NOT_MET = "the candidate does not meet this condition"
"""What is said of a `where`."""


def top_frame(module: Module, definition: tree.Definition) -> Frame:
    """The frame of an architecture or space, before its parameters are bound."""
    return Frame(module, Scope(definition.kind, definition.name), At("", ""))


def _unknown_sizes(graph: Graph) -> frozenset[str]:
    """The names of sizes that keep a graph from being measured: those of its inputs, but for the batch."""
    names = frozenset[str]().union(*[symbols(*port.value.type.shape) for port in graph.arguments])
    return names - {batch_symbol(graph)}


class Elaborator(Statements):
    """Elaborates one definition into a graph."""

    def __init__(
        self,
        module: Module,
        definition: tree.Definition,
        settings: Mapping[str, Result],
        choices: Mapping[str, str],
        limits: Limits = DEFAULT,
    ) -> None:
        super().__init__(limits, top_frame(module, definition))
        self.definition = definition
        self.settings = settings
        self.made = choices
        self.faults += module.faults
        self.builder = GraphBuilder(definition.name, definition.doc)
        self.owners = Owners()
        self.domains: dict[str, tuple[Domain, Span]] = {}
        self.measures: list[tree.Where] = []
        self.ports: dict[str, tuple[str, Span]] = {}

    def graph(self) -> Graph:
        """Runs the definition; raises `CompileError`."""
        with deep_recursion(), no_collection():
            self._run_all()
        if self.faults:
            raise CompileError(*self.faults)
        self._check_ports()
        self._check_choices()
        graph = self.builder.finish()
        untold = list(islice(untold_sizes(graph), self.limits.errors))
        if untold:
            raise CompileError(*untold)
        with deep_recursion():
            self._check_measures(graph)
        return graph

    def _run_all(self) -> None:
        try:
            for fault in bind_settings(self, self.definition, self.settings):
                self.report(fault)
            self.run(self.definition.body)
        except (RefusalError, OutOfBoundsError) as refused:
            self.faults.append(refused.diagnostic)
        except RecursionError:
            self.faults.append(Diagnostic("G004", "this is nested too deeply", self.definition.name_span))

    def _check_ports(self) -> None:
        definition = self.definition
        for ports, word in ((self.builder.arguments, "input"), (self.builder.results, "output")):
            if not ports:
                raise CompileError(Diagnostic("G131", f"`{definition.name}` has no {word}", definition.name_span))
        if all(port.is_exit for port in self.builder.results):
            message = f"`{definition.name}` has exits, but no output"
            raise CompileError(Diagnostic("G131", message, definition.name_span))
        misplaced = list(islice(exit_faults(self.builder), self.limits.errors))
        if misplaced:
            raise CompileError(*misplaced)

    def _check_choices(self) -> None:
        left = [path for path in self.made if path not in self.domains]
        if left:
            message = f"the candidate chooses `{left[0]}`, which `{self.definition.name}` does not ask for here"
            raise CompileError(Diagnostic("G304", message))

    def _check_measures(self, graph: Graph) -> None:
        if not self.measures:
            return
        measured: dict[str, Result] = {name: getattr(graph, name) for name in MEASURES if name != "nodes"}
        measured["nodes"] = len(graph.nodes)
        self.frame.names = {**measured, **self.frame.names}
        for node in self.measures:
            try:
                self._check_known(node, graph)
                self.require(node, self.truth(node.test))
            except (RefusalError, OutOfBoundsError) as refused:
                raise CompileError(refused.diagnostic) from None

    def _check_known(self, node: tree.Where, graph: Graph) -> None:
        """Refuses a condition on a measure that depends on sizes that are not known."""
        for part in tree.walk(node.test):
            if isinstance(part, tree.Name) and part.id in MEASURES and self.frame.names[part.id] is None:
                sizes = _unknown_sizes(graph)
                message = f"`{part.id}` is not known while {', '.join(sorted(sizes))} {are(len(sizes))} not"
                hint = "give the inputs sizes that are numbers, but for the batch"
                raise self.refuse("G124", message, part.span, help=hint)

    # What statements become

    def claim(self, name: str, word: str, span: Span) -> None:
        if name in self.ports:
            before, place = self.ports[name]
            fault = self.refuse("G111", f"an {before} is named `{name}` already", span).diagnostic
            raise RefusalError(replace(fault, marks=(Mark(place, "first here"),)))
        self.ports[name] = word, span

    def add_input(self, name: str, kind: TensorType, span: Span) -> Value:
        return self.builder.input(name, kind, span)

    def add_output(self, name: str, value: Value, *, is_exit: bool, span: Span) -> None:
        self.builder.output(name, value, is_exit=is_exit, span=span)

    def made_by(self, value: Value) -> ops.Operator | None:
        return next((node.op for node in reversed(self.builder.nodes) if value in node.results), None)

    def nodes_made(self) -> int:
        return len(self.builder.nodes)

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        if self.definition.kind == "arch":
            raise self.refuse("G104", "a choice belongs in a `space`: an `arch` has none to make", node.span)
        again = path in self.domains
        known = self.domains.setdefault(path, (domain, node.span))
        if again and self.frame.scope.motif is None and not self.owners.is_sharing:
            raise self.refuse("G134", f"two choices would have the path `{path}`", node.span, help=TWO_CHOICES)
        if known[0] != domain:
            message = f"the choice `{path}` has other options here than where it was first made"
            raise self.refuse("G305", message, node.span, [(known[1], None)])
        if path not in self.made:
            raise self.refuse("G304", f"the candidate makes no choice `{path}`", node.span)
        picks = domain.find(self.made[path])
        if picks is None:
            message = f"`{path}` cannot be {self.made[path][:60]}"
            raise self.refuse("G304", message, node.span, help=domain.hint(self.made[path]))
        return picks

    def require(self, node: tree.Where, holds: bool) -> None:
        self._only_in_a_space(node)
        if not holds:
            read = sorted({part.id for part in tree.walk(node.test) if isinstance(part, tree.Name)})
            known = [(name, self.frame.names.get(name)) for name in read]
            told = [f"`{name}` is {value:,}" for name, value in known if is_number(value)]
            raise OutOfBoundsError(self.refuse("G303", NOT_MET, node.span, help=", ".join(told) or None).diagnostic)

    def postpone(self, node: tree.Where) -> None:
        self._only_in_a_space(node)
        self.measures.append(node)

    def _only_in_a_space(self, node: tree.Where) -> None:
        if self.definition.kind == "arch":
            raise self.refuse("G104", "a `where` belongs in a `space`: an `arch` has nothing to filter", node.span)

    # What calls become

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        if len(self.builder.nodes) >= self.limits.nodes:
            most = self.limits.nodes
            raise self.exhausted("G126", f"the graph has more than {most:,} node{'s' * (most != 1)}", span)
        results = self.builder.add(op, tensors, path, self.frame.scope, span)
        shapes = self.builder.nodes[-1].weights
        if shapes:
            self._own(path, op, shapes, span)
        return results

    def _own(self, path: str, op: ops.Operator, shapes: tuple[ops.Weight, ...], span: Span) -> None:
        if not path:
            message = f"the weights of `{op.name}` lie at the top, where they need a label other than `self`"
            raise self.refuse("G132", message, span)
        for weight in shapes:
            if weight.numel > _MOST_NUMBERS:
                raise self.refuse("G126", f"no tensor has so many numbers: `{path}.{weight.name}`", span)
        try:
            self.owners.add(path, op, shapes, self.frame.scope, span)
        except ClashError as clash:
            raise self._clash(clash, span) from None

    def _clash(self, clash: ClashError, span: Span) -> RefusalError:
        hint = "give one of them another label, with `as`" if clash.code == "G130" else None
        fault = self.refuse(clash.code, clash.message, span, (), hint).diagnostic
        owner = clash.owner
        if owner.span != span:
            return RefusalError(replace(fault, marks=(Mark(owner.span, "first here"),)))
        first = f"first in {owner.scope.name}, called at {owner.scope.span}"
        return RefusalError(replace(fault, notes=(*fault.notes, first)) if owner.scope.span else fault)

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        faults = len(self.faults)
        if not self.run(block.definition.body):
            if len(self.faults) > faults:
                raise PoisonedError
            is_passed = any(isinstance(node, tree.Return) for node in tree.walk(block.definition.body))
            hint = "no `return` was met on this way through it" if is_passed else None
            raise self.refuse("G131", f"`{block.name}` returns nothing", block.definition.name_span, help=hint)
        return frame.result

    def enter_shared(self, stage: Shared) -> None:
        self.owners.enter(stage)

    def leave_shared(self) -> None:
        self.owners.leave()
