"""A definition, its settings and choices go in; its graph, and the places that no output needs, come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.ir import Graph, Node, Scope, Value
from ghndsl.language import tree
from ghndsl.language.context import Frame, Turn, calls_to
from ghndsl.language.elaborate import Elaborator
from ghndsl.language.limits import Limits
from ghndsl.language.lint.order import torch_order, torch_pair
from ghndsl.language.modules import Module
from ghndsl.language.run import Marks
from ghndsl.language.values import At, BlockName, Pending, Result
from ghndsl.records import record


@record
class Idle:
    """Parts that feed no output, each by the place of its cause, and the places of parts that feed one.

    `doubts` are warnings about calls, which hold whatever else uses them.
    """

    warnings: Mapping[Span, Diagnostic]
    needed: frozenset[Span]
    doubts: Mapping[Span, Diagnostic]


class Watching(Elaborator):
    """Elaborates a definition and remembers what became of its tensors, to tell why a part feeds no output.

    `told` are the places of names that nothing reads: what is given to them alone is no cause of its own.
    """

    def __init__(
        self,
        module: Module,
        definition: tree.Definition,
        settings: Mapping[str, Result],
        choices: Mapping[str, str],
        limits: Limits,
        told: frozenset[Span],
    ) -> None:
        super().__init__(module, definition, settings, choices, limits)
        self.told = told
        self.explained = set[int]()
        self.returned: dict[Scope, frozenset[int]] = {}
        self.turns: dict[int, tuple[Turn, ...]] = {}
        self.doubts: dict[Span, Diagnostic] = {}
        self.extremes: dict[int, ops.Max | ops.Min] = {}

    def bind(self, names: tuple[tree.Name, ...], value: Result, span: Span) -> None:
        super().bind(names, value, span)
        for name in names:
            if name.span in self.told:
                self.explained.update(_tensors(self.frame.names[name.id]))

    def fitted(
        self, parameter: tree.Parameter, value: Result, frame: Frame, span: Span, marks: Marks, code: str = "G120"
    ) -> Result:
        if parameter.is_tensor and parameter.name_span in self.told:
            self.explained.update(_tensors(value))
        return super().fitted(parameter, value, frame, span, marks, code)

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        results = super().add_node(op, tensors, path, span)
        if self.frame.turns:
            self.turns[results[0].id] = tuple(self.frame.turns)
        if isinstance(op, ops.Max | ops.Min):
            self.extremes[results[0].id] = op
        maker = self.extremes.get(tensors[0].id) if tensors else None
        self._doubt(torch_pair(maker, op, span) if maker else None)
        return results

    def apply_pending(
        self, pending: Pending, sources: tuple[Result, ...], at: At | None, span: Span, marks: Marks
    ) -> Result:
        self._doubt(torch_order(pending, (*sources, *pending.tensors)))
        return super().apply_pending(pending, sources, at, span, marks)

    def _doubt(self, doubt: Diagnostic | None) -> None:
        if doubt is not None and doubt.span is not None:
            self.doubts.setdefault(doubt.span, doubt)

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        result = super().run_block(block, frame, span)
        self.returned[frame.scope] = frozenset(_tensors(result))
        return result

    def idle(self, graph: Graph) -> Idle:
        """The parts of the finished graph that feed no output."""
        used = {value.id for node in graph.nodes for value in node.inputs}
        needed = frozenset(self._needed(graph))
        warnings: dict[Span, Diagnostic] = {}
        for warning in self._causes(graph, used | self.explained, needed):
            if warning.span is not None:
                warnings.setdefault(warning.span, warning)
        return Idle(warnings, needed, self.doubts)

    def _causes(self, graph: Graph, explained: set[int], needed: Set[Span]) -> Iterator[Diagnostic]:
        for port in graph.arguments:
            told = port.value.id in explained or port.span in self.told
            if port.value.id not in graph.needed and not told:
                yield Diagnostic("G146", f"the input `{port.name}` is never used", port.span, severity="warning")
        for node in graph.nodes:
            results = {value.id for value in node.results}
            if results.isdisjoint(graph.needed) and results.isdisjoint(explained):
                returned = self.returned.get(node.scope, frozenset())
                # One of the results of a block need not be used by every call of it.
                is_spare = not results.isdisjoint(returned) and not returned.isdisjoint(graph.needed)
                if not is_spare or node.span not in needed:
                    yield self._cause(node, results, graph.needed)

    def _cause(self, node: Node, results: set[int], needed: Set[int]) -> Diagnostic:
        """The warning about a node that nothing uses, at the outermost call of which nothing is used."""
        scope, span = node.scope, node.span
        loops = [pair for turn in self.turns.get(node.results[0].id, ()) for pair in turn.variables]
        while scope.parent is not None:
            returned = self.returned.get(scope, frozenset())
            if results.isdisjoint(returned) or not returned.isdisjoint(needed):
                break
            scope, span, loops = scope.parent, scope.span, list(scope.loops)
        shown = " ".join(span.text.split()) if span else node.path
        message = f"`{shown if len(shown) <= _LONGEST else f'{shown[:_LONGEST]}…'}` feeds no output"
        notes = tuple(calls_to(scope, loops))
        return Diagnostic("G143", message, span, (), notes, "take it out, or use what it gives", "warning")

    def _needed(self, graph: Graph) -> Iterator[Span]:
        """The places of inputs, nodes and calls whose values some output needs."""
        for port in graph.arguments:
            if port.span and port.value.id in graph.needed:
                yield port.span
        for node in graph.nodes:
            if node.span and not graph.needed.isdisjoint(value.id for value in node.results):
                yield node.span
        for scope, results in self.returned.items():
            if scope.span and not graph.needed.isdisjoint(results):
                yield scope.span


_LONGEST = 40


def _tensors(value: Result) -> Iterator[int]:
    """The tensors that a value is made of."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Value):
            yield item.id
        elif isinstance(item, tuple):
            stack += item
        elif isinstance(item, Pending):
            stack += item.tensors
