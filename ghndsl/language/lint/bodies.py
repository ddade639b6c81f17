"""Definitions that nothing may run go in; what is wrong in them, whatever their arguments are, comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic
from ghndsl.ir import Scope
from ghndsl.language import tree
from ghndsl.language.block_calls import no_parameter
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.context import Frame, RefusalError
from ghndsl.language.limits import Limits
from ghndsl.language.lint.names import unknown_names
from ghndsl.language.lint.reads import own_names, reads
from ghndsl.language.modules import Module
from ghndsl.language.recursion import deep_recursion
from ghndsl.language.statements import Statements
from ghndsl.language.values import At, OperatorName, Pending


def text_faults(module: Module, limits: Limits) -> list[Diagnostic]:
    """What is wrong in the definitions of a text, whether or not something calls them."""
    bodies = _Bodies(module, limits)
    with deep_recursion():
        found = (fault for one in module.definitions.values() for fault in bodies.faults(one))
        # Some of them are met in a run too; of both together, no more than the limit are told.
        return list(islice(found, 2 * limits.errors))


class _Bodies:
    """Looks into bodies; what it evaluates, in all of them together, is bounded as a run is."""

    def __init__(self, module: Module, limits: Limits) -> None:
        self.module = module
        self.top = Scope("arch", "")
        self.run = Statements(limits, Frame(module, self.top, At("", "")))
        self.is_exhausted = False

    def faults(self, definition: tree.Definition) -> Iterator[Diagnostic]:
        yield from self._refused(lambda: self.run.check_types(definition))
        yield from unknown_names(self.module, definition)
        yield from self._misplaced(definition)
        yield from self._calls(definition)

    def _misplaced(self, definition: tree.Definition) -> Iterator[Diagnostic]:
        """Statements that do not belong in this kind of definition, and a block that returns nothing."""
        is_block = definition.kind in ("block", "motif")
        wrong = tree.Input | tree.Output if is_block else tree.Return
        self.run.frame.scope = Scope(definition.kind, definition.name, parent=self.top if is_block else None)
        parts = list(tree.walk(definition.body))
        for node in parts:
            if isinstance(node, wrong):
                yield from self._refused(partial(self.run.execute, node))
        if is_block and not any(isinstance(node, tree.Return) for node in parts):
            yield Diagnostic("G131", f"`{definition.name}` returns nothing", definition.name_span)

    def _calls(self, definition: tree.Definition) -> Iterator[Diagnostic]:
        """Calls that give what the operator or block does not have, or literal values that it refuses.

        What the definition gives a value itself is left out: what that calls is known in a run alone.
        """
        own = own_names(definition)
        parts = list(tree.walk((definition.parameters, definition.body)))
        links = {id(_unlabelled(link)) for one in parts if isinstance(one, tree.Chain) for link in one.links}
        for node in parts:
            if isinstance(node, tree.Call) and isinstance(node.callee, tree.Name) and node.callee.id not in own:
                yield from self._call(node, node.callee.id, is_link=id(node) in links)

    def _call(self, node: tree.Call, callee: str, *, is_link: bool) -> Iterator[Diagnostic]:
        found = self.module.find(callee)
        if found is not None:
            for argument in node.arguments:
                if argument.name and all(argument.name != one.name for one in found[0].parameters):
                    message, hint = no_parameter(found[0], argument.name)
                    yield Diagnostic("G120", message, argument.name_span, help=hint)
        elif callee in ops.TABLE and callee not in self.module.missing:
            yield from self._operator(node, OperatorName(ops.TABLE[callee]), is_link=is_link)

    def _operator(self, node: tree.Call, callee: OperatorName, *, is_link: bool) -> Iterator[Diagnostic]:
        known = {attribute.name for attribute in ops.attributes(callee.cls)}
        wrong = [argument for argument in node.arguments if argument.name and argument.name not in known]
        for argument in wrong:
            try:
                ops.bind(callee.cls, (), {argument.name or "": None})
            except ops.SignatureError as error:
                yield Diagnostic("G120", str(error), argument.name_span, help=error.help)
        if not wrong and callee.tensors != 0 and next(reads(node.arguments), None) is None:
            yield from self._refused(lambda: self._bind(node, is_link=is_link))

    def _bind(self, node: tree.Call, *, is_link: bool) -> None:
        """Refuses a call of an operator whose arguments are all written out, if a run would."""
        pending = self.run.call(node, None, is_link=is_link)
        if isinstance(pending, Pending) and isinstance(pending.callee, OperatorName):
            self.run.bound(pending.callee, pending, node.span, ())

    def _refused(self, action: Callable[[], object]) -> Iterator[Diagnostic]:
        if self.is_exhausted:
            return
        try:
            action()
        except RefusalError as refused:
            yield replace(refused.diagnostic, notes=())
        except OutOfBoundsError:
            self.is_exhausted = True


def _unlabelled(link: tree.Expression) -> tree.Expression:
    while isinstance(link, tree.Labelled):
        link = link.value
    return link
