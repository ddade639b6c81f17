"""What runs of statements make goes in; what it costs is told along with the answers given, where that is asked for.

The weights of a labelled stage are told apart from all else: they are made at its first use alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl import ops
from ghndsl.diagnostics import Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.choices import Domain
from ghndsl.language.context import Frame
from ghndsl.language.graph_choices import GraphDomain
from ghndsl.language.limits import Limits
from ghndsl.language.tensor_syntax import MEASURES
from ghndsl.space.measures.conditions import condition_of
from ghndsl.space.measures.costs import Kept, Limit, StageKey, Used, Way, without_weights
from ghndsl.space.planning.ledger import Ledger
from ghndsl.space.planning.runs import MOST_GRAPHS
from ghndsl.space.planning.sharing import Sharing
from ghndsl.types import TensorType


class Paying(Sharing):
    """Runs the statements of a definition; the ledger is None where nothing asks what they cost."""

    def __init__(self, limits: Limits, frame: Frame, definition: tree.Definition, *, feasible: bool) -> None:
        super().__init__(limits, frame, definition, feasible=feasible)
        self.definition = definition
        self.ledger = Ledger() if feasible and _asks_measures(definition) else None
        self._settled: dict[int, bool] = {}

    def _part(self) -> StageKey | None:
        """The part of a labelled stage that is used next; None outside of any."""
        if not self.shared or self.ledger is None:
            return None
        if self.shared[0].key != self.token:
            self.ledger.leave_weights()
        self.current.parts += 1
        return self.shared[0].at.path, self.current.parts

    def add_input(self, name: str, kind: TensorType, span: Span) -> Value:
        if self.ledger is not None and sum(port == "input" for port, _ in self.ports) == 1:
            self.ledger.begin(kind)
        return super().add_input(name, kind, span)

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        results = super().add_node(op, tensors, path, span)
        if self.ledger is None:
            return results
        types = tuple([tensor.type for tensor in tensors])
        cost, key = self.ledger.cost(op, types, results), self._part()
        if key is not None and cost[3]:
            self.current.tell(Kept(key, (op, types), cost[0], cost[3]))
            cost = without_weights(cost)
        self.current.spend(cost)
        return results

    def pay(self, prefix: str, way: Way | None, *, is_absolute: bool, decides: bool) -> None:
        """Tells what a call costs whose choices are below a prefix; with `decides`, they are asked next."""
        if way is None:
            return
        key = self._part()
        if way.is_settled and key is None and not decides:
            self.current.spend(way.cost)
        else:
            self.current.tell(Used(prefix, is_absolute, way, key, decides))

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        if self.ledger is not None and isinstance(domain, GraphDomain) and domain.size > MOST_GRAPHS:
            self.ledger.is_partial = True
        return super().pick(path, domain, node)

    def postpone(self, node: tree.Where) -> None:
        super().postpone(node)
        if self.ledger is None:
            return
        if id(node) not in self._settled:
            read = {part.id for part in tree.walk(node.test) if isinstance(part, tree.Name)}
            self._settled[id(node)] = not read & _bound_later(self.definition, node)
        is_settled = self._settled[id(node)]
        condition = condition_of(node.test, self.frame.names, self.value) if is_settled else None
        self.current.tell(Limit(condition, node.test.span.text, node.span))


def _asks_measures(definition: tree.Definition) -> bool:
    """Whether some `where` of a definition may be about measures."""
    parts = [part for statement in definition.body for part in tree.walk(statement)]
    tests = [part.test for part in parts if isinstance(part, tree.Where)]
    return any(isinstance(name, tree.Name) and name.id in MEASURES for test in tests for name in tree.walk(test))


def _bound_later(definition: tree.Definition, node: tree.Where) -> set[str]:
    """The names that may be given a value after a statement: it is their last one that counts in the end."""
    found: set[str] = set()
    for statement in definition.body:
        parts = list(tree.walk(statement))
        again = any(isinstance(part, tree.For) and part.span.start <= node.span.start < part.span.end for part in parts)
        for part in parts:
            if again or part.span.start > node.span.start:
                found.update(_bound(part))
    return found


def _bound(node: tree.Syntax) -> list[str]:
    """The names that a statement itself gives a value; the free names of an input's sizes are among them."""
    if isinstance(node, tree.Assign | tree.For | tree.Choose):
        return [name.id for name in node.names]
    return [part.id for part in tree.walk(node) if isinstance(part, tree.Name)] if isinstance(node, tree.Input) else []
