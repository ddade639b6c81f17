"""A space and choices that were planned in part go in; a refusal comes out where what follows may depend on one.

What a plan saw of the ways that it tried tells nothing of the others. So the text is read: names that are computed from
such a choice depend on it, and what is computed from them, or under a condition or a loop over them. As long as no
`where` and no further choice depends on it, every way leads on to the same choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ghndsl.diagnostics import CompileError, Diagnostic, Mark
from ghndsl.language import tree
from ghndsl.language.modules import Module
from ghndsl.language.tensor_syntax import MEASURES
from ghndsl.space.planning.bundles import HINT, too_many
from ghndsl.space.planning.tainting import DependentError, Tainting
from ghndsl.space.planning.traits import Body, Trait
from ghndsl.space.ways.diagram import Pick


def check_independent(module: Module, definition: tree.Definition, tried: Iterable[Pick]) -> None:
    """Raises `CompileError` when something that chooses or drops candidates may depend on a choice tried in part."""
    for pick in {pick.span: pick for pick in tried}.values():
        try:
            _Dependence(module, definition, pick).settle()
        except DependentError as found:
            message = f"{too_many(pick)}, and this may depend on which is taken"
            marks = () if pick.span is None else (Mark(pick.span, "chosen here"),)
            raise CompileError(Diagnostic("G306", message, found.span, marks, (), HINT)) from None


class _Dependence(Tainting):
    """Reads all bodies of a space until nothing new is known of any."""

    def __init__(self, module: Module, definition: tree.Definition, pick: Pick) -> None:
        super().__init__(module, definition)
        self.definition = definition
        self.pick = pick
        self._top = 0

    def settle(self) -> None:
        """Raises `DependentError`."""
        self.has_changed = True
        while self.has_changed:
            self.has_changed = False
            for body in self.bodies.values():
                self.body = body
                self._read(body)

    def _read(self, body: Body) -> None:
        for parameter in body.definition.parameters:
            loose = self.loose_tensors if parameter.is_tensor else self.loose_values
            default = self.traits(parameter.default, under=False)
            self.give_parameter(body, parameter, default | loose if body.is_loose else default)
        for statement in body.definition.body:
            self._top = statement.span.start
            self._statement(statement, under=False)

    def _statements(self, statements: Sequence[tree.Statement], *, under: bool) -> None:
        for statement in statements:
            self._statement(statement, under=under)

    def _statement(self, node: tree.Statement, *, under: bool) -> None:
        """Reads a statement; `under` says that whether it runs depends on the choice."""
        under = under or (self.body.left is not None and self.body.left <= node.span.start)
        told = Trait.TAINTED if under else Trait.NONE
        match node:
            case tree.Assign():
                self._assign(node, self.all(node.values, under=under) | told)
            case tree.Input():
                self.give(self.body, node.name.id, Trait.TENSOR)
                self.name_sizes(self.body, node.type, Trait.NONE)
            case tree.Output():
                self.traits(node.value, under=under)
            case tree.Return():
                self._return(self.all(node.values, under=under) | told, under=under)
            case tree.For():
                items = self.traits(node.iterable, under=under)
                self._bind(node.names, items | told)
                self._statements(node.body, under=under or Trait.TAINTED in items)
            case tree.If():
                test = self.traits(node.test, under=under)
                self._statements((*node.then, *node.otherwise), under=under or Trait.TAINTED in test)
            case tree.Choose():
                self._choose(node, under=under)
            case tree.Where():
                self._where(node, under=under)

    def _bind(self, names: Sequence[tree.Name], traits: Trait) -> None:
        for name in names:
            self.give(self.body, name.id, traits)

    def _assign(self, node: tree.Assign, traits: Trait) -> None:
        self._bind(node.names, traits)
        if isinstance(node.type, tree.ShapeType):
            self.name_sizes(self.body, node.type, traits)

    def _return(self, traits: Trait, *, under: bool) -> None:
        body = self.body
        self.has_changed = self.has_changed or bool(traits & ~body.result)
        body.result |= traits
        if under and (body.left is None or self._top < body.left):
            body.left, self.has_changed = self._top, True

    def _choose(self, node: tree.Choose, *, under: bool) -> None:
        call = node.dags
        asked = [node.domain] if call is None else [argument.value for argument in call.arguments]
        domain = self.all([one for one in asked if one is not None], under=under)
        if under or Trait.TAINTED in domain:
            raise DependentError(node.span)
        is_it = node.span == self.pick.span
        # Which of its operations a graph applies, and how often, depends on it.
        branches = self.all([branch.value for branch in node.branches or ()], under=is_it)
        made = domain | branches if call is None else Trait.OTHER | (branches & ~Trait.TENSOR)
        self._bind(node.names, made | (Trait.TAINTED if is_it else Trait.NONE))

    def _where(self, node: tree.Where, *, under: bool) -> None:
        test = self.traits(node.test, under=under)
        read = {part.id for part in tree.walk(node.test) if isinstance(part, tree.Name)}
        # One over measures is tested on the graph of each candidate, unless all of them meet it.
        is_measured = self.body.definition is self.definition and bool(read & set(MEASURES) - self.body.bound)
        if under or (Trait.TAINTED in test and not is_measured):
            raise DependentError(node.span)
